"""Checks whether this machine can run a sandbox."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from sandbox import paths
from sandbox.process import run


def unavailable() -> str | None:
    """The reason why a sandbox cannot run on this machine, or None when it can."""
    if os.geteuid() != 0:
        return "the sandbox makes network and mount namespaces: it needs root"
    if not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        return "the sandbox is built from Debian packages: it needs Debian 12 or later"
    if platform.machine() != "x86_64":
        return f"the sandbox's Mesos releases are built for x86_64: this machine is {platform.machine()}"
    if "memory" not in (*cgroups(), *_controllers2()):
        return f"engines need the memory controller of cgroups: this machine has {cgroup_version()}, without it"
    return _state_problem() or _namespace_problem()


def cgroups() -> dict[str, Path]:
    """The mounted cgroup v1 hierarchies, by the name of their folder: memory, cpu, systemd and so on."""
    return {path.name: path for path in _mounted("cgroup")}


def cgroup2() -> Path | None:
    """Where cgroup v2 is mounted; None if it is not."""
    return next(_mounted("cgroup2"), None)


def cgroup_version() -> str:
    """What this machine offers, in words: `cgroup v1`, `cgroup v1 and v2` or `cgroup v2 only`."""
    second = cgroup2()
    if cgroups():
        return "cgroup v1 and v2" if second else "cgroup v1"
    return "cgroup v2 only" if second else "no cgroups"


def _mounted(kind: str) -> Iterator[Path]:
    """Where file systems of this kind are mounted."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mount, _, source = line.partition(" - ")
        if source.split()[0] == kind:
            yield Path(mount.split()[4])


def _controllers2() -> list[str]:
    second = cgroup2()
    return (second / "cgroup.controllers").read_text().split() if second else []


def _state_problem() -> str | None:
    try:
        existing = paths.state()
    except ValueError as problem:
        return str(problem)
    while not existing.exists():
        existing = existing.parent
    kind = run("stat", "-f", "-c", "%T", existing).strip()
    if kind.startswith(("overlay", "tmpfs", "ramfs", "nfs", "fuse")):
        return (
            f"{paths.state()} is on {kind}, where engines cannot keep images: "
            "set CDKTF_MESOS_SANDBOX to a folder on another file system"
        )
    return None


def _namespace_problem() -> str | None:
    try:
        run("unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--fork", "true", timeout=10)
    except RuntimeError as problem:
        return f"this machine does not let the sandbox create namespaces: {problem}"
    return None
