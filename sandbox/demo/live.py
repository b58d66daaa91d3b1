"""Shows the members' states during a roll: on a terminal a table that is redrawn, else a line for each change."""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType

import requests

from cdktf_mesos.operations.preview.picture import wave_of
from sandbox.demo.timeline import change_lines
from sandbox.watch import Poller, Writer

_DONE = re.compile(r"(Creat|Destroy|Modify)ing[.]{3}|Apply complete")
# A wave, such as demo-1-control-hs1 or demo-4-load-balancer-hs4, without the cluster's name.
_WAVE = re.compile(r"\d-(load-balancer|[a-z]+)-(.+)")


class LiveView:
    """A context manager that prints the members' states until its block ends.

    Args:
        cluster: the cluster's name, with which the names of its stacks begin.
        versions: for each member a function that returns its version.
        watched: the poller of the members.
        writer: the writer whose writes are counted.
    """

    def __init__(
        self, cluster: str, versions: Mapping[str, Callable[[], str]], watched: Poller, writer: Writer
    ) -> None:
        self.begin = time.monotonic()
        self.waves: list[tuple[float, str]] = []
        self._cluster, self._version_of, self._watched, self._writer = cluster, versions, watched, writer
        self._stack = ""
        self._versions: dict[str, str] = {}
        self._samples_shown, self._lines_drawn, self._waves_shown = 0, 0, 0
        self._states: Mapping[str, str] = {}
        size = shutil.get_terminal_size()
        self._columns, self._redraws = size.columns, sys.stdout.isatty() and size.lines > len(versions) + 3
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> LiveView:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=60)

    def line(self, line: str) -> None:
        """Take a line of the deploy's output. Only the first of a stack's consecutive lines begins with its name."""
        if not line.startswith((" ", "\n")):
            self._stack = line.split(" ", 1)[0]
        # cdktf initialises all stacks before it deploys the first; a wave begins with the first change in its stacks.
        ours = self._stack.startswith(f"{self._cluster}-") and self._stack.endswith(("-machine", "-members"))
        if not ours or not _DONE.search(line):
            return
        found = _WAVE.fullmatch(wave_of(self._stack).removeprefix(f"{self._cluster}-"))
        wave = " ".join(found.groups()) if found else self._stack
        if wave not in [name for _, name in self.waves]:
            self.waves.append((time.monotonic(), wave))

    def _run(self) -> None:
        while not self._ended.wait(0.25):
            self._turn()
        self._turn()

    def _turn(self) -> None:
        samples = self._watched.samples[self._samples_shown :]
        self._samples_shown += len(samples)
        lines = []
        for when, states in samples:
            lines += change_lines(self._states, states, when - self.begin)
            self._states = states
        if self._redraws:
            self._look_up_versions()
            self._draw()
            return
        for when, wave in self.waves[self._waves_shown :]:
            self._waves_shown += 1
            lines.append(f"{when - self.begin:6.1f} s  deploying {wave}")
        for each in sorted(lines, key=lambda line: float(line.split()[0])):
            print(f"    {each}", flush=True)

    def _look_up_versions(self) -> None:
        """Look up the versions of members that have come up. A member that is down may return with another version."""
        for name, state in self._states.items():
            if state == "down":
                self._versions.pop(name, None)
            elif name not in self._versions:
                with contextlib.suppress(OSError, requests.RequestException, KeyError):
                    self._versions[name] = self._version_of[name]()

    def _draw(self) -> None:
        lines = table(
            time.monotonic() - self.begin,
            self.waves[-1][1] if self.waves else "",
            self._states,
            self._versions,
            f"{len(self._writer.acknowledged)} acknowledged, longest stall {self._writer.longest_stall():.1f} s",
        )
        up = f"\x1b[{self._lines_drawn}F" if self._lines_drawn else ""
        # Cut each line: one that wraps would take two rows, and the next table would begin too low.
        shown = "".join(f"{line[: self._columns - 1]}\x1b[K\n" for line in lines)
        sys.stdout.write(f"{up}{shown}\x1b[J")
        sys.stdout.flush()
        self._lines_drawn = len(lines)


def table(seconds: float, wave: str, states: Mapping[str, str], versions: Mapping[str, str], writes: str) -> list[str]:
    """The lines of the table: the time and the wave, a line for each member, and one for the writes."""
    wide = max(map(len, [*states, "writes"]))
    return [
        f"    {seconds:6.1f} s  {f'deploying {wave}' if wave else 'the deploy begins'}",
        *(f"    {name.ljust(wide)}  {state:10}  {versions.get(name, '')}".rstrip() for name, state in states.items()),
        f"    {'writes'.ljust(wide)}  {writes}",
    ]
