"""Extracts the definitions of Mesos's internal protobuf messages from the library.

The executor needs them (RegisterExecutorMessage and others), and no Python package has them. The library contains them
in serialized form, as all generated C++ code does, and exactly those of its release.
"""

from __future__ import annotations

INTERNAL_MESSAGES = "messages/messages.proto"

# FileDescriptorProto, from protobuf's descriptor.proto: name is field 1 and comes first, dependency is field 3, and all
# fields up to `syntax` (12) have the wire type 2: a length and that many bytes.
_NAME, _DEPENDENCY, _LAST = 1, 3, 12
_LENGTH_DELIMITED = 2


def extract_descriptors(library: bytes) -> bytes:
    """A serialized FileDescriptorSet with the internal messages and everything they import, imported files first."""
    files: dict[str, bytes] = {}
    _take(library, INTERNAL_MESSAGES, files)
    # A FileDescriptorSet is field 1, repeated.
    return b"".join(b"\n" + _varint(len(content)) + content for content in files.values())


def _take(library: bytes, name: str, files: dict[str, bytes]) -> None:
    if name in files:
        return
    start = at = library.index(b"\n" + _varint(len(name)) + name.encode())
    while library[at] & 7 == _LENGTH_DELIMITED and _NAME <= library[at] >> 3 <= _LAST:
        field = library[at] >> 3
        size, at = _read_varint(library, at + 1)
        if field == _DEPENDENCY:
            _take(library, library[at : at + size].decode(), files)
        at += size
    files[name] = library[start:at]


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def _varint(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + _varint(number >> 7)
