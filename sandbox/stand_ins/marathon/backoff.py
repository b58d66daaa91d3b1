"""Delays new tasks of an app whose tasks keep failing: longer and longer."""

from __future__ import annotations

import time
from typing import Any

from .tasks import Task

# After a task that ran for this many seconds, the delay begins again with the shortest one.
GOOD_RUN = 60.0


class Backoff:
    """The delay of each app, from its backoffSeconds, backoffFactor and maxLaunchDelaySeconds.

    A new version of the app begins with the shortest delay.
    """

    def __init__(self) -> None:
        self._waits: dict[str, tuple[str, float, float]] = {}

    def failed(self, app: dict[str, Any] | None, task: Task) -> None:
        """A task ended without having been killed. `app` is its app; None if that was deleted."""
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
        """Whether the delay of an app is over, so that its tasks may be started."""
        return time.time() >= self._waits.get(key, ("", 0.0, 0.0))[2]
