"""The sandbox's command line: `python -m sandbox --help`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from sandbox import cache, hosts, images, lock, network, paths, provider, registry, status

_FAULTS = (
    "power-off",
    "power-on",
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
    """Runs one command; its failure is one text on standard error."""
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
            for host in hosts.up(arguments.hosts):
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
            raise RuntimeError("there is no sandbox: first `up`")
        if do == "stop":
            registry.stop()
        else:
            registry.ensure_running()


def _clean() -> None:
    with lock.held():
        if registry.pids():
            raise RuntimeError("the registry runs and keeps its images in the cache: first `down`")
        cache.clean()


def _host(name: str) -> hosts.Host:
    host = hosts.Host(name)
    if host not in hosts.existing():
        raise ValueError(f"there is no host {name}: there are {[other.name for other in hosts.existing()]}")
    return host


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A datacenter on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="bridge, image registry and hosts; may be run again, also with more hosts")
    up.add_argument("--hosts", type=int, default=5, metavar="N", help="how many; default: 5, as the demo has")
    commands.add_parser("down", help="ends and removes all of it; the cache stays")
    commands.add_parser("status", help="what runs")
    shell = commands.add_parser("shell", help="a root shell, or a command, on a host")
    shell.add_argument("host", metavar="HOST")
    shell.add_argument("words", metavar="COMMAND", nargs=argparse.REMAINDER)
    fault = commands.add_parser("fault", help="something breaks on a host, or is mended")
    fault.add_argument("host", metavar="HOST")
    fault.add_argument("fault", metavar="FAULT", choices=_FAULTS, help=", ".join(_FAULTS))
    service = commands.add_parser("registry", help="the image registry is gone, or back: for all hosts")
    service.add_argument("do", choices=("stop", "start"))
    build = commands.add_parser("images", help="builds what is missing into the registry")
    build.add_argument("names", metavar="NAME", nargs="*", help="like zookeeper:3.9.4; default: all")
    commands.add_parser("provider", help="Terraform's CLI configuration for this machine; prints its path")
    commands.add_parser("clean", help="empties the cache")
    return parser


if __name__ == "__main__":
    sys.exit(main())
