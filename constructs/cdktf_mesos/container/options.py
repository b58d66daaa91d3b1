"""Options of the containers that every role has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from constructs import Construct

from cdktf_mesos import bindings
from cdktf_mesos.container.names import LABEL
from cdktf_mesos.errors import check_one_of, check_whole, invalid
from cdktf_mesos.expressions import digest
from cdktf_mesos.host.host import absolute_path
from cdktf_mesos.image.image import Image

# How long a new container may take to serve, and the time between two health checks, in seconds.
WAIT_SECONDS, HEALTH_INTERVAL_SECONDS = 120, 3

RestartPolicy = Literal["no", "on-failure", "always", "unless-stopped"]

# Default options of the log drivers that keep files on the host, whose size must have a limit.
_LOG_LIMITS = {"json-file": {"max-size": "10m", "max-file": "3"}, "local": {"max-size": "10m", "max-file": "3"}}


@dataclass(frozen=True)
class Mount:
    """A directory or file of the host, seen in the container.

    Args:
        host_path: absolute path on the host. If nothing is there, the engine makes a directory.
        container_path: absolute path in the container; by default the same path.
        read_only: whether the container may only read; by default it may write, too.
    """

    host_path: str
    container_path: str | None = None
    read_only: bool = False

    @property
    def target(self) -> str:
        """The path in the container."""
        return self.container_path or self.host_path


@dataclass(frozen=True)
class ContainerOptions:
    """Options for the containers of any role, in addition to what the role itself decides.

    Args:
        environment: further environment variables; those that the role sets are refused. By default there are none.
        labels: further labels; by default there are none.
        mounts: further directories of the host; by default there are none.
        memory_mib: memory limit in MiB, swap included; by default there is no limit.
        cpu_shares: relative CPU weight; by default the engine's, 1024.
        log_driver: the engine's log driver; by default `json-file`.
        log_options: options of the log driver; by default three files of 10 MB for drivers that keep files.
        restart: the engine's restart policy; by default `unless-stopped`.
        grace_seconds: how long a container may take to stop before it is killed, in seconds; by default the role's
            time.
        wait_seconds: how long a new container may take to serve before the deploy fails, in seconds; by default 120.
        health_interval_seconds: the time between two health checks of a member that serves, in seconds; by default 3.
        gate_image: needed only if the member's image has no shell: an image with bash 4.1 or later, grep and coreutils.
            The gate, a container that checks from outside whether the member serves, and the member's preflights run in
            it. The member's container then has no health check. By default all checks run in the member's own image.
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
        """The log driver's options; None leaves them to the engine."""
        return dict(self.log_options) if self.log_options is not None else _LOG_LIMITS.get(self.log_driver)

    def log_label(self) -> dict[str, str]:
        """A label that changes with `log_options`, so that the container is replaced; empty without `log_options`.

        Its value is a digest, since options of some log drivers are secrets.
        """
        if self.log_options is None:
            return {}
        options = "\n".join(f"{name}={value}" for name, value in sorted(self.log_options.items()))
        return {f"{LABEL}log": digest(options, 12)}


# The smallest useful values. Those for memory and CPU are Docker's.
_MINIMUMS = {"memory_mib": 6, "cpu_shares": 2, "grace_seconds": 1, "wait_seconds": 1, "health_interval_seconds": 1}


def image_for_checks(role: Construct, options: ContainerOptions, image: Image) -> Image:
    """The image in which checks of members that run `image` are run."""
    if options.gate_image is None:
        return image
    try:
        # Nothing depends on its release, so any will do.
        return Image.of(options.gate_image, release="0.0")
    except ValueError as error:
        raise ValueError(f"{role.node.path}: options.gate_image: {error}") from None


def check_options(
    role: Construct, options: ContainerOptions, *, environment: Mapping[str, str], mounts: Sequence[Mount]
) -> None:
    """Refuse options that Docker would refuse, or that contradict the role's own environment and mounts."""
    for name in options.environment:
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_.]*", name):
            remedy = "Use letters, digits, '_' and '.', beginning with a letter or '_'"
            raise invalid(role, "options.environment", name, remedy)
        if name in environment:
            raise invalid(role, "options.environment", name, "Remove it: the construct sets this variable")
    for label in options.labels:
        if not label or label.startswith(LABEL):
            remedy = f"Use a label that does not begin with {LABEL!r}: those are the construct's"
            raise invalid(role, "options.labels", label, remedy)
    taken = {mount.target for mount in mounts}
    for mount in options.mounts:
        absolute_path(role, "options.mounts.host_path", mount.host_path)
        if absolute_path(role, "options.mounts.container_path", mount.target) in taken:
            remedy = "Use another path: something is mounted there already"
            raise invalid(role, "options.mounts", mount.target, remedy)
        taken.add(mount.target)
    for name, minimum in _MINIMUMS.items():
        value = getattr(options, name)
        if value is not None:
            check_whole(role, f"options.{name}", value, minimum)
    if options.health_interval_seconds >= options.wait_seconds:
        remedy = f"Use less than wait_seconds, {options.wait_seconds}: otherwise no container is found healthy in time"
        raise invalid(role, "options.health_interval_seconds", options.health_interval_seconds, remedy)
    check_one_of(role, "options.restart", options.restart, get_args(RestartPolicy))
    if not options.log_driver:
        remedy = "Use one of the engine's log drivers, such as 'json-file'"
        raise invalid(role, "options.log_driver", options.log_driver, remedy)


def volumes_of(mounts: Sequence[Mount]) -> list[bindings.ContainerVolumes]:
    """Mounts in the form of the provider's `volumes`."""
    return [
        bindings.ContainerVolumes(host_path=mount.host_path, container_path=mount.target, read_only=mount.read_only)
        for mount in mounts
    ]
