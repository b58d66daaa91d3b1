"""An app's definition, checked, and written in the form in which a release of Marathon answers it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon.app.checks import check_content, check_ports, without_repeated_ports
from cdktf_mesos.marathon.app.fields import ANSWERED_ONLY, why_not

Json = dict[str, Any]

# From this release on, Marathon answers `networks` and `container.portMappings` (Marathon docs, networking: upgrade).
_NETWORKS = Release(1, 5)
# The first releases that answer `portDefinitions` for `ports`, and `fetch` for `uris`.
_PORT_DEFINITIONS, _FETCH = Release(1, 0), Release(0, 15)

# Before this release, a PUT keeps every field that it does not have (AppsResource.scala: partialUpdate). So fields that
# users often remove are always sent.
_PARTIAL_UPDATE = Release(1, 4)
_EMPTY: Json = {"env": {}, "labels": {}, "constraints": [], "healthChecks": []}

# Docker's networks in definitions for 1.4 and before, and the networks that 1.5 answers for them.
_MODES = {"HOST": "host", "BRIDGE": "container/bridge"}


def written(construct: Construct, app: Mapping[str, Any] | str, release: Release) -> Json:
    """The app's definition in the release's own form.

    Old fields that the release would answer in a new form are written in the new one.

    Args:
        construct: the app's construct; errors begin with its path.
        app: the definition, as an object or as JSON.
        release: Marathon's release.

    Raises:
        ValueError: the release would refuse or ignore a part of it.
    """
    given = _parsed(construct, app)
    own = {name: value for name, value in given.items() if value is not None and name not in ANSWERED_ONLY}
    for name, value in own.items():
        if why := why_not(name, value, release):
            raise invalid(construct, f"app[{name!r}]", value, why)
    if "container" in own:
        own["container"] = _without_nulls(own["container"])
    own["id"] = absolute_id(construct, own.get("id"), release)
    check_ports(construct, own)
    own = without_repeated_ports(own)
    check_content(construct, own, release)
    if release >= _FETCH:
        _replace(own, "uris", "fetch", lambda uri: {"uri": uri})
    if release >= _PORT_DEFINITIONS:
        _replace(own, "ports", "portDefinitions", lambda port: {"port": port})
    if release < _PARTIAL_UPDATE:
        own = {**_EMPTY, **own}
    return _with_networks(construct, own) if release >= _NETWORKS else own


def _parsed(construct: Construct, app: Mapping[str, Any] | str) -> Json:
    if isinstance(app, str):
        text = app
        try:
            app = json.loads(text)
        except ValueError as error:
            raise invalid(construct, "app", text[:40], f"Use JSON ({error})") from None
    if not isinstance(app, Mapping):
        raise invalid(construct, "app", app, "Use an object with the fields of an app, such as 'id' and 'container'")
    # Later changes must not change what the caller has.
    copy: Json = json.loads(json.dumps(dict(app)))
    return copy


def _without_nulls(value: Any) -> Any:
    """The value without fields that are null, as Marathon's answers have them."""
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(each) for name, each in value.items() if each is not None}


def absolute_id(construct: Construct | str, given: Any, release: Release) -> str:
    """The id of an app, with a `/` at its beginning.

    Raises:
        ValueError: the release does not take it.
    """
    segment = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
    absolute = f"/{given.strip('/')}" if isinstance(given, str) else ""
    if not re.fullmatch(rf"(/{segment}([.]{segment})*)+", absolute):
        remedy = "Use names of a-z, 0-9, '-' and '.', separated by '/', such as '/shop/cart'"
        raise invalid(construct, "app['id']", given, remedy)
    last = absolute.rpartition("/")[2]
    if last in ("restart", "tasks", "versions") and release >= Release(1, 8):
        remedy = f"Use another last name: {last!r} is part of the paths of Marathon's API"
        raise invalid(construct, "app['id']", given, remedy)
    return absolute


def _replace(app: Json, old: str, new: str, entry: Any) -> None:
    """Write an old list of plain values as the new list of objects."""
    values = app.pop(old, None)
    if values and new not in app:
        app[new] = [entry(value) for value in values]


def _with_networks(construct: Construct, app: Json) -> Json:
    """The definition with `networks` in place of Docker's network and port mappings."""
    docker = app.get("container", {}).get("docker", {})
    network = docker.pop("network", None)
    if network is not None and app.get("networks"):
        remedy = "Remove it: Marathon takes only one of it and app['networks']"
        raise invalid(construct, "app['container']['docker']['network']", network, remedy)
    if network == "USER":
        remedy = "Use networks=[{'mode': 'container', 'name': …}]: Marathon has no network 'USER' from 1.5 on"
        raise invalid(construct, "app['container']['docker']['network']", network, remedy)
    if network is not None and network not in _MODES:
        docker["network"] = network
    elif network is not None:
        app.setdefault("networks", [{"mode": _MODES[network]}])
    mappings = docker.pop("portMappings", None)
    if mappings is not None:
        app["container"].setdefault("portMappings", mappings)
    return app


def lines_of(app: Json) -> str:
    """The values of a definition in the lines that `values.sh` writes of Marathon's answer.

    A port 0 is left out, because Marathon chooses one. `env` and `labels` are compared as a whole, so that an added
    variable is found, too.
    """
    whole = {"env": {}, "labels": {}, **app}
    return "\n".join(f"{path}\t{value}" for path, value in _values('/"app"', whole) if not _chosen(path, value))


def _values(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _values(f"{path}/{_text(name)}", each)
        if path in ('/"app"/"env"', '/"app"/"labels"'):
            yield path, f"{{{len(value)}}}"
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _values(f"{path}/{index}", each)
        yield path, f"[{len(value)}]"
    elif isinstance(value, float):
        yield path, f"{value:f}".rstrip("0").rstrip(".")
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _chosen(path: str, value: str) -> bool:
    return value == "0" and (path.endswith(('"port"', '"servicePort"')) or path.startswith('/"app"/"ports"/'))
