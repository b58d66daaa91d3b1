"""A member's container, as all roles have it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from constructs import Construct

from cdktf_mesos import bindings, scripts
from cdktf_mesos.cdk import ITerraformDependable, TerraformResourceLifecycle
from cdktf_mesos.container.names import ADDED_BY_ENGINE, DIRECTORIES, GATE, LABEL, STAGE_LABEL
from cdktf_mesos.container.one_shot import PASSED, SHOWN_SECONDS, one_shot_container
from cdktf_mesos.container.options import (
    ContainerOptions,
    Mount,
    check_options,
    image_for_checks,
    volumes_of,
)
from cdktf_mesos.container.paced import paced_health_check
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.security.files import SecretFile, definition_of, secret_uploads

# Time limit of one health check, in seconds. It may contact several members over the network, each with a limit of one
# second for the connection and three for the answer (role/ask.sh).
HEALTH_SECONDS = 10

# How long a health check waits for a new member to serve, in seconds. Three checks that fail make it unhealthy.
FIRST_HEALTH_SECONDS = 15

_GATE_SCRIPT = Path(__file__).with_name("gate.sh")


@dataclass(frozen=True)
class HostCheck:
    """What must be true on a member's host before its container is replaced.

    Args:
        script: bash that defines the function `settled`. It succeeds when the condition holds. Otherwise it prints the
            reason, and returns 2 if waiting is of no use. The script must not contain Terraform expressions.
        mounts: the directories of the host that it reads.
        environment: its variables, whose values may have tokens; by default there are none.
    """

    script: str
    mounts: Sequence[Mount]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ContainerSpec:
    """What a role decides about a member's container.

    Args:
        environment: the environment variables.
        mounts: the directories of the host that the container needs.
        shared: directories of the host, at the same path in the container, with shared bind propagation: host and
            container see each other's mounts below them (Docker docs, bind propagation).
        command: the arguments after the entrypoint; by default the image's own.
        entrypoint: the entrypoint; by default the image's own.
        files: the texts of files that Terraform puts into the container before it starts, by absolute path. They are in
            the state, so they must not have secrets. By default there are none.
        secrets: files with secrets that Terraform puts into the container; the state has only digests of them. By
            default there are none.
        labels: further labels; by default there are none.
        user: the user that it runs as; by default the image's.
        init: whether a small init process reaps zombies and forwards signals (`docker run --init`); by default True.
        capabilities: capabilities beyond Docker's default, as `CAP_…`; by default there are none.
        security_options: Docker's `--security-opt`; by default there are none.
        pid_mode: `host` to share the host's process ids; by default the container has its own.
        cgroupns_mode: `host` to share the host's cgroup namespace; by default the engine decides. The provider never
            reads it back, so no engine makes a plan differ.
        host_check: what must be true on the host before the container is replaced; by default nothing.
        health_test: the health check in Docker's form, `["CMD", …]`; by default that of the role's probe.
    """

    environment: Mapping[str, str]
    mounts: Sequence[Mount] = ()
    shared: Sequence[str] = ()
    command: Sequence[str] = ()
    entrypoint: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    secrets: Sequence[SecretFile] = field(default=(), repr=False)
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    user: str | None = None
    init: bool = True
    capabilities: Sequence[str] = ()
    security_options: Sequence[str] = ()
    pid_mode: str | None = None
    cgroupns_mode: str | None = None
    host_check: HostCheck | None = None
    health_test: Sequence[str] = ()


@dataclass(frozen=True)
class Member:
    """One role's container on one host.

    Args:
        host: the host that it runs on.
        container: the `docker_container`.
        definition: all that the container depends on, as text. If this text changes, the checks before it run again.
        host_check: what must be true on the host before the container is replaced; None if nothing must.
        name: the container's name.
        environment: the container's environment variables.
        command: the arguments after the entrypoint.
        serves: the resource that is complete once the member serves: the container itself, or its gate.
    """

    host: DockerHost
    container: bindings.Container
    definition: str
    host_check: HostCheck | None
    name: str
    environment: Mapping[str, str]
    command: Sequence[str]
    serves: bindings.Container


def check_name(role: Construct, argument: str, name: str, *, longest: int = 63) -> str:
    """Return the container name. Refuse one that Docker does not take, or whose container an agent would end."""
    if not re.fullmatch(f"[a-zA-Z0-9][a-zA-Z0-9_.-]{{1,{longest - 1}}}", name):
        remedy = f"Use 2 to {longest} letters, digits, '_', '.' and '-', beginning with a letter or digit"
        raise invalid(role, argument, name, remedy)
    if name.startswith("mesos-"):
        remedy = "Use a name that does not begin with 'mesos-': agents end such containers as orphaned tasks"
        raise invalid(role, argument, name, remedy)
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
    stage: str | None = None,
    secrets_of_checks: Sequence[SecretFile] = (),
    depends_on: Sequence[ITerraformDependable] = (),
) -> Member:
    """Put a container into the host's scope, on the host's network; Terraform waits until it serves.

    Args:
        construct: the role's construct; errors begin with its path.
        host: the host that the container runs on.
        role: the role's name, for a label.
        name: the container's name, and the id of its construct in the host's scope.
        image: the image that it runs.
        spec: what the role decides about it.
        health_test: the health check, in Docker's form.
        grace_seconds: how long it may take to stop, in seconds, unless `options` has another time.
        options: the user's options.
        stage: the stage of the cluster's security, for a label; None for an open cluster.
        secrets_of_checks: files with secrets that its health check needs; by default there are none.
        depends_on: what Terraform must make before the container.

    Raises:
        ValueError: Docker would refuse an option, or an option contradicts what the role sets; the name is in use.
    """
    own_mounts = [*spec.mounts, *map(Mount, spec.shared)]
    check_options(construct, options, environment=spec.environment, mounts=own_mounts)
    # If another member is on the host, the engine has made the data directory already, for that member's `volumes`.
    if spec.shared and not host.has_data_dir and not host.claims.listeners():
        depends_on = [*depends_on, _directories(host, name, image, spec.shared, options)]
    host.claims.take("container name", name, construct, "container_name")
    environment = {**spec.environment, **options.environment}
    version = image.shown_version(host.stack)
    labels = {
        f"{LABEL}role": role,
        f"{LABEL}version": version,
        **options.log_label(),
        **({STAGE_LABEL: stage} if stage else {}),
        **spec.labels,
        **options.labels,
    }
    container = bindings.Container(
        host,
        name,
        provider=host.provider,
        name=name,
        # The name, not the id: so a plan shows which version replaces which.
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
        upload=[
            *(bindings.ContainerUpload(file=path, content=text) for path, text in spec.files.items()),
            *secret_uploads(host.stack, [*spec.secrets, *secrets_of_checks]),
        ]
        or None,
        user=spec.user,
        network_mode="host",
        pid_mode=spec.pid_mode,
        cgroupns_mode=spec.cgroupns_mode,
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
        gate_image = image_for_checks(construct, options, image)
        serves = _gate(host, name, container, version, gate_image, health_test, options, secrets_of_checks)
    definition = repr((version, spec, health_test, options))
    # Without these, the definition is as it was before there were stages: the checks have a digest of it.
    if stage or spec.labels:
        definition += f" {stage} {definition_of([*spec.secrets, *secrets_of_checks])}"
    return Member(host, container, definition, spec.host_check, name, environment, spec.command, serves)


def _directories(
    host: DockerHost, member: str, image: Image, paths: Sequence[str], options: ContainerOptions
) -> bindings.Container:
    """A container that makes directories of the host.

    The engine makes a missing directory for the provider's `volumes`, which this container has. For `mounts`,
    which a member with `shared` directories has, it makes none, and fails.
    """
    return one_shot_container(
        host,
        f"{member}{DIRECTORIES}",
        image=image,
        command=scripts.words("directories", PASSED, arguments=[str(SHOWN_SECONDS)]),
        environment={},
        fingerprint=" ".join(paths),
        mounts=[Mount(path) for path in paths],
        seconds=options.wait_seconds,
    )


def _health_check(health_test: Sequence[str], options: ContainerOptions) -> bindings.ContainerHealthcheck:
    if options.gate_image:
        # Also switches off a health check that the image defines.
        return bindings.ContainerHealthcheck(test=["NONE"])
    _, *command = health_test
    return paced_health_check(
        command,
        interval_seconds=options.health_interval_seconds,
        first_seconds=FIRST_HEALTH_SECONDS,
        limit_seconds=HEALTH_SECONDS,
    )


def _gate(
    host: DockerHost,
    member: str,
    container: bindings.Container,
    version: str,
    image: Image,
    health_test: Sequence[str],
    options: ContainerOptions,
    secrets: Sequence[SecretFile],
) -> bindings.Container:
    """The gate: a container that checks from outside whether a member serves."""
    _, *test = health_test
    arguments = [str(SHOWN_SECONDS), member, str(options.wait_seconds), str(HEALTH_SECONDS), *test]
    name = f"{member}{GATE}"
    host.claims.take("container name", name, container, "name")
    return one_shot_container(
        host,
        name,
        image=image,
        command=scripts.words("gate", ASK, _GATE_SCRIPT, PASSED, arguments=arguments),
        environment={},
        fingerprint=version,
        mounts=(),
        seconds=options.wait_seconds,
        secrets=secrets,
        of=container,
    )
