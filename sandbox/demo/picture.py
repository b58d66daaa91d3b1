"""Draws a roll as an SVG picture: time from left to right, a row for each member, and one for the writes' latency."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from cdktf_mesos.operations.preview import shapes
from sandbox.demo.timeline import Timeline

# Sizes in pixels.
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _GAP, _WRITES = 1060, 150, 150, 100, 22, 10, 90
_PLOT = _WIDTH - _LEFT - _RIGHT
# Dark blue, pale blue, green, red: colour-blind people can tell them apart, too.
_COLOURS = {"leader": "#0550ae", "follower": "#9fd0ff", "registered": "#7ad69a", "down": "#d1242f"}
_GREY, _DARK, _WRITE = "#57606a", "#24292f", "#8250df"
# Seconds at the bottom and at the top of the latency's row. Its scale is logarithmic.
_LEAST, _MOST = 0.001, 30.0
_GRID = {0.01: "10 ms", 0.1: "100 ms", 1.0: "1 s", 10.0: "10 s"}


def svg(timeline: Timeline, title: str) -> str:
    """The picture."""
    if not timeline.members:
        return shapes.page(_WIDTH, 60, [shapes.text(20, 36, f"{title}: nothing was observed", 14, _DARK)])
    rows, bottom = _rows(timeline)
    writes_top = bottom + _GAP
    end = writes_top + _WRITES
    parts = [
        shapes.text(20, 32, title, 16, _DARK, bold=True),
        *_legend(),
        *_bands(timeline, end),
        *rows,
        *_writes(timeline, writes_top),
        *_axis(timeline, end),
    ]
    return shapes.page(_WIDTH, end + 46, parts)


def _legend() -> Iterator[str]:
    left = 20.0
    words = {**{state: (colour, state) for state, colour in _COLOURS.items()}, "write": (_WRITE, "latency of a write")}
    for colour, label in words.values():
        yield shapes.box(left, 46, 13, 13, colour, "none")
        yield shapes.text(left + 19, 57, label, 12, _GREY)
        left += 42 + len(label) * 12 * shapes.CHARACTER


def _bands(timeline: Timeline, end: float) -> Iterator[str]:
    for number, band in enumerate(timeline.bands()):
        left, width = _x(timeline, band.begin), _x(timeline, band.end) - _x(timeline, band.begin)
        fill = "#eef1f4" if number % 2 == 0 else "#ffffff"
        yield f"<g><title>{escape(band.what)}: {band.begin:.0f} to {band.end:.0f} s</title>"
        yield f'<rect x="{left:.1f}" y="{_TOP - 28}" width="{width:.1f}" height="{end - _TOP + 28:.0f}" fill="{fill}"/>'
        # A band too narrow for some characters shows its name only as its title (tooltip).
        for line, word in enumerate(band.what.split(" ", 1) if width > 20 else ()):
            yield shapes.text(left + width / 2, _TOP - 16 + 12 * line, shapes.cut(word, width, 10), 10, _GREY, "middle")
        yield "</g>"


def _rows(timeline: Timeline) -> tuple[list[str], float]:
    """The members' rows, with a gap between roles, and the y coordinate at which they end."""
    parts, top, role = [], float(_TOP), ""
    for name in timeline.members:
        top += _GAP if role != name.split()[0] else 0
        role = name.split()[0]
        parts.append(shapes.text(_LEFT - 10, top + 14, name, 12, _DARK, "end"))
        parts.append(shapes.text(_LEFT + _PLOT + 10, top + 14, timeline.versions.get(name, ""), 12, _GREY))
        for span in timeline.spans(name):
            colour = _COLOURS.get("leader" if span.what == "standalone" else span.what, _GREY)
            left = _x(timeline, span.begin)
            # At least 1.5 pixels, so that even the shortest state is visible.
            width = max(_x(timeline, span.end) - left, 1.5)
            tooltip = f"<title>{escape(name)}: {escape(span.what)}, {span.begin:.1f} to {span.end:.1f} s</title>"
            place = f'x="{left:.1f}" y="{top:.0f}" width="{width:.1f}" height="{_ROW - 4}"'
            parts.append(f'<rect {place} fill="{colour}">{tooltip}</rect>')
        top += _ROW
    return parts, top


def _writes(timeline: Timeline, top: float) -> Iterator[str]:
    bottom = top + _WRITES
    yield shapes.text(_LEFT - 10, top + 14, "write latency", 12, _DARK, "end")
    yield shapes.text(_LEFT - 10, top + 30, "(log scale)", 10, _GREY, "end")
    for seconds, label in _GRID.items():
        y = bottom - _height(seconds)
        yield f'<path d="M{_LEFT} {y:.1f}H{_LEFT + _PLOT}" stroke="#d0d7de"/>'
        yield shapes.text(_LEFT + _PLOT + 10, y + 4, label, 10, _GREY)
    # Several quick writes share a pixel column: it shows the slowest. A slow write is as wide as the time that it took.
    slowest: dict[int, float] = {}
    for span in timeline.write_spans():
        first, last = int(_x(timeline, span.begin)), int(_x(timeline, span.end))
        for pixel in range(first, max(last, first + 1)):
            slowest[pixel] = max(slowest.get(pixel, 0.0), float(span.what))
    bars = "".join(f"M{pixel} {bottom:.0f}v-{_height(took):.1f}h1V{bottom:.0f}z" for pixel, took in slowest.items())
    yield f'<path d="{bars}" fill="{_WRITE}"/>'


def _axis(timeline: Timeline, top: float) -> Iterator[str]:
    yield f'<path d="M{_LEFT} {top:.0f}H{_LEFT + _PLOT}" stroke="{_GREY}"/>'
    step = next((each for each in (1, 2, 5, 10, 20, 30, 60, 120) if timeline.seconds / each <= 14), 300)
    for second in range(0, int(timeline.seconds) + 1, step):
        x = _x(timeline, second)
        yield f'<path d="M{x:.1f} {top:.0f}v5" stroke="{_GREY}"/>'
        yield shapes.text(x, top + 18, str(second), 11, _GREY, "middle")
    yield shapes.text(_LEFT + _PLOT / 2, top + 36, "seconds since the deploy began", 11, _GREY, "middle")


def _x(timeline: Timeline, seconds: float) -> float:
    return _LEFT + _PLOT * seconds / timeline.seconds


def _height(seconds: float) -> float:
    share = math.log(min(max(seconds, _LEAST * 1.1), _MOST) / _LEAST) / math.log(_MOST / _LEAST)
    return _WRITES * share
