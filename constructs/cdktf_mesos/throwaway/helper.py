"""Runs scripts on an engine's machine, each in a container of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_mesos.operations.engine import Client

# The engine adds the last option to every container with the host's process ids.
_UNCONFINED = ["apparmor=unconfined", "seccomp=unconfined", "label=disable"]


def run_script(
    client: Client,
    image: str,
    words: Sequence[str],
    *,
    labels: Mapping[str, str],
    capabilities: Sequence[str],
    binds: Sequence[str] = (),
    name: str | None = None,
) -> list[str]:
    """Run a script as root, with the network and the process ids of the engine's machine; returns what it prints.

    Args:
        client: the client of the engine.
        image: an image with bash that the engine has.
        words: the command that runs it.
        labels: labels of the container.
        capabilities: capabilities that it needs in addition to Docker's default.
        binds: directories of the machine that it needs, in Docker's form.
        name: if set, the container has this name, and is kept if the script succeeds.

    Raises:
        RuntimeError: it fails. The message is what it has written to standard error.
    """
    settings = client.create_host_config(
        binds=list(binds),
        network_mode="host",
        pid_mode="host",
        cap_add=list(capabilities),
        security_opt=_UNCONFINED,
    )
    container: dict[str, Any] = client.create_container(
        image,
        entrypoint=list(words),
        command=[],
        user="0",
        name=name,
        host_config=settings,
        labels=dict(labels),
        healthcheck={"test": ["NONE"]},
    )
    succeeded = False
    try:
        client.start(container["Id"])
        succeeded = client.wait(container["Id"])["StatusCode"] == 0
        lines: list[str] = client.logs(container["Id"], stdout=True, stderr=False).decode().splitlines()
        if not succeeded:
            raise RuntimeError(client.logs(container["Id"], stdout=False, stderr=True).decode().strip())
    finally:
        if not (succeeded and name):
            client.remove_container(container["Id"], force=True, v=True)
    return lines
