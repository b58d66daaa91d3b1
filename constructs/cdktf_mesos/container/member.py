"""A member's container: what all roles have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from constructs import Construct

from cdktf_mesos import bindings, scripts
from cdktf_mesos.cdk import ITerraformDependable
from cdktf_mesos.container.asking import PASSED, SHOWN_SECONDS, asking_container
from cdktf_mesos.container.options import LABEL, ContainerOptions, Mount, asked_from, check_options, volumes_of
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.role.probe import ASK

# A health check asks over the network, perhaps several peers: a second to connect, three for each answer.
HEALTH_SECONDS = 10

# What the name of a container that asks a member from outside ends in.
GATE = "-gate"

_GATE_SCRIPT = Path(__file__).with_name("gate.sh")


@dataclass(frozen=True)
class HostCheck:
    """What must be true on a member's host before its container is replaced.

    Args:
        script: bash that defines the function `settled`: true when it is so, else it prints what is not. It is text,
            in which Terraform finds no expressions.
        mounts: the directories that it looks at.
        environment: its variables; their values may be Terraform expressions. None by default.
    """

    script: str
    mounts: Sequence[Mount]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ContainerSpec:
    """What a role decides about a member's container.

    Args:
        role: `zookeeper`, `master`, `agent` or `marathon`; a label.
        name: the container's name, and the id of its construct in the host's scope.
        image: what it runs.
        health_test: the health check in Docker's form, `["CMD", …]`.
        environment: its variables.
        mounts: the directories of the host that it needs.
        grace_seconds: how long it may take to stop.
        command: the arguments after the entrypoint; by default the image's own.
        entrypoint: instead of the image's own.
        init: whether a small init reaps processes and hands on signals.
        capabilities: those it needs beyond Docker's default, as `CAP_…`.
        security_options: Docker's `--security-opt`.
        pid_mode: `host`, to share the host's process ids.
        host_check: what must be true on the host before the container is replaced; by default nothing.
    """

    role: str
    name: str
    image: Image
    health_test: Sequence[str]
    environment: Mapping[str, str]
    mounts: Sequence[Mount]
    grace_seconds: int
    command: Sequence[str] = ()
    entrypoint: Sequence[str] = ()
    init: bool = True
    capabilities: Sequence[str] = ()
    security_options: Sequence[str] = ()
    pid_mode: str | None = None
    host_check: HostCheck | None = None


@dataclass(frozen=True)
class Member:
    """One role's container on one host.

    Args:
        host: where it runs.
        container: the `docker_container`.
        made_of: all that its container is made of, as text; another text is another container.
        host_check: what must be true on the host before the container is replaced.
        name: of the container.
        environment: its variables.
        serves: what Terraform waits for until the member serves: the container, or the one that asks it from outside.
    """

    host: DockerHost
    container: bindings.Container
    made_of: str
    host_check: HostCheck | None
    name: str
    environment: Mapping[str, str]
    serves: bindings.Container


def check_name(role: Construct, argument: str, name: str, *, longest: int = 63) -> str:
    """Refuse a container name that Docker or an agent would not leave alone."""
    if not re.fullmatch(f"[a-zA-Z0-9][a-zA-Z0-9_.-]{{1,{longest - 1}}}", name):
        right = f"2 to {longest} letters, digits, '_', '.' and '-', beginning with one of the first"
        raise invalid(role, argument, name, right)
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
    check_options(role, options, environment=spec.environment, mounts=spec.mounts)
    host.claims.take("container name", spec.name, role, "container_name")
    environment = {**spec.environment, **options.environment}
    labels = {
        f"{LABEL}role": spec.role,
        f"{LABEL}version": spec.image.shown_version(host.stack),
        **options.labels,
    }
    container = bindings.Container(
        host,
        spec.name,
        provider=host.provider,
        name=spec.name,
        # By its name, not by its id: so a plan says which version replaces which.
        image=host.pull(spec.image).name,
        entrypoint=list(spec.entrypoint) or None,
        command=list(spec.command) or None,
        env=[f"{name}={value}" for name, value in sorted(environment.items())],
        labels=[bindings.ContainerLabels(label=label, value=value) for label, value in sorted(labels.items())],
        volumes=volumes_of([*spec.mounts, *options.mounts]) or None,
        network_mode="host",
        pid_mode=spec.pid_mode,
        init=spec.init,
        capabilities=bindings.ContainerCapabilities(add=list(spec.capabilities)) if spec.capabilities else None,
        security_opts=list(spec.security_options) or None,
        memory=options.memory_mib,
        memory_swap=options.memory_mib,
        cpu_shares=options.cpu_shares,
        log_driver=options.log_driver,
        log_opts=options.log_limits(),
        restart=options.restart,
        destroy_grace_seconds=options.grace_seconds if options.grace_seconds is not None else spec.grace_seconds,
        healthcheck=_health_check(spec, options),
        wait=None if options.gate_image else True,
        wait_timeout=None if options.gate_image else options.wait_seconds,
        depends_on=list(depends_on) or None,
    )
    serves = _gate(role, host, container, spec, options) if options.gate_image else container
    made_of = repr((spec.image.shown_version(host.stack), spec, options))
    return Member(host, container, made_of, spec.host_check, spec.name, environment, serves)


def _health_check(spec: ContainerSpec, options: ContainerOptions) -> bindings.ContainerHealthcheck:
    if options.gate_image:
        # Nor what the image may have.
        return bindings.ContainerHealthcheck(test=["NONE"])
    return bindings.ContainerHealthcheck(
        test=list(spec.health_test),
        interval=go_duration(options.health_interval_seconds),
        timeout=go_duration(HEALTH_SECONDS),
        # What fails while it starts does not count, and three failures in a row do (Docker's own default).
        start_period="30s",
        retries=3,
    )


def _gate(
    role: Construct, host: DockerHost, container: bindings.Container, spec: ContainerSpec, options: ContainerOptions
) -> bindings.Container:
    """The container that asks a member from outside whether it serves."""
    _, *test = spec.health_test
    arguments = [str(SHOWN_SECONDS), spec.name, str(options.wait_seconds), str(HEALTH_SECONDS), *test]
    name = f"{spec.name}{GATE}"
    host.claims.take("container name", name, container, "name")
    return asking_container(
        host,
        name,
        image=asked_from(role, options, spec.image),
        command=scripts.words("gate", ASK, _GATE_SCRIPT, PASSED, arguments=arguments),
        environment={},
        changes=spec.image.shown_version(host.stack),
        mounts=(),
        seconds=options.wait_seconds,
        of=container,
    )


def go_duration(seconds: int) -> str:
    """Seconds as Go writes them: in any other spelling every plan shows a change (`60s` for `1m0s`)."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
