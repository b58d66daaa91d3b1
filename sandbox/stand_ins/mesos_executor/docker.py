"""Runs a task in a container, with the docker CLI."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

CPU_SHARES_PER_CPU = 1024
MIN_CPU_SHARES = 2
MIN_MEMORY = 32 * 1024 * 1024
"""Bytes. All three values are from Mesos: src/docker/docker.cpp and src/slave/constants.hpp."""


def run_arguments(
    task: Any, *, container: str, sandbox: str, mapped_sandbox: str, container_dns: Mapping[str, Any] | None = None
) -> list[str]:
    """The arguments of `docker run` for a TaskInfo.

    Args:
        task: the TaskInfo message.
        container: the container's name.
        sandbox: the task's sandbox on the host.
        mapped_sandbox: the path of the sandbox in the container.
        container_dns: the agent's flag `default_container_dns`; by default it is not set.
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
    return arguments + _docker_arguments(task.container.docker, container_dns or {}) + _image_and_command(task)


def address_of(info: Mapping[str, Any]) -> str:
    """A container's address, from the output of `docker inspect`; empty if it has none of its own.

    As in Mesos (src/docker/docker.cpp, `Docker::Container::create`): that of its network, or else the one without a
    network, which engines leave out from API 1.52 on.
    """
    settings, mode = info["NetworkSettings"], info["HostConfig"]["NetworkMode"]
    if mode in settings["Networks"]:
        return str(settings["Networks"][mode]["IPAddress"])
    return str(settings["IPAddress"])


def _resource_arguments(resources: Sequence[Any]) -> list[str]:
    # A task may have several resources of one kind: reserved and unreserved ones.
    totals: dict[str, float] = {}
    for resource in resources:
        totals[resource.name] = totals.get(resource.name, 0) + resource.scalar.value
    arguments = []
    if "cpus" in totals:
        arguments += ["--cpu-shares", str(max(MIN_CPU_SHARES, int(totals["cpus"] * CPU_SHARES_PER_CPU)))]
    if "mem" in totals:
        arguments += ["--memory", str(max(MIN_MEMORY, int(totals["mem"] * 1024 * 1024)))]
    return arguments


def _docker_arguments(docker: Any, container_dns: Mapping[str, Any]) -> list[str]:
    arguments = ["--net", _enum_name(docker, "network").lower(), *_dns_arguments(docker, container_dns)]
    if docker.privileged:
        arguments.append("--privileged")
    for port in docker.port_mappings:
        arguments += ["-p", f"{port.host_port}:{port.container_port}/{port.protocol or 'tcp'}"]
    return arguments + [f"--{parameter.key}={parameter.value}" for parameter in docker.parameters]


def _dns_arguments(docker: Any, container_dns: Mapping[str, Any]) -> list[str]:
    """The agent's name servers, unless the task has its own (Mesos: src/docker/docker.cpp, RunOptions)."""
    if any(parameter.key in ("dns", "dns-search", "dns-opt") for parameter in docker.parameters):
        return []
    network = _enum_name(docker, "network")
    options = {"nameservers": "dns", "search": "dns-search", "options": "dns-opt"}
    return [
        f"--{options[name]}={value}"
        for each in container_dns.get("docker", [])
        if each["network_mode"] == network
        for name, values in each["dns"].items()
        for value in values
    ]


def _image_and_command(task: Any) -> list[str]:
    command, image = task.command, task.container.docker.image
    if command.shell:
        # If there is no command, the image's own command runs.
        return ["--entrypoint", "/bin/sh", image, "-c", command.value] if command.value else [image]
    # As in Mesos: if the image has an entrypoint, the value becomes its first argument.
    return [image, *([command.value] if command.value else []), *command.arguments]


def _enum_name(message: Any, field: str) -> str:
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return str(values[getattr(message, field)].name)


class Container:
    """A container, by its name."""

    def __init__(self, name: str, docker: str, host: str) -> None:
        """Set the container's name, the path of the docker CLI, and the engine's address for the CLI's option `-H`."""
        self.name = name
        self._command = [docker, "-H", host]

    def run(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Starts the container. The returned process ends when the container ends, with the same exit status."""
        return subprocess.Popen([*self._command, "run", *arguments])

    def started(self) -> Mapping[str, Any] | None:
        """The output of `docker inspect` for the container; None as long as it has not been started."""
        result = subprocess.run([*self._command, "inspect", self.name], capture_output=True)
        found = json.loads(result.stdout or b"[]")
        return found[0] if found and not found[0]["State"]["StartedAt"].startswith("0001-") else None

    def stop(self, grace: float) -> None:
        """Ends the container: SIGTERM, and SIGKILL after `grace` seconds."""
        subprocess.run([*self._command, "stop", "-t", str(int(grace)), self.name], capture_output=True)
