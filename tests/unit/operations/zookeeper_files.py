"""Files as a ZooKeeper server writes them (FileSnap, DataTree, FileTxnLog)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence


def text(value: bytes) -> bytes:
    return struct.pack(">i", len(value)) + value


def sealed(content: bytes) -> bytes:
    return content + struct.pack(">q", zlib.adler32(content)) + text(b"/")


def snapshot(nodes: Sequence[str] = ("", "/mesos"), *, digest: bool = True) -> bytes:
    """A snapshot with one session, one access control list and these znodes; from 3.6 on with a digest."""
    content = struct.pack(">4siq", b"ZKSN", 2, -1) + struct.pack(">iqi", 1, 0x1234, 10000)
    content += struct.pack(">iqi", 1, 1, 1) + struct.pack(">i", 31) + text(b"world") + text(b"anyone")
    for node in nodes:
        content += text(node.encode()) + text(b"data") + struct.pack(">q", 1) + bytes(60)
    content = sealed(content + text(b"/"))
    return sealed(content + struct.pack(">qiq", 7, 2, 99)) if digest else content


def log(zxids: Sequence[int], *, torn: int | None = None, reserved: int = 4096) -> bytes:
    """A log with these transactions, then perhaps the first half of another one, then the space that is reserved."""
    content = struct.pack(">4siq", b"ZKLG", 2, 0) + b"".join(map(transaction, zxids))
    return content + (transaction(torn)[:30] if torn is not None else b"") + bytes(reserved)


def transaction(zxid: int) -> bytes:
    entry = struct.pack(">qiqqi", 0x1234, 1, zxid, 1700000000000, 1) + text(b"/mesos/x")
    return struct.pack(">q", zlib.adler32(entry)) + text(entry) + b"B"
