"""Checks a transaction log of ZooKeeper, as the server itself would (FileTxnLog, TxnHeader)."""

from __future__ import annotations

import mmap
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct(">4sIq")
_RECORD = struct.Struct(">qi")
# What a transaction begins with: session, its number in the session, zxid, time, type.
_HEAD = struct.Struct(">qiqqi")


@dataclass(frozen=True)
class Transactions:
    """What a log has.

    Args:
        count: how many whole transactions.
        last: the zxid of the last one; 0 if there is none.
        length: where the last whole transaction ends, in bytes. What follows is the space that the server reserved for
            the next ones, and perhaps a part of the next one.
    """

    count: int
    last: int
    length: int


def read_transactions(path: Path) -> Transactions:
    """Read a log up to its last whole transaction. A server goes on with the next log there.

    Raises:
        ValueError: it is not a log, a transaction differs from its checksum, or they are not in their order.
    """
    # A server writes the head of a new log with the first transaction.
    if path.stat().st_size < _HEADER.size:
        return Transactions(0, 0, 0)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        magic, version, _ = _HEADER.unpack_from(content)
        if magic != b"ZKLG" or version != 2:
            raise ValueError(f"{path.name} is not a log of ZooKeeper: it begins with {magic!r}, version {version}")
        count, last, place = 0, 0, _HEADER.size
        while (end := _end(content, place)) is not None:
            begin = place + _RECORD.size
            (checksum, _), (_, _, zxid, _, _) = _RECORD.unpack_from(content, place), _HEAD.unpack_from(content, begin)
            if zlib.adler32(content[begin : end - 1]) != checksum:
                raise ValueError(f"{path.name} is damaged after its transaction 0x{last:x}")
            if zxid < last:
                raise ValueError(f"{path.name} is damaged: 0x{zxid:x} follows 0x{last:x}")
            count, last, place = count + 1, zxid, end
        return Transactions(count, last, place)


def _end(content: mmap.mmap, place: int) -> int | None:
    """Where the whole transaction at a place ends; None if there is none.

    A checksum and a length come before it, and the letter B after it.
    """
    if place + _RECORD.size > len(content):
        return None
    end = place + _RECORD.size + int(_RECORD.unpack_from(content, place)[1]) + 1
    is_whole = place + _RECORD.size + _HEAD.size < end <= len(content) and content[end - 1 : end] == b"B"
    return end if is_whole else None
