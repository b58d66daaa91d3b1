"""Where the seconds of a deploy go, read from what `cdktf deploy` prints and when it prints it."""

from __future__ import annotations

import itertools
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from cdktf_mesos.container.names import MACHINE_CHECK, OLD_IMAGES

# A resource's line: "docker_container.machine_is_ready (hs8/…): Creation complete after 2s".
_LINE = re.compile(r"(docker_\w+\.\S+) .*: (Creating|Destroying|Creation complete|Destruction complete)")

# What Terraform works on, by a part of the resource's address.
_WORK = {
    "docker_image.": "pull images",
    MACHINE_CHECK: "machine check",
    "every_other_": "preflights",
    OLD_IMAGES: "old images",
}
_STOP, _START, _TERRAFORM = "stop members", "start members", "Terraform itself"
_WAVE = (_TERRAFORM, "pull images", "machine check", "preflights", _STOP, _START, "old images")


@dataclass
class Seconds:
    """Measures a deploy by the lines that it prints: call `line` with each, as it comes.

    A second in which several things happen counts for the one that comes last in the table, so the seconds of a wave
    add up to the time that it took.
    """

    begin: float = field(default_factory=time.monotonic)
    _ends: list[tuple[str, float]] = field(default_factory=list)
    _began: dict[str, float] = field(default_factory=dict)
    _spans: list[tuple[str, float, float]] = field(default_factory=list)
    _initialised: list[float] = field(default_factory=list)
    _stack: str = ""

    def line(self, text: str) -> None:
        """Take a line that the deploy has just printed."""
        now = time.monotonic() - self.begin
        if found := re.match(r"(\S+-(?:machine|members))\s", text):
            self._stack = found[1]
        if "Initializing the backend" in text or "successfully initialized" in text:
            self._initialised.append(now)
        if "Apply complete" in text:
            self._ends.append((self._stack, now))
        if found := _LINE.search(text):
            resource, what = found.groups()
            if what.endswith("complete"):
                begin = self._began.pop(resource, now)
                self._spans.append((_kind(resource, destroyed=what.startswith("Destruction")), begin, now))
            else:
                self._began[resource] = now

    def print(self, title: str) -> None:
        """Print the table: a row for each wave, the seconds of each kind of work in columns."""
        waves: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(_WAVE, 0.0))
        begin = self._initialised[-1]
        for stack, end in self._ends:
            wave = waves[stack.rpartition("-")[0]]
            for kind, seconds in self._shares(begin, end):
                wave[kind] += seconds
            begin = end
        table = Table("wave", *_WAVE, "all", title=title)
        for name, wave in [*waves.items(), ("all", _sum(waves.values()))]:
            table.add_row(name, *(f"{each:.1f}" for each in [*wave.values(), sum(wave.values())]))
        total = time.monotonic() - self.begin
        before, initialising = self._initialised[0], self._initialised[-1] - self._initialised[0]
        Console(width=140).print(table)
        print(
            f"cdktf and synth {before:.1f} s, terraform init {initialising:.1f} s; all of it {total:.1f} s", flush=True
        )

    def _shares(self, begin: float, end: float) -> Iterable[tuple[str, float]]:
        """The kinds of work on a stack between two times, each with its seconds."""
        spans = [(kind, max(a, begin), min(b, end)) for kind, a, b in self._spans if a < end and b > begin]
        cuts = sorted({begin, end, *(each for _, *times in spans for each in times)})
        for a, b in itertools.pairwise(cuts):
            at_work = [kind for kind, since, until in spans if since <= a and until >= b]
            yield max(at_work, key=_WAVE.index, default=_TERRAFORM), b - a


def _kind(resource: str, *, destroyed: bool) -> str:
    default = _STOP if destroyed else _START
    return next((kind for part, kind in _WORK.items() if part in resource), default)


def _sum(waves: Iterable[dict[str, float]]) -> dict[str, float]:
    return {kind: sum(wave[kind] for wave in waves) for kind in _WAVE}
