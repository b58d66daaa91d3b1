"""What the machine room did, and what went wrong in it."""

from __future__ import annotations

import threading
import time
from pathlib import Path


class Journal:
    """Lines in a log; failures are kept beside, for those who wait or assert.

    Args:
        log: the file.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self.failures: list[str] = []
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """Something was done."""
        with self._lock, self.log.open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {text}\n")

    def fail(self, text: str) -> None:
        """Something did not work; what fails over and over is said once."""
        if text not in self.failures:
            self.failures.append(text)
            self.note(f"FAILED {text}")
