"""What was observed during a roll, and a coarse picture of it for a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# The character for each state. A column of the text into which several states fall shows the first one in this order.
STATES = {"down": "x", "leader": "█", "standalone": "█", "follower": "─", "registered": "═"}
# Seconds. A write is drawn with the first height whose limit it does not exceed; one above all limits with the last.
STEPS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_HEIGHTS = "▁▂▃▄▅▆▇█"

Samples = Sequence[tuple[float, Mapping[str, str]]]


@dataclass(frozen=True)
class Span:
    """A state and how long it lasted: from `begin` to `end`, in seconds since the roll began."""

    begin: float
    end: float
    what: str


@dataclass(frozen=True)
class Timeline:
    """What was observed during a roll. All times are seconds of one monotonic clock.

    Args:
        begin: when the deploy began.
        end: when the deploy had ended and all members served again.
        samples: when the members' states were sampled, and each member's state, in the order of the rows.
        writes: when each write was acknowledged, and how many seconds it took.
        waves: when the deploy began each wave, and the wave's name.
        versions: each member's version; before and after, where the roll changed it.
    """

    begin: float
    end: float
    samples: Samples
    writes: Sequence[tuple[float, float]] = ()
    waves: Sequence[tuple[float, str]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long the roll took."""
        return max(self.end - self.begin, 0.1)

    @property
    def members(self) -> list[str]:
        """The members' names; empty where nothing was sampled."""
        return list(self.samples[0][1]) if self.samples else []

    def spans(self, member: str) -> list[Span]:
        """A member's states; each lasts until another state was sampled."""
        return self._lasting([(when, states[member]) for when, states in self.samples])

    def bands(self) -> list[Span]:
        """The waves; each lasts until the next one begins."""
        return self._lasting(self.waves)

    def write_spans(self) -> list[Span]:
        """The writes, each from its call to its acknowledgement, with its latency in seconds as text."""
        return [
            Span(max(when - took - self.begin, 0.0), min(when - self.begin, self.seconds), f"{took:.4f}")
            for when, took in self.writes
            if self.begin <= when and when - took <= self.end
        ]

    def _lasting(self, seen: Sequence[tuple[float, str]]) -> list[Span]:
        starts = [next(group) for _, group in itertools.groupby(seen, lambda each: each[1])]
        ends = [*(when for when, _ in starts), self.end][1:] if starts else []
        spans = []
        for (when, what), end in zip(starts, ends, strict=True):
            begin, until = max(when - self.begin, 0.0), min(end - self.begin, self.seconds)
            if until > begin:
                spans.append(Span(begin, until, what))
        return spans


def text(timeline: Timeline, columns: int = 60) -> str:
    """The picture for a terminal: a line for each member, one for the writes, the time axis and a legend."""
    if not timeline.members:
        return "nothing was observed"
    wide = max(map(len, [*timeline.members, "slowest write"]))
    lines = [
        f"{name.ljust(wide)} {_row(timeline, name, columns)} {timeline.versions.get(name, '')}".rstrip()
        for name in timeline.members
    ]
    lines.append(f"{'slowest write'.ljust(wide)} {_write_row(timeline, columns)}".rstrip())
    end = f"{timeline.seconds:.0f} s"
    lines.append(f"{' ' * wide} 0{end.rjust(columns - 1)}")
    lines.append(f"{' ' * wide} █ leader  ─ follower  ═ registered  x down")
    lines.append(f"{' ' * wide} writes: ▁ up to 10 ms, ▃ 100 ms, ▅ 1 s, ▇ 10 s, █ longer")
    return "\n".join(lines)


def change_lines(before: Mapping[str, str], after: Mapping[str, str], seconds: float) -> list[str]:
    """A line for each member whose state has changed."""
    return [
        f"{seconds:6.1f} s  {name}  {before[name]} -> {state}"
        for name, state in after.items()
        if name in before and before[name] != state
    ]


def _row(timeline: Timeline, member: str, columns: int) -> str:
    row = [" "] * columns
    spans = timeline.spans(member)
    # The first state in STATES is drawn last, on top, so that a short outage stays visible.
    for state in reversed(STATES):
        for span in spans:
            if span.what == state:
                first, last = _columns(span, timeline.seconds, columns)
                row[first : last + 1] = STATES[state] * (last + 1 - first)
    return "".join(row)


def _write_row(timeline: Timeline, columns: int) -> str:
    heights = [-1] * columns
    for span in timeline.write_spans():
        first, last = _columns(span, timeline.seconds, columns)
        height = sum(float(span.what) > step for step in STEPS)
        for column in range(first, last + 1):
            heights[column] = max(heights[column], height)
    return "".join(_HEIGHTS[height] if height >= 0 else " " for height in heights)


def _columns(span: Span, seconds: float, columns: int) -> tuple[int, int]:
    """The first and the last column of a span."""
    scale = columns / seconds
    first = min(int(span.begin * scale), columns - 1)
    return first, max(min(int(span.end * scale - 1e-9), columns - 1), first)
