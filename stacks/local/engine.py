"""What the engine of this machine says about itself, before a deploy."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import docker
from docker.errors import DockerException
from requests import RequestException

# How long the engine may take for each answer, in seconds. It answers within a fraction of one.
_PATIENCE = 3


def known_of(engine: str) -> dict[str, Any]:
    """The arguments of `DockerHost` that say what is known of an engine and its machine. Without an answer, none.

    The platform `local` has only one stack. A check in it could not come before the containers that a deploy replaces.
    So the program asks the engine when it runs, but only an engine with a socket on this machine.

    Args:
        engine: the engine's address, such as `unix:///var/run/docker.sock`.
    """
    if not engine.startswith("unix://"):
        return {}
    try:
        with closing(docker.APIClient(base_url=engine, version="auto", timeout=_PATIENCE)) as client:
            version, info = dict(client.version()), dict(client.info())
    except (DockerException, RequestException):
        return {}
    cgroup = info.get("CgroupVersion")
    known = {
        "engine_version": version.get("Version"),
        "least_api": version.get("MinAPIVersion"),
        "cgroup_version": int(cgroup) if cgroup in ("1", "2") else None,
    }
    return {argument: value for argument, value in known.items() if value}
