"""Writes log lines to the task's sandbox."""

from __future__ import annotations

import time


def log(text: str) -> None:
    """Writes a line to the executor's standard output, which the agent keeps."""
    print(time.strftime("%H:%M:%S"), text, flush=True)
