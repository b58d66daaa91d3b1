"""Makes the calls that the plans need: kills tasks, asks the master for offers, and asks for the states of tasks."""

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

# Seconds after which a call is repeated if it had no effect.
REPEAT_KILL = 5.0
REPEAT_RECONCILE = 10.0


class Upkeep:
    """Works once a second, and whenever it is woken.

    Args:
        flags: the process's flags.
        state: the apps, and the tasks that run.
        session: sends calls to the master.
        backoff: the delays of apps whose tasks keep failing.
    """

    def __init__(self, flags: Flags, state: State, session: Session, backoff: Backoff) -> None:
        self._flags, self._state, self._session, self._backoff = flags, state, session, backoff
        self._wake = threading.Event()
        self._unconfirmed: set[str] = set()  # tasks without a status update since the registration
        self._registered_at = 0.0
        self._last: dict[str, float] = {}  # when each call was last made, by its name

    def wake(self) -> None:
        """Wakes the thread: there is something to do."""
        self._wake.set()

    def registered(self) -> None:
        """Repeats all calls after a registration, and asks for every task's state: some may have ended unnoticed."""
        with self._state.lock:
            self._unconfirmed, self._registered_at = set(self._state.tasks), time.time()
            self._last.clear()
        self.wake()

    def launched(self, task: Task) -> None:
        """Asks later for the state of a launched task: if the launch was lost, the master answers TASK_LOST."""
        self._unconfirmed.add(task.id)

    def heard_of(self, task_id: str, ended: bool) -> None:
        """The master sent a task's state."""
        with self._state.lock:
            self._unconfirmed.discard(task_id)
            if ended:
                self._last.pop(f"KILL {task_id}", None)

    def run(self) -> None:
        """Works until the process ends."""
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
                # Repeat the REVIVE while tasks are missing: an older DECLINE may arrive after it and undo it.
                if start and self._due("REVIVE", self._flags.min_revive_offers_interval / 1000):
                    self._session.call("reviveOffers")
            except MesosError as error:
                log.warning("%s", error)

    def _work(self) -> tuple[list[Task], bool, list[Task]]:
        """The tasks to kill, whether tasks must be started, and the tasks whose state to ask for."""
        with self._state.lock:
            self._state.settle()
            start = False
            for key, app, plan in self._state.plans():
                start = start or bool(app and plan.start and self._backoff.over(key))
                for task in (*plan.kill, *(t for t in self._state.tasks_of(key) if self._late(t))):
                    task.killing = True
                    self._state.save(task)
            if not start:
                self._last.pop("REVIVE", None)  # so that the next need is sent at once
            kill = [task for task in self._state.tasks.values() if task.killing]
            ask = [task for key, task in self._state.tasks.items() if key in self._unconfirmed and self._arrived(task)]
            return kill, start, ask

    def _arrived(self, task: Task) -> bool:
        """Whether the launch has surely reached the master, which would otherwise report the task as lost."""
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
            self._session.call("reconcileTasks", [])  # an empty list asks for all tasks

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
