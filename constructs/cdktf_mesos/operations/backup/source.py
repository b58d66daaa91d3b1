"""A ZooKeeper server that runs, as the source of a copy: what it reports, and its files."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cdktf_mesos import scripts
from cdktf_mesos.operations.engine import Client
from cdktf_mesos.operations.ensemble import DATA, LOGS, Server
from cdktf_mesos.operations.status.self_report import run_script
from cdktf_mesos.role.probe import ASK

_ZOOKEEPER = Path(__file__).parents[2] / "zookeeper"

SCRIPT = scripts.joined(
    ASK, _ZOOKEEPER / "questions.sh", _ZOOKEEPER / "position.sh", Path(__file__).with_name("server.sh")
)
"""What asks a server; server.sh lists its arguments."""


@dataclass(frozen=True)
class Position:
    """Where a server is.

    Args:
        mode: leader, follower, observer or standalone; empty if it does not serve.
        release: its release.
        zxid: the last transaction that it has applied; 0 if it does not serve.
        files: the paths of its snapshots, logs and epochs.
    """

    mode: str
    release: str
    zxid: int
    files: frozenset[str]


class Source(Protocol):
    """A server whose data can be copied."""

    def position(self) -> Position:
        """Where the server is now."""
        ...

    def fetch(self, path: str, target: Path) -> tuple[int, int]:
        """Copy a file of the server; returns the numbers of its user and its group."""
        ...


class Member:
    """A server in a container.

    Args:
        client: the client of its engine.
        server: the server.
    """

    def __init__(self, client: Client, server: Server) -> None:
        self._client, self._server = client, server

    def position(self) -> Position:
        """Where the server is now.

        Raises:
            RuntimeError: its container does not run, or has no bash.
        """
        address, _, port = self._server.member.address.rpartition(":")
        answer = run_script(self._client, [self._server.member.container], SCRIPT, [address, port, DATA, LOGS])
        if answer is None:
            raise RuntimeError(f"{self._server.name} does not run, or its image has no bash")
        return read_position(answer[1])

    def fetch(self, path: str, target: Path) -> tuple[int, int]:
        """Copy a file.

        Raises:
            ValueError: it is not a file, or was cut off.
        """
        parts, _ = self._client.get_archive(self._server.member.container, path)
        with tarfile.open(fileobj=io.BufferedReader(_Stream(parts)), mode="r|") as archive:
            member = archive.next()
            content = archive.extractfile(member) if member else None
            if member is None or content is None:
                raise ValueError(f"{path} is not a file")
            with target.open("wb") as file:
                while part := content.read(1 << 20):
                    file.write(part)
                if file.tell() != member.size:
                    raise ValueError(f"{path}: only {file.tell()} of {member.size} bytes came")
        return member.uid, member.gid


def read_position(output: str) -> Position:
    """Read what server.sh prints."""
    lines = [line.partition("=")[::2] for line in output.splitlines() if "=" in line]
    known, files = dict(lines), frozenset(value for name, value in lines if name == "file")
    return Position(known.get("mode", ""), known.get("release", ""), int(known.get("zxid", "0"), 16), files)


class _Stream(io.RawIOBase):
    """The parts of an answer as a file."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = (part for part in parts if part)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._rest = self._rest or memoryview(next(self._parts, b""))
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)
