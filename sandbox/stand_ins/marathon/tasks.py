"""Tasks, and the plan of which to start and kill so that an app has the right ones."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

Json = dict[str, Any]

TERMINAL = {
    "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR", "TASK_LOST",
    "TASK_DROPPED", "TASK_GONE", "TASK_GONE_BY_OPERATOR", "TASK_UNKNOWN",
}  # fmt: skip

# The states that count as a failure of an app (TaskFailure.scala).
FAILED = TERMINAL - {"TASK_FINISHED", "TASK_KILLED"}


@dataclass
class Task:
    """A task that was launched and has not ended, as stored in ZooKeeper. Times are seconds since the epoch."""

    id: str
    app: str
    version: str  # of the app's configuration
    agent: str
    host: str
    ports: list[int]
    state: str = "TASK_STAGING"
    staged: float = field(default_factory=time.time)
    started: float | None = None
    killing: bool = False

    @property
    def running(self) -> bool:
        """Whether it counts as one of the app's running tasks."""
        return self.state == "TASK_RUNNING"

    def to_json(self) -> Json:
        """The task as JSON for the store."""
        return asdict(self)


def new_task_id(app: str) -> str:
    """A task id in Marathon's form: the app's path with `_` instead of `/`, and a UUID."""
    return f"{app.strip('/').replace('/', '_')}.{uuid.uuid4()}"


@dataclass(frozen=True)
class Plan:
    """How many tasks to start, and which to kill."""

    start: int
    kill: tuple[Task, ...]


def plan(instances: int, version: str, tasks: Iterable[Task], healthy: float = 1, over: float = 1) -> Plan:
    """The plan that gives an app the right number of tasks of its current version.

    By default a task of an older version is killed only when one of the current version runs, so that at least
    `instances` run all the time (Marathon's default upgrade strategy). If there are too many tasks, those that do not
    run yet are killed first, then the youngest.

    Args:
        instances: how many tasks the app should have.
        version: the version of the app's current configuration.
        tasks: the app's tasks, including those being killed.
        healthy: the part of `instances` that must run all the time, from 0 to 1 (minimumHealthCapacity).
        over: how many more tasks there may be meanwhile, as a part of `instances` (maximumOverCapacity).
    """
    tasks = list(tasks)
    alive = [task for task in tasks if not task.killing]
    current = sorted((t for t in alive if t.version == version), key=lambda t: (not t.running, t.staged))
    old = sorted((t for t in alive if t.version != version), key=lambda t: (not t.running, t.staged))
    surplus, current = current[instances:], current[:instances]
    still_needed = max(0, math.ceil(instances * healthy) - sum(task.running for task in current))
    missing = instances - len(current)
    if over < 1:
        missing = max(0, min(missing, math.floor(instances * (1 + over)) - len(tasks)))
    return Plan(start=missing, kill=(*surplus, *old[still_needed:]))
