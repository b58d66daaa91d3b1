"""The parts of SVG pictures: boxes and monospaced text."""

from __future__ import annotations

from html import escape

FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
CHARACTER = 0.61  # the width of a character of such a font, in font sizes


def page(width: float, height: float, parts: list[str]) -> str:
    """The picture: these parts on a white sheet, which looks the same on light and dark pages."""
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}">'
    return "\n".join([head, box(0, 0, width, height, "#ffffff", "none"), *parts, "</svg>"])


def box(left: float, top: float, width: float, height: float, fill: str, stroke: str, *, dashed: bool = False) -> str:
    """A rectangle with round corners."""
    place = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="5"'
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<rect {place} fill="{fill}" stroke="{stroke}"{dashes}/>'


def text(
    left: float, top: float, content: str, size: int, colour: str, anchor: str = "start", *, bold: bool = False
) -> str:
    """A line of text, at its baseline."""
    weight = ' font-weight="600"' if bold else ""
    look = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}'
    return f'<text x="{left:g}" y="{top:g}" {look}>{escape(content)}</text>'


def cut(content: str, room: float, size: int) -> str:
    """The text, cut off if there is not enough room."""
    most = max(int(room / (size * CHARACTER)), 1)
    return content if len(content) <= most else f"{content[: most - 1]}…"
