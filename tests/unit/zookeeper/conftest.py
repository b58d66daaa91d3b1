"""A ZooKeeper server's files, for the scripts that make archives of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.answers import SERVING, container_words
from tests.unit.operations.zookeeper_files import log, snapshot

AT_NINE = f"{SERVING}Zxid: 0x9\n"

# Where a container has what the tests have in the directory of the server.
_PLACES = {"/data": "data", "/datalog": "datalog", "/backups": "archives", "/tmp/no-backup": "reason"}


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """The directory of a server whose last transaction is 10; it is writing another one."""
    files = {
        "data/version-2/snapshot.1": snapshot(["", "/old"]),
        "data/version-2/snapshot.5": snapshot(),
        "data/version-2/snapshot.a": snapshot()[:-3],
        "data/version-2/currentEpoch": b"0",
        "data/version-2/acceptedEpoch": b"0",
        "datalog/version-2/log.1": log([1, 2]),
        "datalog/version-2/log.3": log([3, 4, 5, 6]),
        "datalog/version-2/log.7": log([7, 8, 9, 10], torn=11),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "archives").mkdir()
    return tmp_path


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with 10 MiB left."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/df"
    lines = (
        "Filesystem 1024-blocks Used Available Capacity Mounted on",
        "/dev/sda1 1048576 1038336 10240 99% /backups",
    )
    program.write_text("".join(["#!/bin/sh\n", *(f"echo '{line}'\n" for line in lines)]))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")


def here(server: Path, words: Sequence[str]) -> list[str]:
    """A command of a container, with the directories of the test in place of the machine's."""
    found = [str(server / _PLACES[word]) if word in _PLACES else word for word in container_words(words)]
    # What a server has applied is on the disk of this test already.
    return [word.replace("sleep 2\n", "") for word in found]
