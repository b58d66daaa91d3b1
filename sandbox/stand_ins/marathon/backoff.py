"""Waits longer and longer before it starts tasks of an app whose tasks keep ending."""

from __future__ import annotations

import time
from typing import Any

from .tasks import Task

# A task that ran this many seconds was all right: the next wait is the shortest again.
GOOD_RUN = 60.0


class Backoff:
    """By the app's backoffSeconds, backoffFactor and maxLaunchDelaySeconds, for one version of the app."""

    def __init__(self) -> None:
        self._waits: dict[str, tuple[str, float, float]] = {}

    def failed(self, app: dict[str, Any] | None, task: Task) -> None:
        """A task of an app (None: deleted since) ended without being told to."""
        now = time.time()
        if app is None:
            return
        version, wait, _ = self._waits.get(app["id"], ("", 0.0, 0.0))
        good = task.started is not None and now - task.started > GOOD_RUN
        if not wait or good or version != task.version:
            wait = app["backoffSeconds"]
        else:
            wait = min(wait * app["backoffFactor"], app["maxLaunchDelaySeconds"])
        self._waits[app["id"]] = task.version, wait, now + wait

    def over(self, key: str) -> bool:
        """Whether tasks of an app may be started."""
        return time.time() >= self._waits.get(key, ("", 0.0, 0.0))[2]
