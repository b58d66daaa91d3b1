"""What the engine of this machine says about itself, before a deploy."""

from __future__ import annotations

from contextlib import closing

import docker
from docker.errors import DockerException
from requests import RequestException

from cdktf_mesos.host.engine_facts import EngineFacts, facts_of

# How long the engine may take for each answer, in seconds. It answers within a fraction of one.
_PATIENCE = 3


def known_of(engine: str) -> EngineFacts:
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
            return facts_of(dict(client.version()), dict(client.info()))
    except (DockerException, RequestException):
        return {}
