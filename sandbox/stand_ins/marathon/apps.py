"""App definitions: which request bodies are valid, and the defaults that Marathon adds to them.

Source of names and defaults: docs/docs/rest-api of mesosphere/marathon 1.11. The stand-in rejects fields that it does
not support, so that no test passes because something was silently ignored.
"""

from __future__ import annotations

from typing import Any

from .checks import CHECKS, Errors

Json = dict[str, Any]

# Fields with the only value that the stand-in supports.
FIXED: Json = {
    "constraints": [],
    "dependencies": [],
    "executor": "",
    "fetch": [],
    "healthChecks": [],
    "killSelection": "YOUNGEST_FIRST",
    "role": "*",
    "secrets": {},
    "unreachableStrategy": {"inactiveAfterSeconds": 0, "expungeAfterSeconds": 0},
}
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
    "upgradeStrategy": {"minimumHealthCapacity": 1, "maximumOverCapacity": 1},
    **FIXED,
}
# Fields that an answer has in addition to the definition. Clients may send them back with a change.
READ_ONLY = {"version", "versionInfo", "deployments", "tasks", "tasksStaged", "tasksRunning", "tasksHealthy"}
READ_ONLY |= {"tasksUnhealthy", "lastTaskFailure", "standIn"}
# A change of these fields does not replace the app's tasks.
SCALING = {"instances"}


class InvalidApp(Exception):  # noqa: N818  # the name of the condition, as in Marathon's "Object is not valid"
    """The body does not describe an app that can run. `details` has the reasons in the form of Marathon's answer."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("; ".join(f"{path}: {error}" for path, error in errors))
        self.details = [{"path": path, "errors": [error]} for path, error in errors]


def app_id(text: str) -> str:
    """The absolute form of an app's id."""
    return "/" + text.strip("/")


def definition(body: Any, old: Json | None = None) -> Json:
    """The complete definition of the app that a body describes.

    Args:
        body: the body of a POST, or of a PUT with the id added.
        old: the app's current definition, for a partial update.

    Raises:
        InvalidApp: the stand-in cannot run an app with this body.
    """
    if not isinstance(body, dict):
        raise InvalidApp([("/", "must be an object")])
    given = {name: value for name, value in body.items() if name not in READ_ONLY}
    if "ports" in given:  # the older name of portDefinitions
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
    errors += [(f"/{name}", "is not supported by the marathon stand-in") for name in FIXED if app[name] != FIXED[name]]
    if errors:
        raise InvalidApp(errors)
    return in_new_form(app)


def in_new_form(app: Json) -> Json:
    """The app as 1.5 and later answer it: with `networks` in place of Docker's network, and with all of `container`."""
    container = app["container"]
    if not container:
        return app
    docker = dict(container["docker"])
    if docker.get("network") == "HOST":
        del docker["network"]
    docker = {"forcePullImage": False, "privileged": False, "parameters": [], **docker}
    return app | {"container": {"type": "DOCKER", "volumes": [], **container, "docker": docker}}
