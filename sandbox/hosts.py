"""Starts and stops the whole sandbox: its hosts, and the bridge, registry and key that they share."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Sequence

from sandbox import hostfiles, lock, machine, network, packages, paths, power, registry, ssh
from sandbox.ec2 import server
from sandbox.host import Host
from sandbox.vm import files, qemu
from sandbox.vm.kinds import KINDS
from sandbox.vm.machine import VirtualMachine

__all__ = ["Host", "VirtualMachine", "down", "existing", "prepare", "remove", "up", "up_virtual"]


def up(count: int = 1, first: int = 1) -> list[Host]:
    """Starts the bridge, the registry and a number of hosts, as far as they do not run; returns these hosts, ready.

    Ends the faults of these hosts. Other hosts that exist stay as they are.

    Args:
        count: how many hosts.
        first: the number of the first one; by default 1, for hs1.

    Raises:
        RuntimeError: a sandbox cannot run here, or a part of it does not start.
        ValueError: there cannot be hosts with these numbers.
    """
    if first < 1 or not 1 <= count <= paths.MAX_HOSTS - first + 1:
        raise ValueError(f"{count} hosts from hs{first} on are not possible: a sandbox has hs1 to hs{paths.MAX_HOSTS}")
    wanted = [Host(f"hs{number}") for number in range(first, first + count)]
    with lock.held():
        prepare()
        for host in wanted:
            hostfiles.ensure(host.name)
            if host.is_on:
                host.end_faults()
            else:
                power.on(host.name)
        for host in wanted:
            host.wait_ready()
    return wanted


def up_virtual(kinds: Sequence[str], first: int = 1, memory: int = 1024) -> list[VirtualMachine]:
    """Starts the bridge, the registry and a virtual machine of each kind, as far as they do not run.

    Returns the machines when they are ready.

    Ends the faults of these machines. Other hosts that exist stay as they are.

    Args:
        kinds: names of `sandbox.vm.kinds.KINDS`.
        first: the number of the first one; by default 1, for vm1.
        memory: the memory of each machine, in MiB; by default 1024.

    Raises:
        RuntimeError: a sandbox cannot run here; a part of it does not start; a machine with one of these names exists,
            and has another kind or memory.
        ValueError: there cannot be machines with these numbers, or a kind is unknown.
    """
    if first < 1 or not 1 <= len(kinds) <= paths.MAX_VIRTUAL - first + 1:
        raise ValueError(f"{len(kinds)} virtual machines from vm{first}: a sandbox has vm1 to vm{paths.MAX_VIRTUAL}")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ValueError(f"no kind {', '.join(unknown)}: use one of {', '.join(KINDS)}")
    wanted = [VirtualMachine(f"vm{number}") for number in range(first, first + len(kinds))]
    with lock.held():
        prepare()
        packages.ensure(*packages.VIRTUAL)
        for host, kind in zip(wanted, kinds, strict=True):
            files.ensure(host.name, kind, memory)
        were_on = [host for host in wanted if host.is_on]
        for host in wanted:
            qemu.on(host.name)
    # They boot for half a minute. Others may have the lock meanwhile.
    for host in wanted:
        if host in were_on:
            host.end_faults()
        host.wait_ready()
    return wanted


def prepare() -> None:
    """Sets up all but the hosts: packages, key, bridge, registry. The caller holds the lock.

    Raises:
        RuntimeError: a sandbox cannot run here.
    """
    reason = machine.unavailable()
    if reason:
        raise RuntimeError(f"no sandbox on this machine: {reason}")
    packages.ensure(*packages.HOSTS)
    packages.ensure(packages.of_docker_command())
    (paths.state() / "hosts").mkdir(parents=True, exist_ok=True)
    ssh.ensure_key()
    network.ensure_bridge()
    registry.ensure_running()


def existing() -> list[Host]:
    """All hosts that have files, on or off, in order; virtual machines come last."""
    found: list[Host] = []
    for pattern, make in (("hs*", Host), ("vm*", VirtualMachine)):
        names = (path.name for path in (paths.state() / "hosts").glob(pattern))
        found += [make(name) for name in sorted(names, key=paths.number)]
    return found


def down() -> None:
    """Stops and removes the whole sandbox but the cache, whatever state it is in."""
    with lock.held():
        ssh.close_masters()
        names = {host.name for host in existing()} | network.leftover_hosts() | power.leftover_hosts()
        names |= qemu.leftover_machines()
        for name in sorted(names):
            remove(name)
        server.stop()
        registry.stop()
        network.remove_bridge()
        power.remove_cgroups()
        # Remove only the sandbox's files: CDKTF_MESOS_SANDBOX may name a folder with other files.
        for own in ("hosts", "ec2", "ssh", "cm", "logs"):
            shutil.rmtree(paths.state() / own, ignore_errors=True)
        for own in ("registry.json", "registry.log"):
            (paths.state() / own).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            paths.state().rmdir()
        if paths.state().exists():
            print(f"{paths.state()} is kept: it has files that are not the sandbox's", file=sys.stderr)


def remove(name: str) -> None:
    """Switches a host off and removes its files. The caller holds the lock."""
    (qemu if paths.is_virtual(name) else power).off(name)
    shutil.rmtree(paths.host_dir(name), ignore_errors=True)
