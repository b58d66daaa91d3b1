"""Checks of an app's content: what Marathon answers with 422, found before a deploy.

Source: AppDefinition.scala and AppValidation.scala of mesosphere/marathon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release

Json = dict[str, Any]

_OPERATORS = ("UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS")
_PROTOCOLS = ("HTTP", "HTTPS", "TCP", "COMMAND")
_MESOS_PROTOCOLS = ("MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP")
_OTHER_CHECK = re.compile("HAPROXY_([0-9]+)_BACKEND_HEALTHCHECK_PORT_INDEX")


def check_content(construct: Construct, app: Json, release: Release) -> None:
    """Refuse a definition that the release would refuse.

    Raises:
        ValueError: it has nothing to run, or contradicts itself.
    """
    container = object_of(construct, app, "container")
    _check_command(construct, app)
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
    _check_mode(construct, app)
    for name in ("minimumHealthCapacity", "maximumOverCapacity"):
        value = app.get("upgradeStrategy", {}).get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise invalid(construct, f"app['upgradeStrategy'][{name!r}]", value, "Use a number from 0 to 1")


def service_ports(app: Json) -> list[int]:
    """The service ports that a definition sets."""
    defined, plain, mapped = _all_service_ports(app)
    return [number for number in [*(defined or plain), *mapped] if number]


def without_repeated_ports(app: Json) -> Json:
    """The definition without `ports` and `portDefinitions` that say what another field says, as in answers."""
    defined, plain, mapped = _all_service_ports(app)
    repeated = [name for name, numbers in (("portDefinitions", defined), ("ports", plain)) if numbers == mapped]
    if plain == defined:
        repeated.append("ports")
    return {name: value for name, value in app.items() if name not in repeated or not value}


def _all_service_ports(app: Json) -> tuple[list[Any], list[Any], list[Any]]:
    """The service ports in `portDefinitions`, in `ports`, and in port mappings."""
    defined = [each.get("port") for each in app.get("portDefinitions") or []]
    mapped = [each.get("servicePort") for each in _mappings(app)]
    return defined, list(app.get("ports") or []), mapped


def check_ports(construct: Construct, app: Json) -> None:
    """Refuse ports that are not given as lists of objects.

    Raises:
        ValueError: one of the fields with ports is not a list, or an item of it is not an object.
    """
    _objects(construct, app, "portDefinitions")
    container = object_of(construct, app, "container")
    _objects(construct, container, "portMappings", "app['container']")
    docker = object_of(construct, container, "docker", "app['container']")
    _objects(construct, docker, "portMappings", "app['container']['docker']")


def _check_command(construct: Construct, app: Json) -> None:
    if app.get("cmd") and app.get("args"):
        raise invalid(construct, "app['args']", app["args"], "Remove it, or remove 'cmd': Marathon takes only one")
    if not app.get("cmd") and not app.get("args") and not app.get("container"):
        raise invalid(construct, "app", app["id"], "Set 'cmd', 'args' or 'container': there is nothing to run")


def _check_container(construct: Construct, container: Json) -> None:
    kind = container.get("type", "DOCKER")
    if kind not in ("DOCKER", "MESOS"):
        raise invalid(construct, "app['container']['type']", kind, "Use 'DOCKER' or 'MESOS'")
    docker = object_of(construct, container, "docker", "app['container']")
    if container and kind == "DOCKER" and not (isinstance(docker.get("image"), str) and docker["image"]):
        remedy = "Set it, such as 'nginx:1.27': a Docker container needs an image"
        raise invalid(construct, "app['container']['docker']['image']", docker.get("image"), remedy)
    for index, parameter in enumerate(_objects(construct, docker, "parameters", "app['container']['docker']")):
        if set(parameter) != {"key", "value"}:
            remedy = "Use an object with 'key' and 'value'"
            raise invalid(construct, f"app['container']['docker']['parameters'][{index}]", parameter, remedy)


def _check_ports(construct: Construct, app: Json, container: Json, release: Release) -> None:
    network = container.get("docker", {}).get("network")
    if network is not None and not isinstance(network, str):
        raise invalid(construct, "app['container']['docker']['network']", network, "Use text")
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
    for name in ("portDefinitions", "ports"):
        if not on_host and release >= Release(1, 5) and app.get(name):
            remedy = f"Use app['container']['portMappings']: {name!r} is for the host's network"
            raise invalid(construct, f"app[{name!r}]", app[name], remedy)
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


def _check_mode(construct: Construct, app: Json) -> None:
    """Refuse labels for mode tcp that marathon-lb serves in mode http (its issues 196, 483 and 575)."""
    labels = app.get("labels", {})
    for name, port in labels.items():
        found = _OTHER_CHECK.fullmatch(name)
        if not found or str(labels.get(f"HAPROXY_{found[1]}_MODE")).lower() != "tcp":
            continue
        kinds = [
            each.get("protocol", "HTTP")
            for each in app.get("healthChecks", [])
            if each.get("port") or str(each.get("portIndex", 0)) == port
        ]
        if kinds and "HTTP" in kinds[0]:
            remedy = f"Remove it: with the {kinds[0]} check of that port, marathon-lb uses mode http instead of tcp"
            raise invalid(construct, f"app['labels'][{name!r}]", port, remedy)


def _mappings(app: Json) -> Iterator[Mapping[str, Any]]:
    container = app.get("container") or {}
    for owner in (container, container.get("docker") or {}):
        yield from owner.get("portMappings") or []


def _objects(construct: Construct, owner: Json, name: str, where: str = "app") -> list[Mapping[str, Any]]:
    value = owner.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise invalid(construct, f"{where}[{name!r}]", value, "Use a list of objects")
    return value


def object_of(construct: Construct | str, owner: Mapping[str, Any], name: str, where: str = "app") -> Json:
    """The object in a field of the definition; empty without the field.

    Raises:
        ValueError: it is no object.
    """
    value = owner.get(name, {})
    if not isinstance(value, dict):
        raise invalid(construct, f"{where}[{name!r}]", value, "Use an object")
    return value
