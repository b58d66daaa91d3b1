"""The ports of throwaway clusters: each gets blocks of a hundred ports that nobody else uses."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Callable, Collection
from pathlib import Path

from cdktf_mesos.throwaway.held import held
from cdktf_mesos.whole_file import write_whole

BLOCK = 100
"""The ports in a block: one for the members of a cluster, and one for the tasks of each agent."""

# Below 32768, where Linux begins with the ports of outgoing connections (Linux kernel docs, ip_local_port_range).
FIRST, LAST = 20000, 32699

# How long another machine may take to answer, in seconds.
_PATIENCE = 0.5

_FILE = "ports.json"


def take(
    home: Path, name: str, count: int, *, taken: Collection[int], is_free: Callable[[int], bool]
) -> tuple[int, ...]:
    """Take blocks for a cluster, and write down that they are its own.

    Args:
        home: the directory of all clusters.
        name: the cluster's name.
        count: the number of blocks.
        taken: the first ports of blocks that others have.
        is_free: whether no program listens on a port.

    Returns:
        the first ports of the blocks.

    Raises:
        RuntimeError: there are not enough free blocks.
    """
    with held(home / "ports.lock", wait=True):
        clusters = _read(home)
        clusters.pop(name, None)
        used = {*taken, *(first for blocks in clusters.values() for first in blocks)}
        found: list[int] = []
        for first in range(FIRST, LAST, BLOCK):
            if first not in used and all(map(is_free, range(first, first + BLOCK))):
                found.append(first)
            if len(found) == count:
                _write(home, {**clusters, name: found})
                return tuple(found)
    raise RuntimeError(
        f"the ports {FIRST} to {LAST} have only {len(found)} free blocks of {BLOCK}, and {count} are needed; "
        f"clusters have {len(used)}: remove some of them"
    )


def give_back(home: Path, name: str) -> None:
    """Write down that a cluster has no ports any more."""
    with held(home / "ports.lock", wait=True):
        clusters = _read(home)
        if clusters.pop(name, None) is not None:
            _write(home, clusters)


def nobody_listens(address: str) -> Callable[[int], bool]:
    """A function that tells whether a port of an address is free.

    For an address of another machine it only finds programs that accept connections. If a firewall drops packets to
    that machine, every port counts as free.
    """
    unknown = False

    def is_free(port: int) -> bool:
        nonlocal unknown
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as problem:
                if problem.errno != errno.EADDRNOTAVAIL:
                    return False
            else:
                return True
            if unknown:
                return True
            probe.settimeout(_PATIENCE)
            try:
                probe.connect((address, port))
            except TimeoutError:
                unknown = True
            except OSError:
                pass
            else:
                return False
            return True

    return is_free


def _read(home: Path) -> dict[str, list[int]]:
    try:
        clusters: dict[str, list[int]] = json.loads((home / _FILE).read_text())
    except FileNotFoundError:
        return {}
    return clusters


def _write(home: Path, clusters: dict[str, list[int]]) -> None:
    write_whole(home / _FILE, json.dumps(clusters, indent=2) + "\n")
