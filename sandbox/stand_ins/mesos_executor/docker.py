"""The task's container, by the docker CLI."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

CPU_SHARES_PER_CPU = 1024
MIN_CPU_SHARES = 2
MIN_MEMORY = 32 * 1024 * 1024
"""Bytes. These three are those of Mesos's own executor, src/docker/docker.cpp and src/slave/constants.hpp."""


def run_arguments(task: Any, *, container: str, sandbox: str, mapped_sandbox: str) -> list[str]:
    """What follows `docker run` for a TaskInfo.

    Args:
        task: the TaskInfo message.
        container: the container's name.
        sandbox: the task's sandbox on the host.
        mapped_sandbox: where the container sees it.
    """
    arguments = ["--name", container, *_resource_arguments(task.resources)]
    environment = {variable.name: variable.value for variable in task.command.environment.variables}
    environment |= {
        "MESOS_SANDBOX": mapped_sandbox,
        "MESOS_CONTAINER_NAME": container,
        "MESOS_TASK_ID": task.task_id.value,
    }
    for name, value in environment.items():
        arguments += ["-e", f"{name}={value}"]
    arguments += ["-v", f"{sandbox}:{mapped_sandbox}"]
    for volume in task.container.volumes:
        arguments += ["-v", f"{volume.host_path}:{volume.container_path}:{_enum_name(volume, 'mode').lower()}"]
    return arguments + _docker_arguments(task.container.docker) + _image_and_command(task)


def _resource_arguments(resources: Sequence[Any]) -> list[str]:
    # A task may hold several of a kind, reserved and not.
    totals: dict[str, float] = {}
    for resource in resources:
        totals[resource.name] = totals.get(resource.name, 0) + resource.scalar.value
    arguments = []
    if "cpus" in totals:
        arguments += ["--cpu-shares", str(max(MIN_CPU_SHARES, int(totals["cpus"] * CPU_SHARES_PER_CPU)))]
    if "mem" in totals:
        arguments += ["--memory", str(max(MIN_MEMORY, int(totals["mem"] * 1024 * 1024)))]
    return arguments


def _docker_arguments(docker: Any) -> list[str]:
    arguments = ["--net", _enum_name(docker, "network").lower()]
    if docker.privileged:
        arguments.append("--privileged")
    for port in docker.port_mappings:
        arguments += ["-p", f"{port.host_port}:{port.container_port}/{port.protocol or 'tcp'}"]
    return arguments + [f"--{parameter.key}={parameter.value}" for parameter in docker.parameters]


def _image_and_command(task: Any) -> list[str]:
    command, image = task.command, task.container.docker.image
    if command.shell:
        # With a shell and no command, the image's own command runs.
        return ["--entrypoint", "/bin/sh", image, "-c", command.value] if command.value else [image]
    # As in Mesos: with an entrypoint in the image, the value is its first argument.
    return [image, *([command.value] if command.value else []), *command.arguments]


def _enum_name(message: Any, field: str) -> str:
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return str(values[getattr(message, field)].name)


class Container:
    """One container of an engine, by its name."""

    def __init__(self, name: str, docker: str, host: str) -> None:
        """Args: the container's name, the CLI, and the engine's socket as the CLI's `-H` takes it."""
        self.name = name
        self._command = [docker, "-H", host]

    def run(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Starts the container; the process ends with it, and with its exit status."""
        return subprocess.Popen([*self._command, "run", *arguments])

    def started(self) -> Mapping[str, Any] | None:
        """What the engine says of the container, None while it neither runs nor has run."""
        result = subprocess.run([*self._command, "inspect", self.name], capture_output=True)
        found = json.loads(result.stdout or b"[]")
        return found[0] if found and not found[0]["State"]["StartedAt"].startswith("0001-") else None

    def stop(self, grace: float) -> None:
        """Ends the container: SIGTERM, and SIGKILL after `grace` seconds."""
        subprocess.run([*self._command, "stop", "-t", str(int(grace)), self.name], capture_output=True)
