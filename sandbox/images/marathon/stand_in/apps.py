"""App definitions: which bodies are valid, and what Marathon adds to them.

Source of names and defaults: docs/docs/rest-api of mesosphere/marathon 1.11. What the stand-in cannot do it refuses,
so that no test passes because something was silently left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Errors = list[tuple[str, str]]

ID = re.compile(r"(/[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
# Words that would make the paths of the API ambiguous.
RESERVED = {"restart", "tasks", "versions"}
NETWORKS = {"HOST", "NONE"}

DEFAULTS: Json = {
    "cmd": None,
    "args": [],
    "cpus": 1,
    "mem": 128,
    "disk": 0,
    "gpus": 0,
    "instances": 1,
    "env": {},
    "labels": {},
    "user": None,
    "container": None,
    "networks": [{"mode": "host"}],
    "portDefinitions": [{"port": 0, "protocol": "tcp"}],
    "requirePorts": False,
    "acceptedResourceRoles": [],
    "backoffSeconds": 1,
    "backoffFactor": 1.15,
    "maxLaunchDelaySeconds": 300,
    "taskKillGracePeriodSeconds": None,
}
# What an answer has beyond the definition; clients send it back with a change.
READ_ONLY = {"version", "versionInfo", "deployments", "tasks", "tasksStaged", "tasksRunning", "tasksHealthy"}
READ_ONLY |= {"tasksUnhealthy", "lastTaskFailure", "executor", "upgradeStrategy", "killSelection", "standIn"}
# A change of these makes no new version of the app's tasks.
SCALING = {"instances"}


class InvalidApp(Exception):  # noqa: N818  # the name of the condition, as in Marathon's "Object is not valid"
    """The body does not describe an app that can run; `details` says why, as Marathon's answer does."""

    def __init__(self, errors: Errors) -> None:
        """Takes pairs of a path and what is wrong there."""
        super().__init__("; ".join(f"{path}: {error}" for path, error in errors))
        self.details = [{"path": path, "errors": [error]} for path, error in errors]


def app_id(text: str) -> str:
    """The absolute form of an app's id."""
    return "/" + text.strip("/")


def definition(body: Any, old: Json | None = None) -> Json:
    """The whole definition that a body asks for.

    Args:
        body: of POST, or of PUT with the id added.
        old: the present definition of the app, for a partial update.

    Raises:
        InvalidApp: the body is not one of an app that the stand-in can run.
    """
    if not isinstance(body, dict):
        raise InvalidApp([("/", "must be an object")])
    given = {name: value for name, value in body.items() if name not in READ_ONLY}
    if "ports" in given:  # the older way of saying it
        ports = given.pop("ports")
        if "portDefinitions" not in given and isinstance(ports, list):
            given["portDefinitions"] = [{"port": port, "protocol": "tcp"} for port in ports]
    unknown = [
        name for name in given if name not in DEFAULTS and name != "id" and given[name] not in (None, [], {}, "")
    ]
    if unknown:
        raise InvalidApp([(f"/{name}", "is not supported by the marathon stand-in") for name in unknown])
    app: Json = DEFAULTS | (old or {}) | {name: value for name, value in given.items() if name in DEFAULTS}
    for name, default in DEFAULTS.items():
        if app[name] is None:
            app[name] = default
    app["id"] = app_id(str(given.get("id") or ""))
    errors = [error for check in CHECKS for error in check(app)]
    if errors:
        raise InvalidApp(errors)
    return app


def _check_id(app: Json) -> Errors:
    if not ID.fullmatch(app["id"]) or RESERVED & set(app["id"].split("/")):
        return [("/id", "must fully match a path of [a-z0-9-] segments, none of them restart, tasks or versions")]
    return []


def _check_numbers(app: Json) -> Errors:
    errors = []
    for name in (
        "cpus",
        "mem",
        "disk",
        "gpus",
        "instances",
        "backoffSeconds",
        "backoffFactor",
        "maxLaunchDelaySeconds",
    ):
        value, whole = app[name], name in ("instances", "gpus")
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value < 0:
            errors.append((f"/{name}", f"must be a {'whole ' if whole else ''}number, and not negative"))
    if app["gpus"]:
        errors.append(("/gpus", "is not supported by the marathon stand-in"))
    return errors


def _check_types(app: Json) -> Errors:
    kinds: dict[str, type] = {"cmd": str, "user": str, "args": list, "env": dict, "labels": dict, "requirePorts": bool}
    kinds |= {"networks": list, "portDefinitions": list, "acceptedResourceRoles": list}
    errors = [
        (f"/{name}", f"must be of type {kind.__name__}")
        for name, kind in kinds.items()
        if app[name] is not None and not isinstance(app[name], kind)
    ]
    for name in ("env", "labels"):
        if isinstance(app[name], dict):
            wrong = [key for key, value in app[name].items() if not isinstance(value, str)]
            errors += [(f"/{name}({key})", "must be a string") for key in wrong]
    if isinstance(app["portDefinitions"], list):
        for at, port in enumerate(app["portDefinitions"]):
            number = port.get("port", 0) if isinstance(port, dict) else None
            if not isinstance(number, int) or not 0 <= number <= 65535:
                errors.append((f"/portDefinitions({at})", "must have a port from 0 to 65535"))
    return errors


def _check_runnable(app: Json) -> Errors:
    container = app["container"]
    if app["cmd"] and app["args"]:
        return [("/", "AppDefinition must not contain both cmd and args")]
    if container is None:
        return [] if app["cmd"] or app["args"] else [("/", "AppDefinition must contain cmd, args or a container image")]
    docker = container.get("docker") if isinstance(container, dict) else None
    if not isinstance(docker, dict) or container.get("type", "DOCKER") != "DOCKER":
        return [("/container/type", "must be DOCKER: the marathon stand-in has no other container")]
    errors = []
    if not isinstance(docker.get("image"), str) or not docker["image"]:
        errors.append(("/container/docker/image", "must be a non-empty string"))
    if docker.get("network", "HOST") not in NETWORKS:
        errors.append(("/container/docker/network", "must be HOST or NONE: the sandbox's engines have no bridge"))
    without = [name for name in ("portMappings", "pullConfig", "credential") if docker.get(name) or container.get(name)]
    errors += [(f"/container/{name}", "is not supported by the marathon stand-in") for name in without]
    for at, volume in enumerate(container.get("volumes") or []):
        if not isinstance(volume, dict) or not {"containerPath", "hostPath", "mode"} <= set(volume):
            errors.append((f"/container/volumes({at})", "must have containerPath, hostPath and mode"))
    for at, parameter in enumerate(docker.get("parameters") or []):
        if not isinstance(parameter, dict) or set(parameter) != {"key", "value"}:
            errors.append((f"/container/docker/parameters({at})", "must have key and value"))
    return errors


def _check_networks(app: Json) -> Errors:
    if isinstance(app["networks"], list) and any(n != {"mode": "host"} for n in app["networks"]):
        return [("/networks", "must be of mode host: the sandbox's engines have no bridge")]
    return []


CHECKS: tuple[Callable[[Json], Errors], ...] = (
    _check_id,
    _check_numbers,
    _check_types,
    _check_runnable,
    _check_networks,
)
