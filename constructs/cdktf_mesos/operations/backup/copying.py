"""Copies ZooKeeper's data from a server that runs, and checks the copy."""

from __future__ import annotations

import os
import tarfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cdktf_mesos.operations.backup.snapshot import check_snapshot, zxid_of
from cdktf_mesos.operations.backup.source import Position, Source
from cdktf_mesos.operations.backup.transactions import read_transactions
from cdktf_mesos.operations.engine import ERRORS

# How often a copy is tried, and the pause before each further one.
_TRIES, _PAUSE_SECONDS = 5, 2.0

# In this order, and after the logs: a server does not start if the current epoch is older than its last transaction, or
# newer than the accepted epoch (QuorumPeer.loadDataBase). A standalone server has neither.
_EPOCHS = ("currentEpoch", "acceptedEpoch")


@dataclass
class Copied:
    """A copy of a server's data.

    Args:
        zxid: the last transaction in it.
        nodes: the number of znodes in its snapshot.
        transactions: the number of transactions in its logs.
        owners: the numbers of user and group of each file, by its path below the directory of the copy.
    """

    zxid: int = 0
    nodes: int = 0
    transactions: int = 0
    owners: dict[str, tuple[int, int]] = field(default_factory=dict)


def copy_data(source: Source, directory: Path, least: int) -> Copied:
    """Copy a server's newest snapshot and all transactions since then.

    The copy is made again if the server takes a snapshot meanwhile, because after that its next log need not continue
    those that were copied; and if transactions that were acknowledged before are not on its disk yet.

    Args:
        source: the server.
        directory: an empty directory. Snapshot and epochs go to `data/version-2` in it, logs to `log/version-2`.
        least: the zxid that the copy must reach.

    Raises:
        RuntimeError: no copy was whole.
    """
    for place in ("data", "log"):
        (directory / place / "version-2").mkdir(parents=True)
    for number in range(1, _TRIES + 1):
        try:
            return _copy(source, directory, least)
        except (ValueError, tarfile.TarError, *ERRORS) as problem:
            reason = str(problem)
        if number < _TRIES:
            time.sleep(_PAUSE_SECONDS)
    raise RuntimeError(f"no whole copy in {_TRIES} tries: {reason}")


def _copy(source: Source, directory: Path, least: int) -> Copied:
    for old in directory.glob("*/version-2/*"):
        old.unlink()
    copied, before = Copied(), source.position()

    def fetch(path: str, place: str) -> Path:
        name = f"{place}/version-2/{Path(path).name}"
        copied.owners[name] = source.fetch(path, directory / name)
        return directory / name

    copied.zxid = _newest_snapshot(_snapshots(before), fetch, copied)
    for path in _logs(before, copied.zxid):
        log = fetch(path, "log")
        found = read_transactions(log)
        # Without the space that the server reserves for further transactions (64 MB), and without the part of a
        # transaction that it was writing. Some releases do not start with a log that has no transaction
        # (ZOOKEEPER-1621).
        os.truncate(log, found.length)
        if not found.count:
            log.unlink()
        copied.transactions += found.count
        copied.zxid = max(copied.zxid, found.last)
    for name in _EPOCHS:
        for path in before.files:
            if Path(path).name == name:
                fetch(path, "data")
    if _snapshots(source.position()) != _snapshots(before):
        raise ValueError("the server took a snapshot during the copy")
    if copied.zxid < least:
        raise ValueError(f"the server's disk has no transaction after 0x{copied.zxid:x}; 0x{least:x} was acknowledged")
    return copied


def _newest_snapshot(paths: Sequence[str], fetch: Callable[[str, str], Path], copied: Copied) -> int:
    """Copy the newest whole snapshot; returns its zxid."""
    reason = "the server has no snapshot"
    for path in paths:
        file = fetch(path, "data")
        try:
            copied.nodes = check_snapshot(file)
        except ValueError as problem:
            # A server that was killed while it wrote a snapshot leaves a part of it, and starts with an older one.
            reason = str(problem)
            file.unlink()
            del copied.owners[f"data/version-2/{file.name}"]
        else:
            return zxid_of(file.name)
    raise ValueError(reason)


def _snapshots(position: Position) -> list[str]:
    """The paths of the snapshots, newest first."""
    found = [path for path in position.files if Path(path).name.startswith("snapshot.")]
    return sorted(found, key=lambda path: zxid_of(Path(path).name), reverse=True)


def _logs(position: Position, snapshot: int) -> list[str]:
    """The logs with transactions after the snapshot, oldest first (FileTxnLog.getLogFiles)."""
    found = {zxid_of(Path(path).name): path for path in position.files if Path(path).name.startswith("log.")}
    first = max((zxid for zxid in found if zxid <= snapshot), default=0)
    return [found[zxid] for zxid in sorted(found) if zxid >= first]
