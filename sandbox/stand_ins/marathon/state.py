"""The leader's apps, tasks and deployments. Changes of apps and tasks are stored before a request is answered."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from .apps import SCALING, app_id, definition
from .events import Events
from .tasks import Plan, Task, plan
from .times import timestamp
from .zookeeper import Store

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818  # an answer, not a fault
    """A request that Marathon answers with an error."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"message": message, **more}


class State:
    """The apps, tasks and deployments. Hold `lock` to read several things that must belong together.

    Deployments are not stored: a new leader continues them, but does not list them.

    Args:
        store: where apps and tasks are stored.
        first_service_port: the first service port to assign to apps that do not choose one.
    """

    def __init__(self, store: Store, first_service_port: int = 10000) -> None:
        self.lock = threading.RLock()
        self.changed: Callable[[], None] = lambda: None
        self._store = store
        self._first_service_port = first_service_port
        self.apps: dict[str, Json] = store.load("apps")
        self.tasks = {key: Task(**value) for key, value in store.load("tasks").items()}
        self.failures: dict[str, Json] = store.load("failures")  # the last failure of each app's tasks
        self.deployments: dict[str, Json] = {}
        self.declined: dict[str, dict[str, int]] = {}  # why offers did not suffice for an app, and how often
        self._previous: dict[str, Json | None] = {}  # each app before its deployment
        self.events = Events()

    # Apps

    def app(self, key: str) -> Json:
        """The definition of an app.

        Raises:
            Refused: there is no such app.
        """
        key = app_id(key)
        if key not in self.apps:
            raise Refused(404, f"App '{key}' does not exist")
        return self.apps[key]

    def create(self, body: Any) -> Json:
        """Creates an app.

        Raises:
            Refused: it exists.
            InvalidApp: it is not valid.
        """
        with self.lock:
            new = definition(body)
            if new["id"] in self.apps:
                raise Refused(409, f"An app with id [{new['id']}] already exists.")
            return self._put(new, None)

    def update(self, key: str, body: Any, force: bool = False, partial: bool = True) -> tuple[Json, bool]:
        """Changes an app, or creates it; returns its definition and whether it was created.

        Args:
            key: the app's id.
            body: the new definition; with `partial`, only what differs.
            force: whether to change it even while a deployment of the app is running.
            partial: whether to keep the fields that the body does not have.
        """
        with self.lock:
            old = self.apps.get(app_id(key))
            if old:
                self._unlocked(old["id"], force)
            new = definition({**body, "id": key} if isinstance(body, dict) else body, old if partial else None)
            return self._put(new, old), old is None

    def restart(self, key: str, force: bool = False) -> Json:
        """Replaces all tasks of an app, by a new version with the same definition."""
        with self.lock:
            old = self.app(key)
            self._unlocked(old["id"], force)
            return self._put(definition(old), old, restart=True)

    def delete(self, key: str, force: bool = False) -> Json:
        """Removes an app and its tasks; returns the deployment that removes them."""
        with self.lock:
            old = self.app(key)
            self._unlocked(old["id"], force)
            self._store.remove("apps", old["id"])
            self._store.remove("failures", old["id"])
            self.failures.pop(old["id"], None)
            del self.apps[old["id"]]
            self.events.publish("app_terminated_event", appId=old["id"])
            return self._deploy(old["id"], timestamp(datetime.now().timestamp()), old)

    def _unlocked(self, key: str, force: bool) -> None:
        if key in self.deployments and not force:
            raise Refused(
                409,
                "App is locked by one or more deployments. Override with the option '?force=true'. "
                "View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
                deployments=[{"id": self.deployments[key]["id"]}],
            )

    def _put(self, new: Json, old: Json | None, restart: bool = False) -> Json:
        now = datetime.now(timezone.utc)
        if old and timestamp(now.timestamp()) <= old["version"]:  # two changes in the same millisecond
            now = datetime.fromisoformat(old["version"].replace("Z", "+00:00")) + timedelta(milliseconds=1)
        version = timestamp(now.timestamp())
        self._assign_service_ports(new, old)
        same = old is not None and all(new[n] == old[n] for n in new if n not in SCALING) and not restart
        config = old["versionInfo"]["lastConfigChangeAt"] if old and same else version
        if old and same and all(new[name] == old[name] for name in SCALING):  # nothing changes, so nothing is newer
            new |= {name: old[name] for name in ("version", "versionInfo")}
        else:
            new |= {"version": version, "versionInfo": {"lastScalingAt": version, "lastConfigChangeAt": config}}
        self._store.save("apps", new["id"], new)
        self.apps[new["id"]] = new
        self._deploy(new["id"], version, old)
        return new

    def _assign_service_ports(self, new: Json, old: Json | None) -> None:
        ports = new["portDefinitions"] = [dict(port) for port in new["portDefinitions"]]
        used = {p["port"] for app in self.apps.values() if app is not old for p in app["portDefinitions"]}
        used |= {p.get("port", 0) for p in ports}
        free = (p for p in range(self._first_service_port, 65536) if p not in used)
        for at, port in enumerate(ports):
            before = old["portDefinitions"] if old else []
            if not port.get("port"):
                port["port"] = before[at]["port"] if at < len(before) else next(free)

    # Deployments

    def _deploy(self, key: str, version: str, previous: Json | None) -> Json:
        deployment = {"id": str(uuid.uuid4()), "version": version, "affectedApps": [key], "affectedPods": []}
        self.deployments[key] = deployment
        self._previous[key] = previous
        self.events.publish("deployment_info", plan={"id": deployment["id"], "version": version}, currentStep=None)
        self.changed()
        return deployment

    def settle(self) -> None:
        """Drops the deployments that are complete."""
        with self.lock:
            for key in [key for key in self.deployments if self._reached(key)]:
                done = self.deployments.pop(key)
                self._previous.pop(key, None)
                self.events.publish("deployment_success", id=done["id"], plan={"id": done["id"]})

    def cancel(self, deployment_id: str, force: bool) -> Json | None:
        """Ends a deployment. Unless `force` is given, another one restores the app as it was; returns that one.

        Raises:
            Refused: there is no such deployment.
        """
        with self.lock:
            self.settle()
            key = next((key for key, value in self.deployments.items() if value["id"] == deployment_id), None)
            if key is None:
                raise Refused(404, f"DeploymentPlan {deployment_id} does not exist")
            previous = self._previous.pop(key)
            del self.deployments[key]
            self.events.publish("deployment_failed", id=deployment_id, plan={"id": deployment_id})
            if force:
                return None
            if previous is None:
                return self.delete(key)
            self._put(definition(previous), self.apps.get(key))
            return self.deployments[key]

    def _reached(self, key: str) -> bool:
        if key not in self.apps:
            return not self.tasks_of(key)
        app, tasks = self.apps[key], self.tasks_of(key)
        current = [task for task in tasks if task.running and task.version == app["versionInfo"]["lastConfigChangeAt"]]
        instances: int = app["instances"]
        return len(tasks) == len(current) == instances

    # Tasks

    def tasks_of(self, key: str) -> list[Task]:
        """The tasks of an app, including those being killed."""
        return [task for task in self.tasks.values() if task.app == key]

    def save(self, task: Task) -> None:
        """Adds or changes a task."""
        with self.lock:
            self._store.save("tasks", task.id, task.to_json())
            self.tasks[task.id] = task

    def kill(self, task: Task) -> None:
        """Marks a task to be killed; the app gets a new one in its place."""
        task.killing = True
        self.save(task)
        self.changed()

    def failed(self, task: Task, state: str, message: str) -> None:
        """Remembers the last failure of an app's tasks."""
        with self.lock:
            if task.app in self.apps:
                failure = {"appId": task.app, "host": task.host, "message": message, "slaveId": task.agent}
                failure |= {"state": state, "taskId": task.id, "timestamp": timestamp(time.time())}
                self.failures[task.app] = failure | {"version": task.version}
                self._store.save("failures", task.app, self.failures[task.app])

    def remove(self, task: Task) -> None:
        """Forgets a task that has ended."""
        with self.lock:
            self._store.remove("tasks", task.id)
            self.tasks.pop(task.id, None)

    def plans(self) -> Iterator[tuple[str, Json | None, Plan]]:
        """Each app's id, definition and plan. The definition is None for a deleted app that still has tasks."""
        with self.lock:
            for key in sorted({*self.apps, *(task.app for task in self.tasks.values())}):
                app = self.apps.get(key)
                instances, version = (app["instances"], app["versionInfo"]["lastConfigChangeAt"]) if app else (0, "")
                strategy = (app or {}).get("upgradeStrategy", {})
                healthy, over = strategy.get("minimumHealthCapacity", 1), strategy.get("maximumOverCapacity", 1)
                yield key, app, plan(instances, version, self.tasks_of(key), healthy, over)
