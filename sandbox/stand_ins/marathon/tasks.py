"""Tasks, and the plan of which to start and kill so that an app has the right ones."""

from __future__ import annotations

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


def plan(instances: int, version: str, tasks: Iterable[Task]) -> Plan:
    """The plan that gives an app the right number of tasks of its current version.

    A task of an older version is killed only when one of the current version runs, so that at least `instances` run all
    the time (Marathon's default upgrade strategy). If there are too many tasks, those that do not run yet are killed
    first, then the youngest.

    Args:
        instances: how many tasks the app should have.
        version: the version of the app's current configuration.
        tasks: the app's tasks, including those being killed.
    """
    alive = [task for task in tasks if not task.killing]
    current = sorted((t for t in alive if t.version == version), key=lambda t: (not t.running, t.staged))
    old = sorted((t for t in alive if t.version != version), key=lambda t: (not t.running, t.staged))
    surplus, current = current[instances:], current[:instances]
    still_needed = max(0, instances - sum(task.running for task in current))
    return Plan(start=instances - len(current), kill=(*surplus, *old[still_needed:]))
