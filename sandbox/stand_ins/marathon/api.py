"""The part of Marathon's HTTP API that tests use, as the leader answers it; called by `server.py`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import views
from .apps import InvalidApp
from .name import NAME
from .state import Refused, State

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A request. `path` is without the query; `parts` has the variable parts of the path."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    accept: str = ""
    parts: tuple[str, ...] = ()

    @property
    def force(self) -> bool:
        """Whether a running deployment may be overridden."""
        return self.query.get("force") == "true"

    def json(self) -> Any:
        """The body, parsed as JSON.

        Raises:
            Refused: it is not valid JSON.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refused(400, "Invalid JSON", details=[{"path": "", "errors": [str(error)]}]) from None


@dataclass(frozen=True)
class Answer:
    """An answer. A body of text is sent as text/plain, every other as JSON."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Api:
    """Answers requests from the leader's state.

    Args:
        state: the apps and tasks.
        info: returns the content of `/v2/info`.
    """

    def __init__(self, state: State, info: Callable[[], Json]) -> None:
        self._state, self._info, self._since = state, info, time.monotonic()
        self.events = state.events
        app = "/v2/apps/(.+?)"
        routes: list[tuple[str, str, Callable[[Request], Answer]]] = [
            ("GET", "/v2/info", lambda request: Answer(200, self._info())),
            ("GET", "/v2/apps", self._apps),
            ("POST", "/v2/apps", self._create),
            ("GET", f"{app}/tasks", self._app_tasks),
            ("DELETE", f"{app}/tasks", self._kill_all),
            ("DELETE", f"{app}/tasks/([^/]+)", self._kill),
            ("POST", f"{app}/restart", self._restart),
            ("GET", app, self._app),
            ("PUT", app, self._update),
            ("PATCH", app, self._update),
            ("DELETE", app, self._delete),
            ("GET", "/v2/tasks", self._tasks),
            ("GET", "/v2/deployments", lambda request: Answer(200, views.deployments(self._state))),
            ("DELETE", "/v2/deployments/([^/]+)", self._cancel),
            ("GET", "/metrics/prometheus", lambda request: Answer(200, views.metrics(self._state, self._since))),
            ("GET", "/v2/queue", lambda request: Answer(200, views.queue(self._state))),
        ]
        self._routes = [(method, re.compile(path + "/?"), handler) for method, path, handler in routes]

    def answer(self, request: Request) -> Answer:
        """The answer to any request."""
        other_method = False
        for method, pattern, handler in self._routes:
            if match := pattern.fullmatch(request.path):
                if method == request.method:
                    return self._guarded(handler, request, match.groups())
                other_method = True
        if other_method:
            return Answer(405, {"message": f"HTTP 405 Method Not Allowed by the {NAME}"})
        return Answer(404, {"message": f"{request.path} does not exist in the {NAME}"})

    def _guarded(self, handler: Callable[[Request], Answer], request: Request, parts: tuple[str, ...]) -> Answer:
        try:
            with self._state.lock:
                return handler(
                    Request(request.method, request.path, request.query, request.body, request.accept, parts)
                )
        except Refused as refused:
            return Answer(refused.status, refused.body)
        except InvalidApp as error:
            return Answer(422, {"message": "Object is not valid", "details": error.details})

    def _apps(self, request: Request) -> Answer:
        apps = [app for app in self._state.apps.values() if request.query.get("id", "") in app["id"]]
        tasks = "tasks" in request.query.get("embed", "")
        return Answer(200, {"apps": [views.app(self._state, app, with_tasks=tasks) for app in apps]})

    def _app(self, request: Request) -> Answer:
        return Answer(200, {"app": views.app(self._state, self._state.app(request.parts[0]), with_tasks=True)})

    def _create(self, request: Request) -> Answer:
        app = self._state.create(request.json())
        self._posted(request, app)
        return Answer(201, views.app(self._state, app, with_tasks=True), _location(app))

    def _update(self, request: Request) -> Answer:
        partial = request.query.get("partialUpdate") != "false"
        app, created = self._state.update(request.parts[0], request.json(), request.force, partial)
        self._posted(request, app)
        return Answer(201 if created else 200, views.deployed(self._state.deployments[app["id"]]), _location(app))

    def _posted(self, request: Request, app: Json) -> None:
        self._state.events.publish("api_post_event", clientIp="", uri=request.path, appDefinition=app)

    def _restart(self, request: Request) -> Answer:
        app = self._state.restart(request.parts[0], request.force)
        return Answer(200, views.deployed(self._state.deployments[app["id"]]))

    def _delete(self, request: Request) -> Answer:
        return Answer(200, views.deployed(self._state.delete(request.parts[0], request.force)))

    def _app_tasks(self, request: Request) -> Answer:
        app = self._state.app(request.parts[0])
        return Answer(200, {"tasks": [views.task(self._state, task) for task in self._state.tasks_of(app["id"])]})

    def _tasks(self, request: Request) -> Answer:
        if "text/plain" in request.accept and "json" not in request.accept:
            # The feature that the haproxy-marathon-bridge used. 1.10 switched it off, 1.11 does not have it.
            return Answer(406, {"message": "HTTP 406 Not Acceptable"})
        states = {f"TASK_{status.upper()}" for status in request.query.get("status", "").split(",") if status}
        tasks = [task for task in self._state.tasks.values() if not states or task.state in states]
        return Answer(200, {"tasks": [views.task(self._state, task) for task in tasks]})

    def _cancel(self, request: Request) -> Answer:
        restoring = self._state.cancel(request.parts[0], request.force)
        return Answer(202, "") if restoring is None else Answer(200, views.deployed(restoring))

    def _kill_all(self, request: Request) -> Answer:
        tasks = self._state.tasks_of(self._state.app(request.parts[0])["id"])
        for task in tasks:
            self._state.kill(task)
        return Answer(200, {"tasks": [views.task(self._state, task) for task in tasks]})

    def _kill(self, request: Request) -> Answer:
        app = self._state.app(request.parts[0])
        for task in self._state.tasks_of(app["id"]):
            if task.id == request.parts[1]:
                self._state.kill(task)
                return Answer(200, {"task": views.task(self._state, task)})
        raise Refused(404, f"Task '{request.parts[1]}' does not exist")


def _location(app: Json) -> Json:
    return {"Location": f"/v2/apps{app['id']}"}
