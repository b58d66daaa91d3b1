"""Checks an app's definition: for values that Marathon rejects, and for those that the stand-in does not support."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Errors = list[tuple[str, str]]

ID = re.compile(r"(/[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
# Ids with these segments would make the API's paths ambiguous.
RESERVED = {"restart", "tasks", "versions"}
NETWORKS = {"HOST", "NONE"}


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


def _check_strategy(app: Json) -> Errors:
    strategy = app["upgradeStrategy"]
    names = {"minimumHealthCapacity", "maximumOverCapacity"}
    if not isinstance(strategy, dict) or not set(strategy) <= names:
        return [("/upgradeStrategy", f"must be an object with {' and '.join(sorted(names))}")]
    wrong = [name for name, value in strategy.items() if not isinstance(value, (int, float)) or not 0 <= value <= 1]
    return [(f"/upgradeStrategy/{name}", "must be between 0 and 1") for name in wrong]


CHECKS: tuple[Callable[[Json], Errors], ...] = (
    _check_id,
    _check_numbers,
    _check_types,
    _check_runnable,
    _check_networks,
    _check_strategy,
)
