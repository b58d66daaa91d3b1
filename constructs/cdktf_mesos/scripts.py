"""Bash scripts: files beside their Python, put together and handed to `bash -c`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path


@cache
def text_of(path: Path) -> str:
    """The commands of a script file, without comments on lines of their own and blank lines.

    A container whose script changes is replaced, and no reworded comment should do that.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def joined(*parts: Path | str) -> str:
    """One script of several: each part is a file, or text as it is."""
    return "\n".join(text_of(part) if isinstance(part, Path) else part for part in parts)


def words(name: str, *parts: Path | str, arguments: Sequence[str] = ()) -> list[str]:
    """The command that runs a script.

    Args:
        name: of the script, as bash's own messages show it.
        parts: files, or text; in the order in which bash reads them.
        arguments: of the script.
    """
    return ["bash", "-c", joined(*parts), name, *arguments]
