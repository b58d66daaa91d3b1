"""Handles the master's events: starts tasks on its offers, and records the tasks' states."""

from __future__ import annotations

import logging
import time
from typing import Any

import pymesos  # type: ignore[import-not-found]

from .backoff import Backoff
from .flags import Flags
from .mesos import Driver
from .offers import Offer, place, task_info
from .session import Session
from .state import State
from .tasks import FAILED, TERMINAL, Task, new_task_id
from .upkeep import Upkeep

Json = dict[str, Any]
log = logging.getLogger(__name__)


class Scheduler(pymesos.Scheduler):  # type: ignore[misc]  # pymesos has no types
    """Handles the events of a session. A `MesosError` in a handler ends the subscription.

    Args:
        flags: the process's flags.
        state: the apps, and the tasks that run.
        session: sends calls to the master.
        upkeep: makes the calls that need not be made at once.
        backoff: the delays of apps whose tasks keep failing.
    """

    def __init__(self, flags: Flags, state: State, session: Session, upkeep: Upkeep, backoff: Backoff) -> None:
        self._flags, self._state, self._session, self._upkeep, self._backoff = flags, state, session, upkeep, backoff

    def registered(self, driver: Driver, framework_id: Json, master: Json) -> None:
        """The framework was registered for the first time."""
        self.reregistered(driver, master)

    def reregistered(self, driver: Driver, master: Json) -> None:
        """The framework was registered again, with its id."""
        self._session.registered(driver)
        self._upkeep.registered()

    def error(self, driver: Driver, message: str) -> None:
        """The master has removed the framework, or another instance has registered with its id."""
        self._session.ended(message)

    def resourceOffers(self, driver: Driver, offers: list[Json]) -> None:  # noqa: N802  # as all of pymesos
        """Starts tasks on the offers, and declines the rest."""
        self._offered([Offer(offer) for offer in offers])

    def slaveLost(self, driver: Driver, agent_id: Json) -> None:  # noqa: N802
        """Only logs: separate status updates tell what became of the agent's tasks."""
        log.warning("agent failed: %s", agent_id)

    def executorLost(self, driver: Driver, executor: Json, agent: Json, status: int) -> None:  # noqa: N802
        """Only logs: separate status updates tell what became of the executor's tasks."""
        log.warning("executor failed: %s on %s: %s", executor, agent, status)

    def _offered(self, offers: list[Offer]) -> None:
        with self._state.lock:
            needs = [(app, plan.start) for key, app, plan in self._state.plans() if app and self._backoff.over(key)]
            place(offers, needs, self._place)
            waiting = any(plan.start for _, _, plan in self._state.plans())
        # Decline for a short time while tasks are missing: an app that has to wait may need these resources soon.
        filters = {"refuse_seconds": 1 if waiting else self._flags.decline_offer_duration / 1000}
        for offer in offers:
            if offer.launched:
                launch = {"type": "LAUNCH", "launch": {"task_infos": offer.launched}}
                self._session.call("acceptOffers", [offer.id], [launch], filters)
        if idle := [offer.id for offer in offers if not offer.launched]:
            self._session.call("declineOffer", idle, filters)

    def _place(self, offer: Offer, app: Json) -> bool:
        """Places a task on an offer. Saves it before Mesos knows it, so that no task runs that is not in the store."""
        roles = self._flags.default_accepted_resource_roles or f"*,{self._flags.mesos_role}"
        taken = offer.take(app, roles.split(","))
        if not taken:
            reasons = self._state.declined.setdefault(app["id"], {})
            reasons[offer.lacks] = reasons.get(offer.lacks, 0) + 1
            return False
        self._state.declined.pop(app["id"], None)
        resources, ports = taken
        version = app["versionInfo"]["lastConfigChangeAt"]
        task = Task(new_task_id(app["id"]), app["id"], version, offer.agent, offer.host, ports)
        self._state.save(task)
        self._upkeep.launched(task)
        offer.launched.append(task_info(app, task.id, offer, resources, ports))
        log.info("starting %s on %s", task.id, offer.host)
        return True

    def statusUpdate(self, driver: Driver, status: Json) -> None:  # noqa: N802
        """Records a task's state, and acknowledges the update only after it is in the store."""
        task_id, state = status["task_id"]["value"], status["state"]
        log.info("%s: %s %s", task_id, state, status.get("message", ""))
        self._upkeep.heard_of(task_id, ended=state in TERMINAL)
        with self._state.lock:
            task = self._state.tasks.get(task_id)
            if task:
                self._tell(task, state, status.get("message", ""))
            if task and state in TERMINAL:
                self._state.remove(task)
                if state in FAILED and not task.killing:
                    self._state.failed(task, state, status.get("message", ""))
                if not task.killing:
                    self._backoff.failed(self._state.apps.get(task.app), task)
            elif task and state != task.state:
                task.state = state
                task.started = task.started or (time.time() if task.running else None)
                self._state.save(task)
            self._state.settle()
        self._session.call("acknowledgeStatusUpdate", status)
        if not task and state not in TERMINAL:
            log.warning("killing %s, which is not one of our tasks", task_id)
            self._session.call("killTask", {"value": task_id})
        self._upkeep.wake()

    def _tell(self, task: Task, state: str, message: str) -> None:
        place = {"appId": task.app, "host": task.host, "ports": task.ports, "slaveId": task.agent, "ipAddresses": []}
        about = {"taskId": task.id, "taskStatus": state, "message": message, "version": task.version}
        self._state.events.publish("status_update_event", **place, **about)
