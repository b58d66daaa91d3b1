"""Matches apps with offers: takes a task's resources out of an offer, and describes the task."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]


# Marathon's words for what an offer lacks (NoOfferMatchReason.scala).
REASONS = {"cpus": "InsufficientCpus", "mem": "InsufficientMemory", "disk": "InsufficientDisk"}


class Offer:
    """An offer, with the resources that are left while tasks are placed on it."""

    def __init__(self, offer: Json) -> None:
        self.id: Json = offer["id"]
        self.agent: str = offer["agent_id"]["value"]
        self.host: str = offer["hostname"]
        self.launched: list[Json] = []
        self.lacks = ""
        # Do not use revocable resources or disks with a source: frameworks must opt in to them.
        self._left = [
            r for r in offer.get("resources", []) if "revocable" not in r and "source" not in r.get("disk", {})
        ]

    def take(self, app: Json, roles: Iterable[str]) -> tuple[list[Json], list[int]] | None:
        """Takes the resources and ports for one task of an app out of the offer; None if they do not suffice.

        Then `lacks` is the reason.

        Args:
            app: the app's definition.
            roles: the roles whose resources may be used, unless the app names others.
        """
        before, usable = self._left, {*(app["acceptedResourceRoles"] or roles)}
        taken: list[Json] = []
        ports: list[int] = []
        for name, reason in REASONS.items():
            if not self._take_scalar(name, float(app[name]), usable, taken):
                self._left, self.lacks = before, reason
                return None
        if not self._take_ports(app, usable, taken, ports):
            self._left, self.lacks = before, "InsufficientPorts"
            return None
        return taken, ports

    def _take_scalar(self, name: str, amount: float, roles: set[str], taken: list[Json]) -> bool:
        left: list[Json] = []
        for resource in self._left:
            part = 0.0
            if amount > 1e-9 and resource["name"] == name and resource.get("role", "*") in roles:
                part = min(amount, resource["scalar"]["value"])
                taken.append(resource | {"scalar": {"value": part}})
            amount -= part
            left.append(resource | {"scalar": {"value": resource["scalar"]["value"] - part}} if part else resource)
        self._left = left
        return amount <= 1e-9

    def _take_ports(self, app: Json, roles: set[str], taken: list[Json], ports: list[int]) -> bool:
        for definition in app["portDefinitions"]:
            exact = definition.get("port", 0) if app["requirePorts"] else 0
            if not self._take_port(exact, roles, taken, ports):
                return False
        return True

    def _take_port(self, exact: int, roles: set[str], taken: list[Json], ports: list[int]) -> bool:
        for at, resource in enumerate(self._left):
            if resource["name"] != "ports" or resource.get("role", "*") not in roles:
                continue
            for part in resource["ranges"]["range"]:
                begin, end = part["begin"], part["end"]
                port = exact or begin
                if begin <= port <= end:
                    rest = [r for r in resource["ranges"]["range"] if r is not part]
                    rest += [{"begin": b, "end": e} for b, e in ((begin, port - 1), (port + 1, end)) if b <= e]
                    self._left = [*self._left]
                    self._left[at] = resource | {"ranges": {"range": rest}}
                    taken.append(resource | {"ranges": {"range": [{"begin": port, "end": port}]}})
                    ports.append(port)
                    return True
        return False


def task_info(app: Json, task_id: str, offer: Offer, resources: list[Json], ports: list[int]) -> Json:
    """The TaskInfo of one task of an app."""
    info: Json = {
        # Mesos-DNS derives the service's DNS name from this.
        "name": ".".join(reversed(app["id"].strip("/").split("/"))),
        "task_id": {"value": task_id},
        "agent_id": {"value": offer.agent},
        "resources": resources,
        "command": _command(app, task_id, offer.host, ports),
    }
    if app["labels"]:
        info["labels"] = {"labels": _pairs(app["labels"])}
    if app["container"]:
        info["container"] = _container(app["container"])
    return info


def _command(app: Json, task_id: str, host: str, ports: list[int]) -> Json:
    environment = {
        "MESOS_TASK_ID": task_id,
        "MARATHON_APP_ID": app["id"],
        "MARATHON_APP_VERSION": app["versionInfo"]["lastConfigChangeAt"],
        "HOST": host,
        **{f"PORT{at}": str(port) for at, port in enumerate(ports)},
        **({"PORT": str(ports[0]), "PORTS": ",".join(map(str, ports))} if ports else {}),
    }
    if app["container"]:
        environment["MARATHON_APP_DOCKER_IMAGE"] = app["container"]["docker"]["image"]
    variables = [{"name": name, "value": value} for name, value in (environment | app["env"]).items()]
    command: Json = {"environment": {"variables": variables}, "shell": bool(app["cmd"])}
    if app["cmd"]:
        command["value"] = app["cmd"]
    elif app["args"]:
        command["arguments"] = app["args"]
        if not app["container"]:  # without an image there is no entrypoint, so the first argument is the program
            command["value"] = app["args"][0]
    if app["user"]:
        command["user"] = app["user"]
    return command


def _container(container: Json) -> Json:
    docker = container["docker"]
    return {
        "type": "DOCKER",
        "docker": {
            "image": docker["image"],
            "network": docker.get("network", "HOST"),
            "force_pull_image": bool(docker.get("forcePullImage")),
            "privileged": bool(docker.get("privileged")),
            "parameters": docker.get("parameters") or [],
        },
        "volumes": [
            {"container_path": v["containerPath"], "host_path": v["hostPath"], "mode": v["mode"]}
            for v in container.get("volumes") or []
        ],
    }


def _pairs(values: Json) -> list[Json]:
    return [{"key": key, "value": value} for key, value in values.items()]


def place(offers: Iterable[Offer], needs: Iterable[tuple[Json, int]], launch: Callable[[Offer, Json], bool]) -> None:
    """Starts as many of the needed tasks as fit, one on each offer in turn.

    Args:
        offers: the offers in the order of their arrival.
        needs: apps, and how many tasks each needs.
        launch: starts one task of an app on an offer; returns whether it fitted.
    """
    queue = list(offers)
    for app, count in needs:
        missing, refused = count, 0
        while missing and refused < len(queue):
            if launch(queue[0], app):
                missing, refused = missing - 1, 0
            else:
                refused += 1
            queue.append(queue.pop(0))
