"""Runs a task that is a command on the agent's own file system."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any


def command_arguments(task: Any) -> list[str]:
    """The program and arguments of a TaskInfo's command."""
    command = task.command
    return ["/bin/sh", "-c", command.value] if command.shell else [command.value, *command.arguments[1:]]


class Command:
    """A process with its children, in a separate session."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Starts the process."""
        self._process = subprocess.Popen(arguments, start_new_session=True)
        return self._process

    def started(self) -> Mapping[str, Any] | None:
        """An empty mapping once the process was started, else None. See `Container.started`."""
        return {} if self._process else None

    def stop(self, grace: float) -> None:
        """Ends the processes: SIGTERM, and SIGKILL after `grace` seconds."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
