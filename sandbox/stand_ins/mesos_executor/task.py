"""One task: starts its container or process, reports its states, and ends it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .command import Command
from .docker import Container
from .log import log

POLL_INTERVAL = 0.1
"""Seconds between checks of whether the container or process was started."""

Report = Callable[[str, str, Mapping[str, Any]], None]
"""A function that takes the name of a TaskState, a text for people, and the output of `docker inspect`."""


class Task:
    """The task, from start to end."""

    def __init__(self, container: Container | Command, report: Report) -> None:
        """Set the container or process that the task runs in, and the function to call with each state."""
        self._container = container
        self._report = report
        self._killed = False
        self.ended = threading.Event()

    def run(self, arguments: Sequence[str]) -> None:
        """Runs the task to its end. `arguments` are those of `docker run`, or the command's words."""
        self._report("TASK_STARTING", "", {})
        process = self._container.run(arguments)
        ended = False
        while not ended:
            ended = process.poll() is not None
            info = self._container.started()
            if info is not None:
                self._report("TASK_RUNNING", "", info)
                break
            time.sleep(POLL_INTERVAL)
        status = process.wait()
        log(f"the task ended with {status}")
        state = "TASK_KILLED" if self._killed else "TASK_FINISHED" if status == 0 else "TASK_FAILED"
        self._report(state, f"Exited with status {status}", {})
        self.ended.set()

    def kill(self, grace: float) -> None:
        """Ends the task: SIGTERM, and SIGKILL after `grace` seconds."""
        self._killed = True
        # Try again until the task has ended: a container cannot be stopped while the engine still prepares it.
        while not self.ended.is_set():
            self._container.stop(grace)
            self.ended.wait(1)


def inspection(info: Mapping[str, Any]) -> bytes:
    """The `data` of TASK_RUNNING, as Mesos's executor fills it: the output of `docker inspect`."""
    return json.dumps([info]).encode()
