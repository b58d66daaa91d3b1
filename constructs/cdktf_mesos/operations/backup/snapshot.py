"""Checks a snapshot file of ZooKeeper: its form and its checksum, as the server itself would (FileSnap, DataTree)."""

from __future__ import annotations

import gzip
import mmap
import struct
import zlib
from pathlib import Path
from typing import TypeAlias

_Content: TypeAlias = bytes | mmap.mmap

_HEADER = struct.Struct(">4sIq")
_COUNT, _LONG = struct.Struct(">i"), struct.Struct(">q")

# The fixed length of what follows a node's data: the number of its ACL, and its times, versions, owner (StatPersisted).
_STAT = 8 + 60

# A checksum and the path "/" end each part of the file (SnapStream.sealStream). The parts after the first are those
# that later releases added: from 3.6 a digest, from 3.9 the last zxid.
_SEAL = struct.Struct(">qI1s")


def is_transaction(zxid: int) -> bool:
    """Whether a transaction has this zxid. After an election servers show one that none has, until the next write.

    Its lower half, the counter within the epoch, is 0 (ZooKeeper, Leader.java, startZkServer).
    """
    return zxid & 0xFFFFFFFF != 0


def zxid_of(name: str) -> int:
    """The zxid in the name of a snapshot or log, such as `snapshot.10000002a`."""
    return int(name.split(".")[1], 16)


def check_snapshot(path: Path) -> int:
    """Read a snapshot to its end; returns how many znodes it has.

    Raises:
        ValueError: it is cut off or damaged, or compressed in a way that cannot be read here.
    """
    if path.suffix == ".snappy":
        remedy = "set snapshot.compression.method=gz, or remove that setting"
        raise ValueError(f"{path.name} is compressed by snappy, and cannot be checked here: {remedy}")
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise ValueError(f"{path.name} is empty")
        try:
            # From 3.6 on a server can compress its snapshots (administrator's guide, snapshot.compression.method).
            if path.suffix == ".gz":
                return _read(path.name, gzip.decompress(file.read()))
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _read(path.name, content)
        except (struct.error, EOFError, OSError, zlib.error):
            raise ValueError(f"{path.name} is cut off or damaged") from None


def _read(name: str, content: _Content) -> int:
    magic, version, _ = _HEADER.unpack_from(content)
    if magic != b"ZKSN" or version != 2:
        raise ValueError(f"{name} is not a snapshot of ZooKeeper: it begins with {magic!r}, version {version}")
    (sessions,) = _COUNT.unpack_from(content, _HEADER.size)
    place = _after_acls(content, _HEADER.size + _COUNT.size + sessions * (_LONG.size + _COUNT.size))
    nodes = 0
    while True:
        path, place = _buffer(content, place)
        # The root is "". The path "/" ends the tree.
        if path == b"/":
            break
        place = _skip(content, place) + _STAT
        nodes += 1
    _check_seal(name, content, place)
    if place + _SEAL.size != len(content):
        _check_seal(name, content, len(content) - _SEAL.size)
    return nodes


def _after_acls(content: _Content, place: int) -> int:
    """The place after the access control lists, of which each has a number (ReferenceCountedACLCache)."""
    (lists,) = _COUNT.unpack_from(content, place)
    place += _COUNT.size
    for _ in range(lists):
        (entries,) = _COUNT.unpack_from(content, place + _LONG.size)
        place += _LONG.size + _COUNT.size
        for _ in range(max(entries, 0)):
            # Permissions, scheme and id.
            place = _skip(content, _skip(content, place + _COUNT.size))
    return place


def _buffer(content: _Content, place: int) -> tuple[bytes, int]:
    end = _skip(content, place)
    return content[place + _COUNT.size : end], end


def _skip(content: _Content, place: int) -> int:
    """The place after a text or data, whose length comes first; -1 stands for none."""
    length = int(_COUNT.unpack_from(content, place)[0])
    end = place + _COUNT.size + max(length, 0)
    if length < -1 or end > len(content):
        raise EOFError
    return end


def _check_seal(name: str, content: _Content, place: int) -> None:
    checksum, length, path = _SEAL.unpack_from(content, place)
    with memoryview(content) as view, view[:place] as before:
        if (length, path) != (1, b"/") or zlib.adler32(before) != checksum:
            raise ValueError(f"{name} is damaged: its checksum differs")
