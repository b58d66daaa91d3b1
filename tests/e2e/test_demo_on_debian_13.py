"""`make demo` on Debian 13, with cgroup v2 alone: on its own engine 26.1, and as root on hosts of a sandbox."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sandbox import images, paths, project, provider
from sandbox.demo import BALANCER, MARATHON, TASK_IMAGE
from sandbox.demo.engines import PUBLIC, SANDBOX, names_of_images
from sandbox.hosts import VirtualMachine
from sandbox.process import wait_until
from sandbox.vm.machine import EMULATED_SECONDS
from tests.e2e.virtual import booted

pytestmark = pytest.mark.full

SECONDS = 2400  # an emulated machine takes its time
AS_ROOT = Path(__file__).with_name("demo_as_root.sh")
LOG = "/var/log/demo.log"


def test_the_demo_upgrades_a_cluster_on_the_own_engine_of_debian_13(measured: Callable[[str], None]) -> None:
    with booted("debian13", memory=4096) as host:
        images.ensure([*names_of_images(PUBLIC), TASK_IMAGE])
        install(host)
        started = time.monotonic()
        output = run_make(host, "demo")
        print(output)
        measured(f"make demo on Debian 13, an emulated machine: {time.monotonic() - started:.0f} s")
        assert "The cluster runs on this machine's own Docker engine" in output
        assert f"Marathon {MARATHON}" in output
        assert "Same agent ids, tasks, containers and processes as before the upgrade" in output
        run_make(host, "down")
        assert host.run("docker", "ps", "--all", "--quiet", timeout=EMULATED_SECONDS) == ""


def test_the_demo_upgrades_a_cluster_on_hosts_of_a_sandbox_on_cgroup_v2_alone(measured: Callable[[str], None]) -> None:
    with booted("debian13-bare", memory=6144) as host:
        images.ensure([*names_of_images(SANDBOX), f"mesosphere/marathon-lb:{BALANCER}", TASK_IMAGE])
        install(host, paths.cache() / "registry")
        started = time.monotonic()
        # Five engines on two emulated cores would take hours.
        words = (
            "systemd-run",
            "--setenv=HOME=/root",
            "--setenv=SMALL=yes",
            "bash",
            str(AS_ROOT),
            str(project.ROOT),
            LOG,
        )
        host.run(*words, timeout=EMULATED_SECONDS)
        # The machine takes no logins before the demo has ended.
        wait_until(lambda: "exit code " in log(host), lambda: f"the demo does not end: {log(host)}", 2 * SECONDS)
        output = log(host)
        print(output)
        measured(f"make demo as root on Debian 13, an emulated machine: {time.monotonic() - started:.0f} s")
        assert output.endswith("exit code 0\n")
        assert "The cluster runs on these hosts, which Terraform reaches over ssh" in output
        assert "Same agent ids, tasks, containers and processes as before the upgrade" in output
        assert "dockerd" not in host.run("ps", "-A", "-o", "comm=", timeout=EMULATED_SECONDS)


def log(host: VirtualMachine) -> str:
    """What the demo has printed, or nothing while no login succeeds."""
    with suppress(RuntimeError):
        return host.run("cat", LOG, timeout=60)
    return ""


def run_make(host: VirtualMachine, target: str) -> str:
    """Run make in this repository's folder on the machine; returns what it printed."""
    done = subprocess.run(
        host.command("sh", "-c", f"cd {project.ROOT} && make {target} 2>&1"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(host: VirtualMachine, *more: Path) -> None:
    """Copy this repository to the machine as `make setup` leaves it, with the programs that it needs, to equal paths.

    The machine reaches no package registries but Debian's, so it cannot run `make setup` itself.

    Args:
        host: the machine.
        more: further folders to copy.
    """
    wanted = [
        *(project.ROOT, (project.ROOT / ".venv").resolve(), (project.ROOT / "node_modules").resolve()),
        *(Path(sys.base_prefix), provider.terraform(), program("node"), program("make"), provider.cli_config()),
        *mirrors(),
        *libraries(),
        *more,
    ]
    names = [str(path).lstrip("/") for path in dict.fromkeys(wanted)]
    # With Python's byte code: an emulated machine needs minutes to compile the CDK.
    archive = ["tar", "--directory=/", "--create", "--exclude=.git", *names]
    with sent(archive) as port:
        host.run(
            "bash", "-c", f"tar -x --skip-old-files -C / < /dev/tcp/{paths.BRIDGE_ADDRESS}/{port}", timeout=SECONDS
        )
    host.run("ldconfig", timeout=EMULATED_SECONDS)
    # cdktf-cli wants a Python on PATH, as `make setup` has one.
    host.run("ln", "-s", f"{sys.base_prefix}/bin/python3", "/usr/local/bin/python3", timeout=EMULATED_SECONDS)


def program(name: str) -> Path:
    """A program on PATH."""
    found = shutil.which(name)
    assert found, f"{name} is not on PATH"
    return Path(found).resolve()


def mirrors() -> list[Path]:
    """The folders from which Terraform gets the providers."""
    return [Path(path) for path in re.findall(r'path\s*=\s*"(.*)"', provider.cli_config().read_text())]


def libraries() -> set[Path]:
    """The shared libraries that this Python's modules need, and that a small Debian may lack."""
    modules = Path(sys.base_prefix).glob("lib/python*/lib-dynload/*.so")
    needed = subprocess.run(["ldd", *map(str, modules)], capture_output=True, text=True, check=True).stdout
    found = {Path(path) for path in re.findall(r"=> (/\S+)", needed)}
    rare = re.compile(r"lib(ffi|sqlite3|readline|tinfo|bz2|lzma|uuid|ncursesw|panelw|crypt|ssl|crypto)[.]so")
    return {each for path in found if rare.match(path.name) for each in (path, path.resolve())}


@contextmanager
def sent(command: list[str]) -> Iterator[int]:
    """What the command prints is sent to the first that connects to the port, on the sandbox's bridge.

    Raises:
        RuntimeError: the command has not ended two minutes after the block.
    """
    with socket.create_server((paths.BRIDGE_ADDRESS, 0)) as server:
        server.settimeout(120)

        def send() -> None:
            connection, _ = server.accept()
            with connection:
                subprocess.run(command, stdout=connection.fileno(), check=True)

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        yield server.getsockname()[1]
        sender.join(120)
        if sender.is_alive():
            raise RuntimeError(f"not at its end after two minutes: {command[0]}")
