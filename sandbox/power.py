"""Switches hosts on and off: their processes, namespaces and cgroups come and go, their files stay."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from sandbox import disk, machine, network, paths
from sandbox.process import ended, find, send, start, wait_until

_INIT = paths.SOURCE / "host-init.sh"
_CGROUP = "cdktf-mesos"


def on(host: str) -> None:
    """Starts a host, unless it is on. Returns before its services have come up.

    Raises:
        TimeoutError: it did not start; the text names the log of its console.
    """
    if init(host):
        return
    off(host)  # removes what a failed start may have left
    network.connect(host)
    for hierarchy in _hierarchies():
        _make_cgroup(hierarchy, host)
    console = paths.host_dir(host) / "console.log"
    start(["bash", str(_INIT), host, str(paths.host_dir(host)), f"{_CGROUP}/{host}"], console)
    wait_until(lambda: init(host) is not None, lambda: f"{host} does not start: see {console}", 10)


def off(host: str) -> None:
    """Ends a host at once, as a power cut does. Does nothing if it is off."""
    network.set_link(host, up=False)  # first, so that its processes cannot say goodbye to their peers
    process = init(host)
    if process:
        for hierarchy in _hierarchies():
            for state in (hierarchy / _CGROUP / host).rglob("freezer.state"):
                state.write_text("THAWED")  # frozen processes would not end
        send(process, signal.SIGKILL)  # ends all processes of its namespace, too
        wait_until(lambda: ended(process), lambda: f"{host}: process {process} does not end")
    wait_until(lambda: disk.is_detached(host), lambda: f"{host}: a loop device holds its disk")
    network.disconnect(host)
    cgroups = [hierarchy / _CGROUP / host for hierarchy in _hierarchies()]
    wait_until(lambda: all(map(_remove_cgroup, cgroups)), lambda: f"{host}: cgroups remain: {cgroups}")


def init(host: str) -> int | None:
    """The process id, as this machine sees it, of a host's first process; None if the host is off."""
    own = [host, str(paths.host_dir(host))]  # without the script's path, which may be that of another checkout
    for pid in find(lambda words: words[0] == "bash" and words[2:] == own and Path(words[1]).name == _INIT.name):
        if _id_inside(pid) == 1:
            return pid
    return None


def engine(host: str) -> int | None:
    """The process id of a host's dockerd; None if it does not run."""
    first = init(host)
    if first is None:
        return None
    with contextlib.suppress(OSError):
        inside = Path(f"/proc/{first}/ns/pid").readlink()
        for pid in find(lambda words: words[0] == "/usr/sbin/dockerd"):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/ns/pid").readlink() == inside:
                    return pid
    return None


def memory(host: str) -> int:
    """The memory of a host's processes in bytes, without the page cache."""
    hierarchy = machine.cgroups().get("memory") or machine.cgroup2()
    if hierarchy is None:
        raise RuntimeError(f"no memory of {host} is known: this machine has {machine.cgroup_version()}")
    stat = (hierarchy / _CGROUP / host / "memory.stat").read_text()
    values = dict(line.split() for line in stat.splitlines())
    return int(values["total_rss"] if "total_rss" in values else values["anon"])


def leftover_hosts() -> set[str]:
    """The hosts that have cgroups."""
    return {path.name for hierarchy in _hierarchies() for path in (hierarchy / _CGROUP).glob("hs*")}


def remove_cgroups() -> None:
    """Removes the parent of the hosts' cgroups. All hosts must be off."""
    for hierarchy in _hierarchies():
        _remove_cgroup(hierarchy / _CGROUP)


def _hierarchies() -> Iterator[Path]:
    yield from machine.cgroups().values()
    second = machine.cgroup2()
    if second:
        yield second


def _make_cgroup(hierarchy: Path, host: str) -> None:
    for path in (hierarchy / _CGROUP, hierarchy / _CGROUP / host):
        path.mkdir(exist_ok=True)
        _delegate(path.parent)
        for name in ("cpuset.cpus", "cpuset.mems"):  # empty in a new cgroup, which then accepts no process
            with contextlib.suppress(FileNotFoundError):
                (path / name).write_text((path.parent / name).read_text())


def _delegate(path: Path) -> None:
    """Lets the children of a cgroup have all controllers that it has; those of cgroup v1 have them anyway."""
    with contextlib.suppress(FileNotFoundError):
        names = (path / "cgroup.controllers").read_text().split()
        (path / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in names))


def _remove_cgroup(path: Path) -> bool:
    """Removes a cgroup and its children, as far as they are empty; returns whether it is gone."""
    for folder, _, _ in os.walk(path, topdown=False):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()
    return not path.exists()


def _id_inside(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return None
