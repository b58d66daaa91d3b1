"""Looking for planted secrets in files, as a plan hides them: it is an archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path


def files_with(secrets: Sequence[str], files: Iterable[Path]) -> list[Path]:
    """Of these files, those that have one of the secrets, in an archive as well."""
    return [path for path in files if any(secret.encode() in _content(path) for secret in secrets)]


def _content(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(map(archive.read, archive.namelist()))
