"""Checks of an app's content: what Marathon answers with 422, found before a deploy.

Source: AppDefinition.scala and AppValidation.scala of mesosphere/marathon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release

Json = dict[str, Any]

_OPERATORS = ("UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS")
_PROTOCOLS = ("HTTP", "HTTPS", "TCP", "COMMAND")
_MESOS_PROTOCOLS = ("MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP")


def check_content(construct: Construct, app: Json, release: Release) -> None:
    """Refuse a definition that the release would refuse.

    Raises:
        ValueError: it has nothing to run, or contradicts itself.
    """
    _check_command(construct, app)
    container = _object(construct, app, "container")
    _check_container(construct, container)
    _check_ports(construct, app, container, release)
    for index, check in enumerate(app.get("healthChecks", [])):
        _check_health(construct, index, check, release)
    for index, constraint in enumerate(app.get("constraints", [])):
        if not isinstance(constraint, list) or len(constraint) not in (2, 3) or constraint[1] not in _OPERATORS:
            remedy = f"Use [attribute, operator] or [attribute, operator, value], with one of {', '.join(_OPERATORS)}"
            raise invalid(construct, f"app['constraints'][{index}]", constraint, remedy)
    for name in ("env", "labels"):
        for key, value in app.get(name, {}).items():
            if not isinstance(value, str) and not (name == "env" and isinstance(value, Mapping)):
                raise invalid(construct, f"app[{name!r}][{key!r}]", value, "Use text")
    for name in ("minimumHealthCapacity", "maximumOverCapacity"):
        value = app.get("upgradeStrategy", {}).get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise invalid(construct, f"app['upgradeStrategy'][{name!r}]", value, "Use a number from 0 to 1")


def service_ports(app: Json) -> list[int]:
    """The service ports that a definition sets."""
    definitions = app.get("portDefinitions") or [{"port": port} for port in app.get("ports") or []]
    numbers = [each.get("port") for each in definitions]
    return [number for number in [*numbers, *(m.get("servicePort") for m in _mappings(app))] if number]


def _check_command(construct: Construct, app: Json) -> None:
    if app.get("cmd") and app.get("args"):
        raise invalid(construct, "app['args']", app["args"], "Remove it, or remove 'cmd': Marathon takes only one")
    if not app.get("cmd") and not app.get("args") and not app.get("container"):
        raise invalid(construct, "app", app, "Set 'cmd', 'args' or 'container': there is nothing to run")


def _check_container(construct: Construct, container: Json) -> None:
    kind = container.get("type", "DOCKER")
    if kind not in ("DOCKER", "MESOS"):
        raise invalid(construct, "app['container']['type']", kind, "Use 'DOCKER' or 'MESOS'")
    docker = _object(construct, container, "docker", "app['container']")
    if container and kind == "DOCKER" and not (isinstance(docker.get("image"), str) and docker["image"]):
        remedy = "Set it, such as 'nginx:1.27': a Docker container needs an image"
        raise invalid(construct, "app['container']['docker']['image']", docker.get("image"), remedy)
    for index, parameter in enumerate(docker.get("parameters", [])):
        if not isinstance(parameter, Mapping) or set(parameter) != {"key", "value"}:
            remedy = "Use an object with 'key' and 'value'"
            raise invalid(construct, f"app['container']['docker']['parameters'][{index}]", parameter, remedy)


def _check_ports(construct: Construct, app: Json, container: Json, release: Release) -> None:
    network = container.get("docker", {}).get("network")
    if network == "USER" and release < Release(1, 3):
        raise invalid(construct, "app['container']['docker']['network']", network, "Use Marathon 1.3 or later")
    if container.get("portMappings") is not None and release < Release(1, 5):
        remedy = "Use app['container']['docker']['portMappings']: this field exists from 1.5"
        raise invalid(construct, "app['container']['portMappings']", container["portMappings"], remedy)
    modes = [each.get("mode") for each in app.get("networks", []) if isinstance(each, Mapping)]
    for mode in modes:
        if mode not in ("host", "container", "container/bridge"):
            remedy = "Use mode 'host', 'container/bridge' or 'container'"
            raise invalid(construct, "app['networks']", app["networks"], remedy)
    if "host" in modes and len(modes) > 1:
        raise invalid(construct, "app['networks']", app["networks"], "Use no other network with mode 'host'")
    on_host = network in (None, "HOST") and modes in ([], ["host"])
    if on_host and list(_mappings(app)):
        remedy = "Use 'portDefinitions' instead: an app on the host's network has no port mappings"
        raise invalid(construct, "app['container']['portMappings']", list(_mappings(app)), remedy)
    if app.get("portDefinitions") and app.get("ports"):
        raise invalid(construct, "app['ports']", app["ports"], "Remove it: 'portDefinitions' says the same")
    if not on_host and release >= Release(1, 5) and app.get("portDefinitions"):
        remedy = "Use app['container']['portMappings']: port definitions are for the host's network"
        raise invalid(construct, "app['portDefinitions']", app["portDefinitions"], remedy)
    ports = service_ports(app)
    for port in ports:
        if type(port) is not int or not 0 < port < 65536 or ports.count(port) > 1:
            raise invalid(construct, "app: service port", port, "Use a whole number from 1 to 65535, each once")


def _check_health(construct: Construct, index: int, check: Any, release: Release) -> None:
    protocol = check.get("protocol", "HTTP") if isinstance(check, Mapping) else check
    where = f"app['healthChecks'][{index}]"
    if protocol in _MESOS_PROTOCOLS and release < Release(1, 4):
        raise invalid(construct, where, check, f"Use Marathon 1.4 or later for {protocol!r}")
    if protocol not in (*_PROTOCOLS, *_MESOS_PROTOCOLS):
        remedy = f"Use an object with a protocol, one of {', '.join((*_PROTOCOLS, *_MESOS_PROTOCOLS))}"
        raise invalid(construct, where, check, remedy)


def _mappings(app: Json) -> Iterator[Mapping[str, Any]]:
    container = app.get("container") or {}
    for owner in (container, container.get("docker") or {}):
        yield from owner.get("portMappings") or []


def _object(construct: Construct, owner: Json, name: str, where: str = "app") -> Json:
    value = owner.get(name, {})
    if not isinstance(value, dict):
        raise invalid(construct, f"{where}[{name!r}]", value, "Use an object")
    return value
