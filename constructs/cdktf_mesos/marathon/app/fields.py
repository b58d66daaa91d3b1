"""The fields of an app, with their types, by the releases of Marathon that have them.

Sources: the schema AppDefinition.json and, from 1.4 on, app.raml in the documentation of the REST API, both of
mesosphere/marathon at the tags v0.8.2 to v1.10.26 and at the last commit, which is after 1.11. A release silently
ignores a field that it does not have.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cdktf_mesos.image.release import Release

Minor = tuple[int, int]


class _Row(NamedTuple):
    """Fields of one type that were added in the minor release `since` and last available in `until`."""

    since: Minor
    until: Minor | None
    type: str
    names: str


_FIRST = (0, 8)

_ROWS = (
    _Row(_FIRST, None, "text", "id cmd user executor"),
    _Row(_FIRST, None, "number", "cpus mem disk backoffSeconds backoffFactor maxLaunchDelaySeconds"),
    _Row(_FIRST, None, "whole", "instances"),
    _Row(_FIRST, None, "list", "args constraints dependencies healthChecks ports uris"),
    _Row(_FIRST, None, "object", "container env labels upgradeStrategy"),
    _Row(_FIRST, None, "bool", "requirePorts"),
    _Row(_FIRST, (1, 4), "list", "storeUrls"),
    _Row((0, 9), None, "list", "acceptedResourceRoles"),
    # 1.5 still takes it, but answers `networks`.
    _Row((0, 14), (1, 4), "object", "ipAddress"),
    _Row((0, 15), None, "list", "fetch"),
    _Row((1, 0), None, "list", "portDefinitions readinessChecks"),
    _Row((1, 0), None, "object", "residency"),
    _Row((1, 3), None, "whole", "gpus"),
    _Row((1, 3), None, "object", "secrets"),
    _Row((1, 3), None, "number", "taskKillGracePeriodSeconds"),
    _Row((1, 4), None, "text", "killSelection"),
    # An object, or the text "disabled" from 1.5 on.
    _Row((1, 4), None, "any", "unreachableStrategy"),
    _Row((1, 5), None, "list", "networks"),
    _Row((1, 5), None, "bool", "tty"),
    _Row((1, 6), None, "object", "executorResources"),
    _Row((1, 8), None, "object", "check"),
    _Row((1, 9), None, "text", "role"),
    _Row((1, 10), None, "object", "resourceLimits"),
)

ANSWERED_ONLY = (
    *("version", "versionInfo", "deployments", "lastTaskFailure", "readinessCheckResults"),
    *("tasks", "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "taskStats"),
)
"""Fields that only answers have. An app as Marathon shows it may have them; they are left out."""

_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "text": ("text", (str,)),
    "number": ("a number, 0 or more", (int, float)),
    "whole": ("a whole number, 0 or more", (int,)),
    "list": ("a list", (list, tuple)),
    "object": ("an object", (dict,)),
    "bool": ("true or false", (bool,)),
    "any": ("a value", (object,)),
}


def why_not(name: str, value: Any, release: Release) -> str | None:
    """Why a release does not take a field with this value: a sentence without its full stop; None if it does."""
    minor = (release.major, release.minor)
    row = next((row for row in _ROWS if name in row.names.split()), None)
    if row is None:
        return "Remove it: no release of Marathon has this field"
    if minor < row.since:
        return f"Remove it: Marathon {release} ignores this field, which exists from {_text(row.since)}"
    if row.until is not None and minor > row.until:
        instead = {"ipAddress": "networks", "storeUrls": "fetch"}[name]
        return f"Use {instead!r} instead: this field exists up to {_text(row.until)}"
    words, types = _TYPES[row.type]
    right = isinstance(value, types) and (row.type == "bool" or row.type == "any" or not isinstance(value, bool))
    if right and row.type in ("number", "whole"):
        right = value >= 0
    return None if right else f"Use {words}"


def _text(minor: Minor) -> str:
    return ".".join(map(str, minor))
