"""A thread for the length of a block, that does one thing over and over."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TypeVar

Self = TypeVar("Self", bound="Repeated")


class Repeated(threading.Thread):
    """Does one thing over and over until the block that it is used as ends.

    Args:
        pause: between two turns, in seconds.
    """

    def __init__(self, pause: float = 0.05) -> None:
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
        """The thread."""
        while not self._ended.wait(self._pause):
            self.step()

    def step(self) -> None:
        """One turn."""
        raise NotImplementedError

    def end(self) -> None:
        """What ends a turn that would go on for long; nothing here."""
