"""Records what the machine room did, and what failed in it."""

from __future__ import annotations

import threading
import time
from pathlib import Path


class Journal:
    """Writes a log, and keeps the failures for code that waits or asserts.

    Args:
        log: the log file.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self.failures: list[str] = []
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """Log that something was done."""
        with self._lock, self.log.open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {text}\n")

    def fail(self, text: str) -> None:
        """Log that something failed. The same failure is logged only once."""
        if text not in self.failures:
            self.failures.append(text)
            self.note(f"FAILED {text}")
