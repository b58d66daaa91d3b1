"""Tells the master what the plans want: kills, wishes for offers, and questions for the states of tasks."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from .backoff import Backoff
from .flags import Flags
from .mesos import MesosError
from .session import Session
from .state import State
from .tasks import Task

Json = dict[str, Any]
log = logging.getLogger(__name__)

# Seconds until a call whose effect did not show is made again.
REPEAT_KILL = 5.0
REPEAT_RECONCILE = 10.0


class Upkeep:
    """Works when woken, and once a second.

    Args:
        flags: those of the process.
        state: what should run, and what does.
        session: takes calls.
        backoff: when an app whose tasks end may have new ones.
    """

    def __init__(self, flags: Flags, state: State, session: Session, backoff: Backoff) -> None:
        self._flags, self._state, self._session, self._backoff = flags, state, session, backoff
        self._wake = threading.Event()
        self._unconfirmed: set[str] = set()  # tasks whose state the master has not told since the registration
        self._registered_at = 0.0
        self._last: dict[str, float] = {}  # when a call was last made, by its name

    def wake(self) -> None:
        """Something is to be done."""
        self._wake.set()

    def registered(self) -> None:
        """All is said again to the new master, and it is asked for every task: some may have ended unheard."""
        with self._state.lock:
            self._unconfirmed, self._registered_at = set(self._state.tasks), time.time()
            self._last.clear()
        self.wake()

    def launched(self, task: Task) -> None:
        """Should the launch be lost on its way, the master answers the question for the task with TASK_LOST."""
        self._unconfirmed.add(task.id)

    def heard_of(self, task_id: str, ended: bool) -> None:
        """The master told a task's state."""
        with self._state.lock:
            self._unconfirmed.discard(task_id)
            if ended:
                self._last.pop(f"KILL {task_id}", None)

    def run(self) -> None:
        """Works for ever."""
        while True:
            self._wake.wait(1)
            self._wake.clear()
            kill, start, ask = self._work()
            if not self._session.master:
                continue
            try:
                self._reconcile(ask)
                for task in kill:
                    if self._due(f"KILL {task.id}", REPEAT_KILL):
                        self._kill(task)
                # A revival may overtake an older decline: it is repeated while there is a need.
                if start and self._due("REVIVE", self._flags.min_revive_offers_interval / 1000):
                    self._session.call("reviveOffers")
            except MesosError as error:
                log.warning("%s", error)

    def _work(self) -> tuple[list[Task], bool, list[Task]]:
        """Tasks to kill, whether some are to be started, and tasks to ask the master for."""
        with self._state.lock:
            self._state.settle()
            start = False
            for key, app, plan in self._state.plans():
                start = start or bool(app and plan.start and self._backoff.over(key))
                for task in (*plan.kill, *(t for t in self._state.tasks_of(key) if self._late(t))):
                    task.killing = True
                    self._state.save(task)
            if not start:
                self._last.pop("REVIVE", None)  # the next need is told at once
            kill = [task for task in self._state.tasks.values() if task.killing]
            ask = [task for key, task in self._state.tasks.items() if key in self._unconfirmed and self._arrived(task)]
            return kill, start, ask

    def _arrived(self, task: Task) -> bool:
        """Whether its launch is no longer on its way to the master, which would call it lost."""
        return task.staged < self._registered_at or task.staged < time.time() - REPEAT_RECONCILE

    def _late(self, task: Task) -> bool:
        limit = min(self._flags.task_launch_timeout, self._flags.task_launch_confirm_timeout) / 1000
        if task.state != "TASK_STAGING":
            limit = self._flags.task_launch_timeout / 1000
        return not task.running and not task.killing and time.time() - task.staged > limit

    def _reconcile(self, ask: list[Task]) -> None:
        if ask and self._due("RECONCILE", REPEAT_RECONCILE):
            self._session.call("reconcileTasks", [{"task_id": {"value": task.id}} for task in ask])
        if self._due("RECONCILE ALL", self._flags.reconciliation_interval / 1000):
            self._session.call("reconcileTasks", [])  # all that the master knows of

    def _kill(self, task: Task) -> None:
        log.info("killing %s", task.id)
        body: Json = {"task_id": {"value": task.id}, "agent_id": {"value": task.agent}}
        grace = self._state.apps.get(task.app, {}).get("taskKillGracePeriodSeconds")
        if grace is not None:
            body["kill_policy"] = {"grace_period": {"nanoseconds": int(grace * 1_000_000_000)}}
        self._session.call("kill", body)

    def _due(self, call: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._last.get(call, -1e9) < seconds:
            return False
        self._last[call] = now
        return True
