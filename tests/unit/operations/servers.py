"""ZooKeeper servers of the test project, whose files can be copied."""

from __future__ import annotations

from collections.abc import Mapping

from tests.unit.operations.conftest import SERVES
from tests.unit.operations.engines import Engine
from tests.unit.operations.zookeeper_files import log, snapshot

MODES = {"c1": "follower", "c2": "leader", "c3": "follower"}


def give_data(engine: Engine, mode: str, zxid: int, files: Mapping[str, bytes]) -> None:
    """Let a server be at a transaction, and have these files."""
    lines = [f"mode={mode}", "release=3.9.4", f"zxid=0x{zxid:x}", *(f"file={path}" for path in files)]
    engine.printed["prod-zookeeper"] = SERVES + "\n".join(lines) + "\n"
    engine.files = dict(files)


def data(last: int = 9) -> dict[str, bytes]:
    """A snapshot of the transaction 5, and logs up to the last one. Older files are not needed."""
    return {
        "/data/version-2/snapshot.1": snapshot(["", "/old"]),
        "/data/version-2/snapshot.5": snapshot(["", "/mesos", "/marathon"]),
        "/data/version-2/currentEpoch": b"0",
        "/data/version-2/acceptedEpoch": b"0",
        "/datalog/version-2/log.1": log([1, 2]),
        "/datalog/version-2/log.3": log([3, 4, 5, 6]),
        "/datalog/version-2/log.7": log(list(range(7, last + 1)), torn=last + 1),
    }
