"""The sandbox's command line: `python -m sandbox --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from sandbox import cache, hosts, images, lock, network, paths, provider, registry, status
from sandbox.vm.kinds import KINDS

_FAULTS = (
    "power-off",
    "power-on",
    "reboot",
    "partition",
    "heal",
    "engine-stop",
    "engine-start",
    "engine-hang",
    "engine-resume",
    "disk-full",
    "disk-free",
)


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command. If it fails, prints one message on standard error and returns 1."""
    arguments = _parser().parse_args(words)
    try:
        _run(arguments)
    except (RuntimeError, OSError, ValueError) as problem:
        print(f"sandbox {arguments.command}: {problem}", file=sys.stderr)
        return 1
    return 0


def _run(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "up":
            up = hosts.up(arguments.hosts) if arguments.hosts else []
            virtual = hosts.up_virtual(arguments.vm, memory=arguments.memory) if arguments.vm else []
            for host in (*up, *virtual):
                print(host.name, host.address, host.engine, host.ssh_engine)
        case "down":
            hosts.down()
        case "status":
            print("\n".join(status.lines()))
        case "images":
            images.ensure(arguments.names)
        case "provider":
            print(provider.cli_config())
        case "clean":
            _clean()
        case "shell":
            command = _host(arguments.host).command(*arguments.words)
            os.execvp(command[0], command)
        case "registry":
            _registry(arguments.do)
        case "fault":
            getattr(_host(arguments.host), arguments.fault.replace("-", "_"))()


def _registry(do: str) -> None:
    with lock.held():
        if not network.exists(paths.BRIDGE):
            raise RuntimeError("there is no sandbox: run `up` first")
        if do == "stop":
            registry.stop()
        else:
            registry.ensure_running()


def _clean() -> None:
    with lock.held():
        if registry.pids():
            raise RuntimeError("the registry is running and keeps its images in the cache: run `down` first")
        cache.clean()


def _host(name: str) -> hosts.Host:
    existing = {host.name: host for host in hosts.existing()}
    if name not in existing:
        raise ValueError(f"there is no host {name}: the sandbox has {', '.join(existing) or 'no hosts'}")
    return existing[name]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A datacenter on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start bridge, image registry and hosts; run it again to add hosts")
    up.add_argument("--hosts", type=int, default=5, metavar="N", help="how many hosts; default: 5, as in the demo")
    up.add_argument(
        "--vm",
        metavar="KIND",
        action="append",
        choices=KINDS,
        help=f"add a virtual machine, vm1 and so on; may be repeated. KIND is one of {', '.join(KINDS)}",
    )
    up.add_argument("--memory", type=int, default=1024, metavar="MIB", help="of each virtual machine; default: 1024")
    commands.add_parser("down", help="stop and remove everything but the cache")
    commands.add_parser("status", help="show what runs")
    shell = commands.add_parser("shell", help="open a root shell on a host, or run a command there as root")
    shell.add_argument("host", metavar="HOST")
    shell.add_argument("words", metavar="COMMAND", nargs=argparse.REMAINDER)
    fault = commands.add_parser("fault", help="break something on a host, or repair it")
    fault.add_argument("host", metavar="HOST")
    fault.add_argument("fault", metavar="FAULT", choices=_FAULTS, help=", ".join(_FAULTS))
    service = commands.add_parser("registry", help="stop the image registry, or start it again, for all hosts")
    service.add_argument("do", choices=("stop", "start"))
    build = commands.add_parser("images", help="build the images that the registry lacks")
    build.add_argument("names", metavar="NAME", nargs="*", help="for example zookeeper:3.9.4; default: all")
    commands.add_parser("provider", help="write Terraform's CLI configuration for this machine, and print its path")
    commands.add_parser("clean", help="empty the cache")
    return parser


if __name__ == "__main__":
    sys.exit(main())
