"""A member's container: what all roles have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from constructs import Construct

from cdktf_mesos import bindings, scripts
from cdktf_mesos.cdk import ITerraformDependable, TerraformResourceLifecycle
from cdktf_mesos.container.asking import PASSED, SHOWN_SECONDS, asking_container
from cdktf_mesos.container.names import DIRECTORIES, GATE, LABEL
from cdktf_mesos.container.options import (
    ADDED_BY_ENGINE,
    ContainerOptions,
    Mount,
    asked_from,
    check_options,
    volumes_of,
)
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.role.probe import ASK

# A health check asks over the network, perhaps several peers: a second to connect, three for each answer.
HEALTH_SECONDS = 10

_GATE_SCRIPT = Path(__file__).with_name("gate.sh")


@dataclass(frozen=True)
class HostCheck:
    """What must be true on a member's host before its container is replaced.

    Args:
        script: bash that defines the function `settled`: true when it is so, else it prints what is not, and returns 2
            where it is of no use to wait for it. It is text, in which Terraform finds no expressions.
        mounts: the directories that it looks at.
        environment: its variables; their values may have tokens. None by default.
    """

    script: str
    mounts: Sequence[Mount]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ContainerSpec:
    """What a role decides about a member's container.

    Args:
        environment: its variables.
        mounts: the directories of the host that it needs.
        shared: directories of the host, at the same path in the container, below which mounts of the one are seen by
            the other (Docker docs, bind propagation).
        command: the arguments after the entrypoint; by default the image's own.
        entrypoint: instead of the image's own.
        init: whether a small init reaps processes and hands on signals.
        capabilities: those it needs beyond Docker's default, as `CAP_…`.
        security_options: Docker's `--security-opt`.
        pid_mode: `host`, to share the host's process ids.
        host_check: what must be true on the host before the container is replaced; by default nothing.
        health_test: the health check in Docker's form, `["CMD", …]`; by default that of the role's probe.
    """

    environment: Mapping[str, str]
    mounts: Sequence[Mount] = ()
    shared: Sequence[str] = ()
    command: Sequence[str] = ()
    entrypoint: Sequence[str] = ()
    init: bool = True
    capabilities: Sequence[str] = ()
    security_options: Sequence[str] = ()
    pid_mode: str | None = None
    host_check: HostCheck | None = None
    health_test: Sequence[str] = ()


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
        command: its arguments after the entrypoint.
        serves: what Terraform waits for until the member serves: the container, or the one that asks it from outside.
    """

    host: DockerHost
    container: bindings.Container
    made_of: str
    host_check: HostCheck | None
    name: str
    environment: Mapping[str, str]
    command: Sequence[str]
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
    construct: Construct,
    host: DockerHost,
    *,
    role: str,
    name: str,
    image: Image,
    spec: ContainerSpec,
    health_test: Sequence[str],
    grace_seconds: int,
    options: ContainerOptions,
    depends_on: Sequence[ITerraformDependable] = (),
) -> Member:
    """Put a container into the host's scope, on its network, and wait until it serves.

    Args:
        construct: the role's construct, which errors name.
        host: where the container runs.
        role: the role's name; a label.
        name: the container's name, and the id of its construct in the host's scope.
        image: what it runs.
        spec: what the role decides about it.
        health_test: its health check, in Docker's form.
        grace_seconds: how long it may take to stop, unless the options say so.
        options: what the user says about it.
        depends_on: what Terraform must have made before.

    Raises:
        ValueError: options that Docker would refuse, or that contradict the role's own; a name that is in use.
    """
    own_mounts = [*spec.mounts, *map(Mount, spec.shared)]
    check_options(construct, options, environment=spec.environment, mounts=own_mounts)
    # Another member of the machine has had the engine make its directory, below the same one.
    if spec.shared and not host.has_data_dir and not host.claims.listeners():
        depends_on = [*depends_on, _directories(host, name, image, spec.shared, options)]
    host.claims.take("container name", name, construct, "container_name")
    environment = {**spec.environment, **options.environment}
    version = image.shown_version(host.stack)
    labels = {
        f"{LABEL}role": role,
        f"{LABEL}version": version,
        **options.log_label(),
        **options.labels,
    }
    container = bindings.Container(
        host,
        name,
        provider=host.provider,
        name=name,
        # By its name, not by its id: so a plan says which version replaces which.
        image=host.pull(image).name,
        entrypoint=list(spec.entrypoint) or None,
        command=list(spec.command) or None,
        env=[f"{variable}={value}" for variable, value in sorted(environment.items())],
        labels=[bindings.ContainerLabels(label=label, value=value) for label, value in sorted(labels.items())],
        volumes=volumes_of([*spec.mounts, *options.mounts]) or None,
        mounts=[
            bindings.ContainerMounts(
                type="bind",
                source=path,
                target=path,
                bind_options=bindings.ContainerMountsBindOptions(propagation="rshared"),
            )
            for path in spec.shared
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
        log_opts=options.log_limits(),
        restart=options.restart,
        destroy_grace_seconds=options.grace_seconds if options.grace_seconds is not None else grace_seconds,
        healthcheck=_health_check(health_test, options),
        wait=None if options.gate_image else True,
        wait_timeout=None if options.gate_image else options.wait_seconds,
        lifecycle=TerraformResourceLifecycle(ignore_changes=list(ADDED_BY_ENGINE)),
        depends_on=list(depends_on) or None,
    )
    serves = container
    if options.gate_image:
        gate_image = asked_from(construct, options, image)
        serves = _gate(host, name, container, version, gate_image, health_test, options)
    made_of = repr((version, spec, health_test, options))
    return Member(host, container, made_of, spec.host_check, name, environment, spec.command, serves)


def _directories(
    host: DockerHost, member: str, image: Image, paths: Sequence[str], options: ContainerOptions
) -> bindings.Container:
    """The container that makes directories: an engine makes what `volumes` name, and refuses what `mounts` miss."""
    return asking_container(
        host,
        f"{member}{DIRECTORIES}",
        image=image,
        command=scripts.words("directories", PASSED, arguments=[str(SHOWN_SECONDS)]),
        environment={},
        changes=" ".join(paths),
        mounts=[Mount(path) for path in paths],
        seconds=options.wait_seconds,
    )


def _health_check(health_test: Sequence[str], options: ContainerOptions) -> bindings.ContainerHealthcheck:
    if options.gate_image:
        # Nor what the image may have.
        return bindings.ContainerHealthcheck(test=["NONE"])
    return bindings.ContainerHealthcheck(
        test=list(health_test),
        interval=go_duration(options.health_interval_seconds),
        timeout=go_duration(HEALTH_SECONDS),
        # What fails while it starts does not count, and three failures in a row do (Docker's own default).
        start_period="30s",
        retries=3,
    )


def _gate(
    host: DockerHost,
    member: str,
    container: bindings.Container,
    version: str,
    image: Image,
    health_test: Sequence[str],
    options: ContainerOptions,
) -> bindings.Container:
    """The container that asks a member from outside whether it serves."""
    _, *test = health_test
    arguments = [str(SHOWN_SECONDS), member, str(options.wait_seconds), str(HEALTH_SECONDS), *test]
    name = f"{member}{GATE}"
    host.claims.take("container name", name, container, "name")
    return asking_container(
        host,
        name,
        image=image,
        command=scripts.words("gate", ASK, _GATE_SCRIPT, PASSED, arguments=arguments),
        environment={},
        changes=version,
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
