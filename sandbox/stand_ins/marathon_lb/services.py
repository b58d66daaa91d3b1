"""The services of Marathon's apps: one for each service port, with the tasks that serve it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from functools import lru_cache
from socket import gaierror, gethostbyname
from typing import Any

Json = dict[str, Any]
log = logging.getLogger(__name__)

# Tasks in other states get requests: TASK_LOST and TASK_UNREACHABLE may still run. From 1.14.0 on.
_EXCLUDED = {
    *("TASK_STAGING", "TASK_STARTING", "TASK_KILLING", "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR"),
    *("TASK_DROPPED", "TASK_GONE", "TASK_GONE_BY_OPERATOR", "TASK_UNKNOWN"),
}
_HTTP_CHECKS = ("HTTP", "HTTPS", "MESOS_HTTP", "MESOS_HTTPS")


@dataclass
class Service:
    """One service port of an app.

    Args:
        app: the app's id.
        groups: the app's groups, or those of the port.
        port: the port that haproxy listens on.
        labels: the labels of the port, by their names without `HAPROXY_<n>_`.
        check: the health check of the port; None if it has none.
        mode: `http` or `tcp`.
        servers: host, address and port of each task.
    """

    app: str
    groups: frozenset[str]
    port: int
    labels: dict[str, str]
    check: Json | None
    mode: str
    servers: set[tuple[str, str, int]] = field(default_factory=set)

    @property
    def backend(self) -> str:
        """The name of its backend."""
        return f"{self.app[1:].replace('/', '_')}_{self.port}"

    def is_true(self, label: str) -> bool:
        """Whether a label is set to a word for true."""
        return self.labels.get(label, "").lower() in ("true", "t", "yes", "y")


def services(
    apps: list[Json], *, healthy: dict[str, bool] | None, strict: bool, release: tuple[int, int, int]
) -> list[Service]:
    """The services of the apps, in the order of the configuration.

    Args:
        apps: Marathon's apps.
        healthy: which tasks were healthy, by their ids; None if health checks do not count. It is kept up to date. A
            Marathon that has just become the leader knows no results yet: those of before count then.
        strict: whether only services with the label ENABLED count.
        release: the release of marathon-lb.
    """
    found = []
    for app in apps:
        if "HAPROXY_DEPLOYMENT_GROUP" in app["labels"]:
            log.error("%s: this stand-in has no blue-green deployments", app["id"])
        ports = service_ports(app)
        own = [_service(app, index, port) for index, port in enumerate(ports)]
        for task in app["tasks"]:
            if release >= (1, 14, 0) and task.get("state") in _EXCLUDED:
                continue
            if healthy is not None and app.get("healthChecks") and not _is_alive(task, healthy):
                continue
            address = _address(task["host"])
            for service, port in zip(own, task.get("ports", ()), strict=False):
                if address:
                    service.servers.add((task["host"], address, port))
        found += [each for each in own if each.servers and (each.is_true("ENABLED") if strict else _enabled(each))]
    return sorted(found, key=lambda service: (service.app, service.port))


def service_ports(app: Json) -> list[int]:
    """The service ports of an app, by its kind of network."""
    container = app.get("container") or {}
    docker = container.get("docker") or {}
    networks = [each.get("mode", "container") for each in app.get("networks") or ()]
    mappings = docker.get("portMappings") or container.get("portMappings") or []
    mapped = [each["servicePort"] for each in mappings if each.get("servicePort") is not None]
    if mapped and (docker.get("network") in ("BRIDGE", "USER") or any(mode != "host" for mode in networks)):
        return mapped
    if "portDefinitions" in app:
        return [each["port"] for each in app["portDefinitions"] or () if each.get("port") is not None]
    return list(app.get("ports") or ())


def _service(app: Json, index: int, port: int) -> Service:
    prefix = re.compile(f"HAPROXY_{index}_(.+)")
    labels = {found[1]: value for name, value in app["labels"].items() if (found := prefix.fullmatch(name))}
    check = _check(app, index)
    mode = "http" if check and check["protocol"] == "HTTP" else None
    mode = labels["MODE"].lower() if "MODE" in labels else mode
    other = labels.get("BACKEND_HEALTHCHECK_PORT_INDEX")
    if check is None and other is not None and (check := _check(app, int(other))):
        # It wins over the label MODE.
        mode = "http" if check["protocol"] in _HTTP_CHECKS else mode
    groups = labels.get("GROUP") or app["labels"].get("HAPROXY_GROUP") or ""
    return Service(
        app["id"],
        frozenset(filter(None, groups.split(","))),
        int(labels.get("PORT", port)),
        labels,
        check,
        mode or ("http" if labels.get("VHOST") else "tcp"),
    )


def _check(app: Json, index: int) -> Json | None:
    for check in app.get("healthChecks") or ():
        if check.get("port") or check.get("portIndex") == index:
            return dict(check)
    return None


def _enabled(service: Service) -> bool:
    return "ENABLED" not in service.labels or service.is_true("ENABLED")


def _is_alive(task: Json, healthy: dict[str, bool]) -> bool:
    if "healthCheckResults" in task:
        healthy[task["id"]] = any(result.get("alive") for result in task["healthCheckResults"])
    return healthy.get(task["id"], False)


@lru_cache(1000)
def _resolved(host: str) -> str:
    return gethostbyname(host)


def _address(host: str) -> str | None:
    try:
        return _resolved(host)
    except gaierror:
        log.warning("could not resolve %s: its tasks get no requests", host)
        return None
