"""Reads from an instance's user data the files that cloud-init would write; the sandbox ignores the rest."""

from __future__ import annotations

import binascii
import gzip
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import yaml  # type: ignore[import-untyped]

_HEADER = "#cloud-config"
# From cloud-init's documentation of write_files. Several names mean the same encoding.
_BASE64 = {"b64", "base64", "gz+b64", "gz+base64", "gzip+b64", "gzip+base64"}
_GZIP = {"gz", "gzip", "gz+b64", "gz+base64", "gzip+b64", "gzip+base64"}
# A volume's id: with a hyphen after `vol`, but without it in the names of devices.
_VOLUME = re.compile(rb"(?<![A-Za-z0-9])vol-?([0-9a-f]{17}|[0-9a-f]{8})(?![A-Za-z0-9])")


@dataclass(frozen=True)
class File:
    """A file of `write_files`.

    Args:
        path: its absolute path.
        content: its content.
        mode: its permissions.
    """

    path: str
    content: bytes
    mode: int


def files(user_data: bytes) -> list[File]:
    """The files in a cloud-config, which may be compressed with gzip. Empty if there is no user data.

    Raises:
        ValueError: it is not a cloud-config, or cloud-init would reject a file in it.
    """
    text = _unpacked(user_data).decode()
    if not text.strip():
        return []
    if text.splitlines()[0].rstrip() != _HEADER:
        raise ValueError(f"user data begins with {text[:20]!r}: the sandbox reads only {_HEADER}")
    try:
        document = yaml.safe_load(text) or {}
        return [_file(entry) for entry in document.get("write_files") or ()]
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, binascii.Error, OSError) as problem:
        raise ValueError(f"user data: {type(problem).__name__}: {problem}") from problem


def volume(user_data: bytes) -> str | None:
    """The id, as `vol-…`, of the first volume that the user data or a file in it names.

    Terraform attaches a volume only after the instance runs, so the API cannot yet tell which volume is the instance's.
    """
    texts = [_unpacked(user_data), *(file.content for file in files(user_data))]
    found = next((match for match in map(_VOLUME.search, texts) if match), None)
    return f"vol-{found[1].decode()}" if found else None


def _file(entry: dict[str, Any]) -> File:
    encoding = entry.get("encoding", "text/plain")
    content = entry.get("content", "")
    content = content if isinstance(content, bytes) else str(content).encode()
    if encoding in _BASE64:
        content = b64decode(content, validate=False)
    if encoding in _GZIP:
        content = gzip.decompress(content)
    if encoding not in {"text/plain", *_BASE64, *_GZIP}:
        raise ValueError(f"user data: {entry['path']}: encoding {encoding!r}")
    mode = entry.get("permissions", 0o644)
    return File(entry["path"], content, mode if isinstance(mode, int) else int(mode, 8))


def _unpacked(user_data: bytes) -> bytes:
    return gzip.decompress(user_data) if user_data.startswith(b"\x1f\x8b") else user_data
