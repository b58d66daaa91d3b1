"""The leader's apps, tasks and deployments. Changes of apps and tasks are stored before a request is answered."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from .apps import SCALING, app_id, definition
from .tasks import Plan, Task, plan
from .zookeeper import Store

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818  # an answer, not a fault
    """A request that Marathon answers with an error."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.body = status, {"message": message, **more}


def timestamp(seconds: float) -> str:
    """A time since the epoch as Marathon writes it."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
        self.deployments: dict[str, Json] = {}

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
            del self.apps[old["id"]]
            return self._deploy(old["id"], timestamp(datetime.now().timestamp()))

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
        new |= {"version": version, "versionInfo": {"lastScalingAt": version, "lastConfigChangeAt": config}}
        self._store.save("apps", new["id"], new)
        self.apps[new["id"]] = new
        self._deploy(new["id"], version)
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

    def _deploy(self, key: str, version: str) -> Json:
        deployment = {"id": str(uuid.uuid4()), "version": version, "affectedApps": [key], "affectedPods": []}
        self.deployments[key] = deployment
        self.changed()
        return deployment

    def settle(self) -> None:
        """Drops the deployments that are complete."""
        with self.lock:
            self.deployments = {key: value for key, value in self.deployments.items() if not self._reached(key)}

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
                yield key, app, plan(instances, version, self.tasks_of(key))
