"""Virtual machines of the tests, and what each kind promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox import hosts, images, lock, machine
from sandbox.hosts import Host, VirtualMachine
from sandbox.project import Project
from sandbox.static import static_project, task_containers
from sandbox.vm.machine import EMULATED_SECONDS
from tests.e2e.conftest import VIRTUAL

IMAGE = "busybox:1.35.0"
MEMORY = 64 << 20  # bytes

# What each kind is to be: the version of cgroups, the engine's release, and where it keeps images.
KINDS = {
    "debian12": ("2", "20.10.", "overlay2"),
    "debian12-v1": ("1", "20.10.", "overlay2"),
    "debian13": ("2", "26.1.", "overlay2"),
    "forky": ("2", "28.", "overlay2"),
    "forky-containerd": ("2", "28.", "overlayfs"),
    "forky-29": ("2", "29.", "overlayfs"),
}
LIMITS = {"1": "/sys/fs/cgroup/memory/memory.limit_in_bytes", "2": "/sys/fs/cgroup/memory.max"}


@contextmanager
def booted(kind: str, memory: int = 1024, number: int = VIRTUAL) -> Iterator[VirtualMachine]:
    """A new machine of this kind, with its memory in MiB; it is removed afterwards."""
    reason = machine.unavailable()
    if reason:
        pytest.skip(f"no sandbox on this machine: {reason}")
    images.ensure([IMAGE])
    remove(number)
    try:
        yield hosts.up_virtual([kind], number, memory)[0]
    finally:
        remove(number)


def remove(number: int) -> None:
    with lock.held():
        hosts.remove(f"vm{number}")


def emulated_project(
    directory: Path, name: str, control: Sequence[Host], agents: Sequence[Host], /, **settings: Any
) -> Project:
    """As `static_project`, for hosts some of which are virtual machines: all waits are long."""
    project = static_project(directory, name, control, agents, {"preflight_seconds": EMULATED_SECONDS}, **settings)
    project.change(wait_seconds=EMULATED_SECONDS)
    project.timeout = 2400
    return project


def limit_inside(host: VirtualMachine, cgroups: str) -> str:
    """What a container with a memory limit sees of it."""
    with closing(host.docker(timeout=EMULATED_SECONDS)) as client:
        return str(
            client.containers.run(IMAGE, ["cat", LIMITS[cgroups]], mem_limit=MEMORY, remove=True).decode().strip()
        )


def task_limits(host: VirtualMachine) -> tuple[int, int]:
    """The memory limits of the first Docker task on the host, in bytes: what it sees, and what its container has."""
    name = next(iter(task_containers(host)))
    version = "2" if host.run("stat", "-f", "-c", "%T", "/sys/fs/cgroup").strip() == "cgroup2fs" else "1"
    seen = host.run("docker", "exec", name, "cat", LIMITS[version], timeout=EMULATED_SECONDS)
    given = host.run("docker", "inspect", "--format", "{{.HostConfig.Memory}}", name, timeout=EMULATED_SECONDS)
    return int(seen), int(given)


def check(host: VirtualMachine, kind: str) -> None:
    """Check that the machine is what its kind promises, and that its engine runs an image of the sandbox's registry."""
    cgroups, release, driver = KINDS[kind]
    with closing(host.docker(timeout=EMULATED_SECONDS)) as client:
        info = client.info()
    assert (info["CgroupVersion"], info["Driver"]) == (cgroups, driver)
    assert info["ServerVersion"].startswith(release)
    assert (info["CgroupDriver"], info["Name"]) == ("systemd" if cgroups == "2" else "cgroupfs", host.name)
    assert limit_inside(host, cgroups) == str(MEMORY)
