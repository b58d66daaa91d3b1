"""A member's container: what all roles have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf import ITerraformDependable
from constructs import Construct

from cdktf_mesos import bindings
from cdktf_mesos.errors import invalid
from cdktf_mesos.host import DockerHost, absolute_path
from cdktf_mesos.image import Image

LABEL = "cdktf-mesos."


@dataclass(frozen=True)
class Mount:
    """A directory or file of the host, seen in the container.

    Args:
        host_path: absolute; made as a directory by the engine when it is absent.
        container_path: absolute; by default the same path.
        read_only: whether the container may only read it.
    """

    host_path: str
    container_path: str | None = None
    read_only: bool = False


@dataclass(frozen=True)
class ContainerOptions:
    """What may be said about the containers of any role, beside what the role itself decides.

    Args:
        environment: further variables; the role's own are refused.
        labels: further labels.
        mounts: further directories of the host.
        memory_mib: limit in MiB, swap included; unlimited by default.
        cpu_shares: relative weight; the engine's default is 1024.
        log_driver: the engine's log driver.
        log_options: its options; by default three files of 10 MB.
        restart: the engine's restart policy.
        grace_seconds: how long a container may take to stop before it is killed; by default the role's own time.
        wait_seconds: how long a new container may take to serve before the deploy fails.
        health_interval_seconds: the time between two health checks.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    memory_mib: int | None = None
    cpu_shares: int | None = None
    log_driver: str = "json-file"
    log_options: Mapping[str, str] = field(default_factory=lambda: {"max-size": "10m", "max-file": "3"})
    restart: str = "unless-stopped"
    grace_seconds: int | None = None
    wait_seconds: int = 120
    health_interval_seconds: int = 3


@dataclass(frozen=True)
class ContainerSpec:
    """What a role decides about a member's container.

    Args:
        role: `zookeeper`, `master`, `agent` or `marathon`; a label.
        name: the container's name, and the id of its construct in the host's scope.
        image: what it runs.
        health_test: the health check in Docker's form, `["CMD", …]`.
        environment: its variables.
        command: the arguments after the image's entrypoint; by default the image's own.
        mounts: the directories of the host that it needs.
        grace_seconds: how long it may take to stop.
        init: whether a small init reaps processes and hands on signals.
        capabilities: those it needs beyond Docker's default, as `CAP_…`.
        security_options: Docker's `--security-opt`.
        pid_mode: `host`, to share the host's process ids.
    """

    role: str
    name: str
    image: Image
    health_test: Sequence[str]
    environment: Mapping[str, str]
    mounts: Sequence[Mount]
    grace_seconds: int
    command: Sequence[str] = ()
    init: bool = True
    capabilities: Sequence[str] = ()
    security_options: Sequence[str] = ()
    pid_mode: str | None = None


@dataclass(frozen=True)
class Member:
    """One role's container on one host.

    Args:
        host: where it runs.
        container: the `docker_container`.
    """

    host: DockerHost
    container: bindings.Container


def check_name(role: Construct, argument: str, name: str) -> str:
    """Refuse a container name that Docker or an agent would not leave alone."""
    if not re.fullmatch("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}", name):
        raise invalid(
            role, argument, name, "2 to 63 letters, digits, '_', '.' and '-', beginning with one of the first"
        )
    if name.startswith("mesos-"):
        right = "a name that does not begin with 'mesos-': agents take such containers for orphaned tasks and end them"
        raise invalid(role, argument, name, right)
    return name


def run_member(
    role: Construct,
    host: DockerHost,
    spec: ContainerSpec,
    options: ContainerOptions,
    *,
    depends_on: Sequence[ITerraformDependable] = (),
) -> Member:
    """Put a container into the host's scope, on its network, and wait until it serves."""
    _check_options(role, spec, options)
    host.claim("container name", spec.name, role, "container_name")
    image = host.pull(spec.image)
    environment = {**spec.environment, **options.environment}
    labels = {
        **{f"{LABEL}{key}": value for key, value in _identity(role, host, spec).items()},
        **options.labels,
    }
    container = bindings.Container(
        host,
        spec.name,
        provider=host.provider,
        name=spec.name,
        # By its name, not by its id: so a plan says which version replaces which.
        image=image.name,
        command=list(spec.command) or None,
        env=[f"{name}={value}" for name, value in sorted(environment.items())],
        labels=[bindings.ContainerLabels(label=label, value=value) for label, value in sorted(labels.items())],
        volumes=[
            bindings.ContainerVolumes(
                host_path=absolute_path(role, "mounts", mount.host_path),
                container_path=mount.container_path or mount.host_path,
                read_only=mount.read_only,
            )
            for mount in (*spec.mounts, *options.mounts)
        ]
        or None,
        network_mode="host",
        pid_mode=spec.pid_mode,
        init=spec.init,
        capabilities=bindings.ContainerCapabilities(add=list(spec.capabilities)) if spec.capabilities else None,
        security_opts=list(spec.security_options) or None,
        memory=options.memory_mib,
        memory_swap=options.memory_mib,
        cpu_shares=options.cpu_shares,
        log_driver=options.log_driver,
        log_opts=dict(options.log_options),
        restart=options.restart,
        destroy_grace_seconds=options.grace_seconds if options.grace_seconds is not None else spec.grace_seconds,
        healthcheck=bindings.ContainerHealthcheck(
            test=list(spec.health_test),
            interval=go_duration(options.health_interval_seconds),
            timeout="10s",
            start_period="30s",
            retries=3,
        ),
        wait=True,
        wait_timeout=options.wait_seconds,
        depends_on=list(depends_on) or None,
    )
    return Member(host, container)


def go_duration(seconds: int) -> str:
    """Seconds as Go writes them: in any other spelling every plan shows a change (`60s` for `1m0s`)."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


def _identity(role: Construct, host: DockerHost, spec: ContainerSpec) -> dict[str, str]:
    return {"role": spec.role, "set": role.node.path, "version": spec.image.shown_version(host.stack)}


def _check_options(role: Construct, spec: ContainerSpec, options: ContainerOptions) -> None:
    for name in options.environment:
        if name in spec.environment:
            raise invalid(role, "options.environment", name, "another variable; this one is set by the construct")
    for label in options.labels:
        if label.startswith(LABEL):
            raise invalid(role, "options.labels", label, f"another label; those with {LABEL!r} are the construct's")
    owned = {mount.container_path or mount.host_path for mount in spec.mounts}
    for mount in options.mounts:
        absolute_path(role, "options.mounts.host_path", mount.host_path)
        path = absolute_path(role, "options.mounts.container_path", mount.container_path or mount.host_path)
        if path in owned:
            raise invalid(role, "options.mounts", path, "another path; the construct mounts this one")
    least = {"memory_mib": 6, "cpu_shares": 2, "grace_seconds": 1, "wait_seconds": 1, "health_interval_seconds": 1}
    for name, minimum in least.items():
        value = getattr(options, name)
        if value is not None and value < minimum:
            raise invalid(role, f"options.{name}", value, f"{minimum} or more")
