"""Shows the progress of long work on standard error: the number of each step, of all steps, and its seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Counts steps. Several threads may use it.

    Args:
        total: how many steps there will be.
    """

    def __init__(self, total: int) -> None:
        """Set the number of steps."""
        self._total = total
        self._begun = 0
        self._lock = threading.Lock()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Prints that the step begins and, when it has succeeded, how long it took."""
        with self._lock:
            self._begun += 1
            line = f"    {self._begun} of {self._total}: {what} …"
        print(line, file=sys.stderr, flush=True)
        start = time.monotonic()
        yield
        print(f"{line} {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
