"""A thread that repeats one step for the length of a block."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TypeVar

Self = TypeVar("Self", bound="Repeated")

PAUSE = 0.05
"""Seconds between two steps, if not said otherwise: short beside the time that a member takes to restart."""


class Repeated(threading.Thread):
    """A context manager that repeats `step` in a thread until its block ends.

    Args:
        pause: seconds between two steps.
    """

    def __init__(self, pause: float = PAUSE) -> None:
        super().__init__(daemon=True)
        self._pause = pause
        self._ended = threading.Event()

    def __enter__(self: Self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self.end()
        self.join(timeout=60)

    def run(self) -> None:
        """Repeat the step; the thread's main function."""
        while not self._ended.wait(self._pause):
            self.step()

    def step(self) -> None:
        """What is repeated."""
        raise NotImplementedError

    def end(self) -> None:
        """Called when the block ends, before the thread is waited for: ends a step that would take long."""
