"""What may be said about the containers of any role."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from constructs import Construct

from cdktf_mesos import bindings
from cdktf_mesos.container.names import LABEL
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import digest
from cdktf_mesos.host.host import absolute_path
from cdktf_mesos.image.image import Image

# How long a new container may take to serve, and the time between two of its health checks.
WAIT_SECONDS, HEALTH_INTERVAL_SECONDS = 120, 3

# Terraform does not compare these. The engine adds the `log-opts` of its daemon.json to those of each container that
# uses the engine's default log driver (moby, daemon/logs.go), so that every plan would replace the container. What the
# program wants is in a label, `ContainerOptions.log_label`.
ADDED_BY_ENGINE = ("log_opts",)

RestartPolicy = Literal["no", "on-failure", "always", "unless-stopped"]

# Those of the engine's log drivers that keep files, whose size must have a limit.
_LOG_LIMITS = {"json-file": {"max-size": "10m", "max-file": "3"}, "local": {"max-size": "10m", "max-file": "3"}}


@dataclass(frozen=True)
class Mount:
    """A directory or file of the host, seen in the container.

    Args:
        host_path: absolute; made as a directory by the engine when it is absent.
        container_path: absolute; by default the same path.
        read_only: whether the container may only read it; by default it may write, too.
    """

    host_path: str
    container_path: str | None = None
    read_only: bool = False

    @property
    def target(self) -> str:
        """Where the container sees it."""
        return self.container_path or self.host_path


@dataclass(frozen=True)
class ContainerOptions:
    """What may be said about the containers of any role, beside what the role itself decides.

    Args:
        environment: further variables; the role's own are refused.
        labels: further labels.
        mounts: further directories of the host.
        memory_mib: limit in MiB, swap included; unlimited by default.
        cpu_shares: relative weight; by default the engine's own, 1024.
        log_driver: the engine's log driver; by default `json-file`.
        log_options: its options; by default, for drivers that keep files, three files of 10 MB.
        restart: the engine's restart policy; by default `unless-stopped`.
        grace_seconds: how long a container may take to stop before it is killed; by default the role's own time.
        wait_seconds: how long a new container may take to serve before the deploy fails; by default 120.
        health_interval_seconds: the time between two health checks; by default 3, so that a deploy waits little.
        gate_image: for an image without a shell: one with bash 4.1 or later, grep and coreutils, in which it is
            asked from outside whether the member serves, and its preflights ask as well. The container itself has no
            health check then. By default all is asked in the member's own image.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    memory_mib: int | None = None
    cpu_shares: int | None = None
    log_driver: str = "json-file"
    log_options: Mapping[str, str] | None = None
    restart: RestartPolicy = "unless-stopped"
    grace_seconds: int | None = None
    wait_seconds: int = WAIT_SECONDS
    health_interval_seconds: int = HEALTH_INTERVAL_SECONDS
    gate_image: str | Image | None = None

    def log_limits(self) -> dict[str, str] | None:
        """The log driver's options."""
        return dict(self.log_options) if self.log_options is not None else _LOG_LIMITS.get(self.log_driver)

    def log_label(self) -> dict[str, str]:
        """A label that changes when the user changes `log_options`, so that the container is replaced.

        It is a digest, as some log drivers take secrets. Without `log_options` there is none.
        """
        if self.log_options is None:
            return {}
        options = "\n".join(f"{name}={value}" for name, value in sorted(self.log_options.items()))
        return {f"{LABEL}log": digest(options, 12)}


# The least that Docker, or sense, takes.
_LEAST = {"memory_mib": 6, "cpu_shares": 2, "grace_seconds": 1, "wait_seconds": 1, "health_interval_seconds": 1}


def asked_from(role: Construct, options: ContainerOptions, image: Image) -> Image:
    """The image in which it is asked whether members that run `image` serve."""
    if options.gate_image is None:
        return image
    try:
        # Its release matters to nobody.
        return Image.of(options.gate_image, release="0.0")
    except ValueError as error:
        raise ValueError(f"{role.node.path}: options.gate_image: {error}") from None


def check_options(
    role: Construct, options: ContainerOptions, *, environment: Mapping[str, str], mounts: Sequence[Mount]
) -> None:
    """Refuse options that Docker would refuse, or that contradict the role's own environment and mounts."""
    for name in options.environment:
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_.]*", name):
            raise invalid(role, "options.environment", name, "the name of a variable")
        if name in environment:
            raise invalid(role, "options.environment", name, "another variable; this one is set by the construct")
    for label in options.labels:
        if not label or label.startswith(LABEL):
            raise invalid(role, "options.labels", label, f"another label; those with {LABEL!r} are the construct's")
    taken = {mount.target for mount in mounts}
    for mount in options.mounts:
        absolute_path(role, "options.mounts.host_path", mount.host_path)
        if absolute_path(role, "options.mounts.container_path", mount.target) in taken:
            raise invalid(role, "options.mounts", mount.target, "another path; something is mounted there already")
        taken.add(mount.target)
    for name, minimum in _LEAST.items():
        value = getattr(options, name)
        if value is not None and (type(value) is not int or value < minimum):
            raise invalid(role, f"options.{name}", value, f"a whole number, {minimum} or more")
    if options.health_interval_seconds >= options.wait_seconds:
        right = f"less than wait_seconds={options.wait_seconds}: no container would be found healthy in time"
        raise invalid(role, "options.health_interval_seconds", options.health_interval_seconds, right)
    if options.restart not in get_args(RestartPolicy):
        raise invalid(role, "options.restart", options.restart, " or ".join(map(repr, get_args(RestartPolicy))))
    if not options.log_driver:
        raise invalid(role, "options.log_driver", options.log_driver, "one of the engine's log drivers: 'json-file'")


def volumes_of(mounts: Sequence[Mount]) -> list[bindings.ContainerVolumes]:
    """Mounts as the provider wants them."""
    return [
        bindings.ContainerVolumes(host_path=mount.host_path, container_path=mount.target, read_only=mount.read_only)
        for mount in mounts
    ]
