"""Makes the checkpoint of an agent's info, field by field (Mesos, include/mesos/mesos.proto)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

Part = bytes
SCALAR, RANGES, SET, TEXT = range(4)


def checkpoint(*parts: Part) -> bytes:
    """The file `slave.info`."""
    message = b"".join(parts)
    return struct.pack("=I", len(message)) + message


def hostname(name: str) -> Part:
    return _text(1, name)


def port(number: int) -> Part:
    return _number(8, number)


def domain(region: str, zone: str) -> Part:
    return _message(10, _message(1, _message(1, _text(1, region)), _message(2, _text(1, zone))))


def rest() -> Part:
    """The other fields of the message: the agent's id, and that it writes checkpoints."""
    return _message(6, _text(1, "9f0d8a2e-7c4b-4d5e-8d3c-0a1b2c3d4e5f-S0")) + _number(7, 1)


def attribute(name: str, value: str | float | Sequence[tuple[int, int]]) -> Part:
    kind, content = _value(value)
    field = 5 if kind == TEXT else 3 + kind
    return _message(5, _text(1, name), _number(2, kind), _message(field, content))


def resource(
    name: str,
    value: float | Sequence[tuple[int, int]] | set[str],
    role: str | None = "*",
    *,
    reserved: str | None = None,
    disk: str | None = None,
    mount: str | None = None,
) -> Part:
    """A resource. With the role None it has no role; `reserved` is a role in the form that 1.4 and later may use."""
    kind, content = _value(value)
    parts = [_text(1, name), _number(2, kind), _message(3 + kind, content)]
    parts += [_text(6, role)] if role is not None else []
    parts += [_message(13, _number(4, 1), _text(3, reserved))] if reserved else []
    if disk or mount:
        place = _message(2, _text(1, disk)) if disk else _message(3, _text(1, mount or ""))
        parts.append(_message(7, _message(3, _number(1, 1 if disk else 2), place)))
    return _message(3, *parts)


def _value(value: str | float | Iterable[tuple[int, int]] | set[str]) -> tuple[int, bytes]:
    if isinstance(value, str):
        return TEXT, _text(1, value)
    if isinstance(value, int | float):
        return SCALAR, b"\x09" + struct.pack("<d", value)
    if isinstance(value, set):
        return SET, b"".join(_text(1, str(item)) for item in sorted(map(str, value)))
    return RANGES, b"".join(_message(1, _number(1, first), _number(2, last)) for first, last in value)


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _message(field: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + _varint(number >> 7)
