"""How the commands write: in colour to a terminal, otherwise plain lines that are never wrapped."""

from __future__ import annotations

import re
import sys
from io import StringIO

from rich.console import Console, RenderableType
from rich.text import Text

# Wider than any line, so that no line is wrapped for a program that reads the output.
_WIDE = 100_000

# The largest width of a picture, in characters.
_PICTURE = 150


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


def picture(output: RenderableType, command: str) -> str:
    """A terminal with a command and its output, as SVG.

    Args:
        output: the output.
        command: the command, as it was typed.
    """
    console = Console(file=StringIO(), width=_WIDE, force_terminal=True, color_system="truecolor", highlight=False)
    width = min(console.measure(output).maximum, _PICTURE)
    console = Console(
        file=StringIO(), width=width, record=True, force_terminal=True, color_system="truecolor", highlight=False
    )
    console.print(Text(f"$ {command}", "bold"), output)
    # Without this, a viewer would load the font from the network. Any monospaced font will do.
    return re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title=command), flags=re.DOTALL)
