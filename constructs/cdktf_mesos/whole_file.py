"""Files that are there whole or not at all, also if the disk is full or the program is killed."""

from __future__ import annotations

import secrets
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file that only its owner may read, at once: nobody ever sees a part of it.

    Raises:
        OSError: it cannot be written. A file that was there before is unchanged.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
