"""The preview as an SVG picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from cdktf_mesos.operations.preview import shapes
from cdktf_mesos.operations.preview.picture import Item, Look, Wave, waves
from cdktf_mesos.operations.preview.report import Report

# In pixels. A row has three steps: GitHub shows that width unscaled in a pull request.
_WIDTH, _GAP, _MARGIN, _ROW, _LINE, _HEAD, _STEPS = 292, 34, 28, 30, 16, 50, 3

# Fill, stroke, text, and what the legend says.
_LOOKS: dict[Look, tuple[str, str, str, str]] = {
    "same": ("#f6f8fa", "#d0d7de", "#57606a", "stays"),
    "replace": ("#fff8c5", "#bf8700", "#633c01", "replaced"),
    "update": ("#ddf4ff", "#0969da", "#0550ae", "in place"),
    "create": ("#dafbe1", "#1a7f37", "#116329", "new"),
    "destroy": ("#ffebe9", "#cf222e", "#82071e", "destroyed"),
    "unknown": ("#ffffff", "#cf222e", "#82071e", "cannot be planned"),
}


def svg(report: Report) -> str:
    """Draws the waves from left to right, in as many rows as needed. Waves of the same step are below each other."""
    columns = [list(each) for _, each in groupby(sorted(waves(report), key=lambda w: w.step), lambda w: w.step)]
    across = max(min(len(columns), _STEPS), 2 if report.warnings else 1)
    width = 2 * _MARGIN + across * _WIDTH + (across - 1) * _GAP
    parts, top = list(_legend(columns)), _MARGIN + 30
    for begin in range(0, len(columns), _STEPS):
        row = columns[begin : begin + _STEPS]
        for index, column in enumerate(row):
            left = _MARGIN + index * (_WIDTH + _GAP)
            if begin + index:
                parts.append(shapes.text(left - _GAP / 2, top + 24, "→", 18, "#57606a", "middle"))
            parts += _column(column, left, top)
        top += max(sum(_height(wave) + 12 for wave in column) for column in row) + 14
    for text in report.warnings:
        for number, line in enumerate(_wrapped(text, width - 2 * _MARGIN - 20, 12)):
            top += 18
            parts.append(
                shapes.text(_MARGIN + (16 if number else 0), top - 8, line if number else f"⚠ {line}", 12, "#9a6700")
            )
    top += 10 if report.warnings else 0
    return shapes.page(width, top, parts)


def _legend(columns: Sequence[Sequence[Wave]]) -> Iterator[str]:
    used = {item.look for column in columns for wave in column for item in wave.items}
    used |= {"unknown"} if any(wave.errors for column in columns for wave in column) else set()
    left = float(_MARGIN)
    for look, (fill, stroke, colour, meaning) in _LOOKS.items():
        if look in used:
            yield shapes.box(left, _MARGIN - 4, 14, 14, fill, stroke, dashed=look == "unknown")
            yield shapes.text(left + 20, _MARGIN + 8, meaning, 12, colour)
            left += 44 + len(meaning) * 12 * shapes.CHARACTER


def _column(column: Sequence[Wave], left: float, top: float) -> Iterator[str]:
    for wave in column:
        yield from _wave(wave, left, top)
        top += _height(wave) + 12


def _height(wave: Wave) -> int:
    return _HEAD + _ROW * len(wave.items) + _LINE * len(_error_lines(wave)) + 6


def _error_lines(wave: Wave) -> list[str]:
    return [line for error in wave.errors for line in _wrapped(error, _WIDTH - 24, 11)]


def _wave(wave: Wave, left: float, top: float) -> Iterator[str]:
    changes = bool(wave.errors) or any(item.look != "same" for item in wave.items)
    yield shapes.box(left, top, _WIDTH, _height(wave), "#ffffff", "#57606a" if changes else "#d0d7de")
    yield f'<circle cx="{left + 20}" cy="{top + 24}" r="12" fill="{"#24292f" if changes else "#8c959f"}"/>'
    yield shapes.text(left + 20, top + 28, str(wave.step), 12, "#ffffff", "middle", bold=True)
    room = _WIDTH - 50
    yield shapes.text(
        left + 40, top + 22, shapes.cut(", ".join(wave.hosts) or wave.name, room, 14), 14, "#24292f", bold=True
    )
    yield shapes.text(left + 40, top + 38, shapes.cut(wave.name, room, 11), 11, "#57606a")
    top += _HEAD
    for item in wave.items:
        yield from _item(item, left + 8, top)
        top += _ROW
    for line in _error_lines(wave):
        yield shapes.text(left + 12, top + 10, line, 11, "#82071e")
        top += _LINE


def _item(item: Item, left: float, top: float) -> Iterator[str]:
    fill, stroke, colour, _ = _LOOKS[item.look]
    room, size = _WIDTH - 16, 12
    yield f"<g><title>{escape(f'{item.name}: {item.text}')}</title>"
    yield shapes.box(left, top, room, _ROW - 5, fill, stroke, dashed=item.look == "unknown")
    # The versions matter most: the name gets the room that they leave.
    text = shapes.cut(item.text, room * 0.68, size)
    name = shapes.cut(("⚠ " if item.warned else "") + item.name, room - 28 - len(text) * size * shapes.CHARACTER, size)
    yield shapes.text(left + 8, top + 17, name, size, colour)
    yield shapes.text(left + room - 8, top + 17, text, size, colour, "end", bold=item.look != "same")
    yield "</g>"


def _wrapped(text: str, room: float, size: int) -> list[str]:
    """The text in up to three lines."""
    return textwrap.wrap(text, int(room / (size * shapes.CHARACTER)), max_lines=3, placeholder="…")
