"""How the commands write: with colours to a terminal, elsewhere as plain lines that are never broken."""

from __future__ import annotations

import sys
from io import StringIO

from rich.console import Console, RenderableType

# Wider than any line, so that a program that reads the lines finds each in one piece.
_WIDE = 100_000


def show(output: RenderableType) -> None:
    """Write to standard output."""
    if sys.stdout.isatty():
        Console(highlight=False).print(output)
    else:
        print(plain(output))


def plain(output: RenderableType) -> str:
    """The lines without colours and without spaces at their ends."""
    console = Console(file=StringIO(), width=_WIDE, force_terminal=False, color_system=None, highlight=False)
    with console.capture() as captured:
        console.print(output)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
