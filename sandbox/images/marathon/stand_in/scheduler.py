"""The framework: starts tasks from offers, follows their states, kills those that should go."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .backoff import Backoff
from .flags import Flags
from .masters import Masters
from .mesos import MesosError, Subscription
from .offers import Offer, place, task_info
from .state import State
from .tasks import TERMINAL, Task, new_task_id
from .zookeeper import Store

Json = dict[str, Any]
log = logging.getLogger(__name__)

# Seconds until a call whose effect did not show is made again.
REPEAT_KILL = 5.0
REPEAT_RECONCILE = 10.0


class Scheduler:
    """Runs from `start` to the end of the process."""

    def __init__(
        self, flags: Flags, store: Store, state: State, masters: Masters, fatal: Callable[[str], None]
    ) -> None:
        """Keeps its parts.

        Args:
            flags: those of the process.
            store: keeps the framework's id.
            state: what should run, and what does.
            masters: tells which master leads.
            fatal: ends the process with a message.
        """
        self._flags, self._store, self._state, self._masters, self._fatal = flags, store, state, masters, fatal
        self.framework_id: str | None = store.load("framework").get("id")
        self.master: str | None = None
        self._subscription: Subscription | None = None
        self._wake = threading.Event()
        self._unconfirmed: set[str] = set()  # tasks whose state the master has not told since the subscription
        self._subscribed_at = 0.0
        self._last: dict[str, float] = {}  # when a call was last made, by its name
        self._backoff = Backoff()

    def start(self) -> None:
        """Subscribes, and keeps at it."""
        for target in (self._subscribe_forever, self._act_forever):
            threading.Thread(target=self._guarded, args=(target,), name=target.__name__, daemon=True).start()

    def wake(self) -> None:
        """Something is to be done."""
        self._wake.set()

    def reconnect(self) -> None:
        """Leaves the master, for the one that leads now."""
        if subscription := self._subscription:
            subscription.close()

    def _guarded(self, target: Callable[[], None]) -> None:
        try:
            target()
        except Exception as error:
            log.exception("%s", target.__name__)
            self._fatal(f"internal error: {error}")

    # Events

    def _subscribe_forever(self) -> None:
        redirected: str | None = None
        while True:
            leader = redirected or self._masters.leader()
            redirected = None
            if leader:
                subscription = self._subscription = Subscription(leader, self._credentials())
                try:
                    for event in subscription.events(self._framework_info()):
                        self._handle(subscription, event)
                    log.warning("the connection to %s ended", leader)
                except (MesosError, OSError, http.client.HTTPException) as error:
                    log.warning("%s: %s", leader, error)
                    redirected = subscription.master if subscription.master != leader else None
                finally:
                    self._subscription = self.master = None
                    subscription.close()
            time.sleep(0.5)

    def _credentials(self) -> str:
        flags = self._flags
        secret = flags.mesos_authentication_secret
        if flags.mesos_authentication_secret_file:
            with open(flags.mesos_authentication_secret_file, encoding="utf-8") as file:  # noqa: PTH123
                secret = file.read().strip()
        return f"{flags.mesos_authentication_principal}:{secret}" if secret else ""

    def _framework_info(self) -> Json:
        flags = self._flags
        info: Json = {
            "user": flags.mesos_user,
            "name": flags.framework_name,
            "roles": [flags.mesos_role],
            "capabilities": [{"type": "MULTI_ROLE"}],
            "checkpoint": flags.checkpoint,
            "failover_timeout": flags.failover_timeout,
            "hostname": flags.hostname,
            "webui_url": flags.webui_url or f"http://{flags.address}",
        }
        if flags.mesos_authentication_principal:
            info["principal"] = flags.mesos_authentication_principal
        if self.framework_id:
            info["id"] = {"value": self.framework_id}
        return info

    def _handle(self, subscription: Subscription, event: Json) -> None:
        if event["type"] == "SUBSCRIBED":
            self._subscribed(subscription, event["subscribed"]["framework_id"]["value"])
        elif event["type"] == "OFFERS":
            self._offered(subscription, [Offer(offer) for offer in event["offers"]["offers"]])
        elif event["type"] == "UPDATE":
            self._updated(subscription, event["update"]["status"])
        elif event["type"] == "ERROR":
            message = event["error"]["message"]
            if "removed" in message:  # its failover timeout is over, or it was torn down: the next start is a new one
                self._store.remove("framework", "id")
            self._fatal(f"Mesos ended the framework: {message}")
        elif event["type"] == "FAILURE":
            log.warning("agent or executor failed: %s", event["failure"])

    def _subscribed(self, subscription: Subscription, framework_id: str) -> None:
        if framework_id != self.framework_id:
            self._store.save("framework", "id", framework_id)
            self.framework_id = framework_id
        log.info("registered with %s as framework %s", subscription.master, framework_id)
        with self._state.lock:
            self._unconfirmed, self._subscribed_at = set(self._state.tasks), time.time()
            self._last.clear()
        self.master = subscription.master
        self.wake()

    def _offered(self, subscription: Subscription, offers: list[Offer]) -> None:
        with self._state.lock:
            needs = [(app, plan.start) for key, app, plan in self._state.plans() if app and self._backoff.over(key)]
            place(offers, needs, self._place)
            waiting = any(plan.start for _, _, plan in self._state.plans())
        # Short while tasks are missing; the offers that fit may be those that an app could not use just now.
        filters = {"refuse_seconds": 1 if waiting else self._flags.decline_offer_duration / 1000}
        for offer in offers:
            if offer.launched:
                launch = {"type": "LAUNCH", "launch": {"task_infos": offer.launched}}
                subscription.call("ACCEPT", offer_ids=[offer.id], operations=[launch], filters=filters)
        if idle := [offer.id for offer in offers if not offer.launched]:
            subscription.call("DECLINE", offer_ids=idle, filters=filters)

    def _place(self, offer: Offer, app: Json) -> bool:
        """Records a task before Mesos hears of it, so that none runs unknown to us."""
        roles = self._flags.default_accepted_resource_roles or f"*,{self._flags.mesos_role}"
        taken = offer.take(app, roles.split(","))
        if not taken:
            return False
        resources, ports = taken
        version = app["versionInfo"]["lastConfigChangeAt"]
        task = Task(new_task_id(app["id"]), app["id"], version, offer.agent, offer.host, ports)
        self._state.save(task)
        # Should the launch be lost on the way, the master answers a question for the task with TASK_LOST.
        self._unconfirmed.add(task.id)
        offer.launched.append(task_info(app, task.id, offer, resources, ports))
        log.info("starting %s on %s", task.id, offer.host)
        return True

    def _updated(self, subscription: Subscription, status: Json) -> None:
        task_id, state = status["task_id"]["value"], status["state"]
        log.info("%s: %s %s", task_id, state, status.get("message", ""))
        with self._state.lock:
            self._unconfirmed.discard(task_id)
            task = self._state.tasks.get(task_id)
            if task and state in TERMINAL:
                self._state.remove(task)
                self._last.pop(f"KILL {task.id}", None)
                if not task.killing:
                    self._backoff.failed(self._state.apps.get(task.app), task)
            elif task and state != task.state:
                task.state = state
                task.started = task.started or (time.time() if task.running else None)
                self._state.save(task)
            self._state.settle()
        if "uuid" in status:  # not in answers to a reconciliation
            about = {key: status[key] for key in ("agent_id", "task_id", "uuid")}
            subscription.call("ACKNOWLEDGE", **about)
        if not task and state not in TERMINAL:
            log.warning("killing %s, which is none of ours", task_id)
            subscription.call("KILL", task_id={"value": task_id})
        self.wake()

    # Actions

    def _act_forever(self) -> None:
        while True:
            self._wake.wait(1)
            self._wake.clear()
            kill, start, ask = self._work()
            subscription = self._subscription
            if not subscription or not self.master:
                continue
            with suppress(MesosError):  # the subscription ends as well, and all is said again to the next master
                self._reconcile(subscription, ask)
                for task in kill:
                    if self._due(f"KILL {task.id}", REPEAT_KILL):
                        self._kill(subscription, task)
                # A revival may overtake an older decline: it is repeated while there is a need.
                if start and self._due("REVIVE", self._flags.min_revive_offers_interval / 1000):
                    subscription.call("REVIVE")

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
            # Not for a task whose launch may still be on its way: the master would call it lost.
            ask = [
                task
                for key, task in self._state.tasks.items()
                if key in self._unconfirmed
                and (task.staged < self._subscribed_at or task.staged < time.time() - REPEAT_RECONCILE)
            ]
            return kill, start, ask

    def _late(self, task: Task) -> bool:
        limit = min(self._flags.task_launch_timeout, self._flags.task_launch_confirm_timeout) / 1000
        if task.state != "TASK_STAGING":
            limit = self._flags.task_launch_timeout / 1000
        return not task.running and not task.killing and time.time() - task.staged > limit

    def _reconcile(self, subscription: Subscription, ask: list[Task]) -> None:
        if ask and self._due("RECONCILE", REPEAT_RECONCILE):
            tasks = [{"task_id": {"value": task.id}, "agent_id": {"value": task.agent}} for task in ask]
            subscription.call("RECONCILE", tasks=tasks)
        if self._due("RECONCILE ALL", self._flags.reconciliation_interval / 1000):
            subscription.call("RECONCILE", tasks=[])

    def _kill(self, subscription: Subscription, task: Task) -> None:
        log.info("killing %s", task.id)
        body: Json = {"task_id": {"value": task.id}, "agent_id": {"value": task.agent}}
        grace = self._state.apps.get(task.app, {}).get("taskKillGracePeriodSeconds")
        if grace is not None:
            body["kill_policy"] = {"grace_period": {"nanoseconds": int(grace * 1_000_000_000)}}
        subscription.call("KILL", **body)

    def _due(self, call: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._last.get(call, -1e9) < seconds:
            return False
        self._last[call] = now
        return True
