"""Scripts: files in the folders of their Python modules. Those for bash are joined and passed to `bash -c`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

# What comment lines begin with, by the file's suffix.
_COMMENTS = {".lua": "--"}


@cache
def text_of(path: Path) -> str:
    """The text of a script file without blank lines and comment lines.

    Terraform replaces a container when its script changes, and a reworded comment should not cause that.
    """
    comment = _COMMENTS.get(path.suffix, "#")
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith(comment))


def joined(*parts: Path | str) -> str:
    """Join several parts into one script. Each part is a file or text."""
    return "\n".join(text_of(part) if isinstance(part, Path) else part for part in parts)


def words(name: str, *parts: Path | str, arguments: Sequence[str] = ()) -> list[str]:
    """The command that runs a script.

    Args:
        name: the script's name, which bash shows in its own messages.
        parts: files or texts, in the order in which bash reads them.
        arguments: the script's arguments.
    """
    return ["bash", "-c", joined(*parts), name, *arguments]
