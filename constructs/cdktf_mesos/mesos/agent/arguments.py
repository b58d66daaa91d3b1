"""The checks of an agent pool's arguments, and the images and mounts that follow from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.compatibility.check import judge_engine, report
from cdktf_mesos.container.options import Mount
from cdktf_mesos.errors import in_errors, invalid
from cdktf_mesos.host.host import DockerHost, path_without_blanks
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.configuration import FlagValue
from cdktf_mesos.mesos.families import MesosFamily, has_known_repository
from cdktf_mesos.mesos.flags import flags
from cdktf_mesos.role.checks import read_image

# Flags that the construct decides, also if the argument for one is not set.
RESERVED_FLAGS = (
    *("master", "ip", "port", "hostname", "work_dir", "runtime_dir"),
    *("isolation", "containerizers", "executor_registration_timeout", "attributes", "resources"),
    *("docker_socket", "docker_mesos_image", "docker_kill_orphans", "systemd_enable_support"),
)

_DURATION = "([0-9]*[.])?[0-9]+(ns|us|ms|secs|mins|hrs|days|weeks)"
_CONTAINERIZERS = ("docker", "mesos")


def check_values(
    pool: Construct,
    isolation: str,
    capabilities: Sequence[str],
    containerizers: str,
    executor_registration_timeout: str,
    flag_values: Mapping[str, FlagValue],
) -> None:
    """Refuse values that would make the agent exit at once, and those that the engine would refuse."""
    for capability in capabilities:
        if not re.fullmatch("CAP_[A-Z_]+", capability):
            remedy = "Use the name of a capability from capabilities(7), such as 'CAP_NET_ADMIN'"
            raise invalid(pool, "capabilities", capability, remedy)
    if flag_values.get("launcher") == "posix" and "cgroups/" in isolation:
        raise invalid(pool, "flags['launcher']", "posix", "Use 'linux': isolation by cgroups needs it")
    if not set(containerizers.split(",")) <= set(_CONTAINERIZERS):
        remedy = "Use 'docker', 'mesos', or both with a comma between"
        raise invalid(pool, "containerizers", containerizers, remedy)
    if not re.fullmatch(_DURATION, executor_registration_timeout):
        remedy = "Use a duration in Mesos's form, such as '5mins' or '90secs'"
        raise invalid(pool, "executor_registration_timeout", executor_registration_timeout, remedy)


def executor_image(
    pool: Construct,
    image: Image,
    family: MesosFamily,
    release: Release,
    docker_mesos_image: str | Image | None,
    *,
    shown_on: Construct,
) -> Image | None:
    """The image for the executors of Docker tasks; None if the release has no flag for it, or no image is known."""
    if "docker_mesos_image" not in flags("agent", release):
        return None
    if docker_mesos_image is not None:
        return read_image(pool, docker_mesos_image)
    if family.executor is not None and has_known_repository(image):
        with in_errors(pool):
            return image.with_repository(family.executor)
    Annotations.of(shown_on).add_warning(
        f"{pool.node.path}: no docker_mesos_image is known for {image}, so Docker tasks end when their agent is "
        "replaced. Set docker_mesos_image to keep them"
    )
    return None


def docker_cli_mounts(
    pool: Construct, image: Image, docker_cli: str | None, sha256: str | None, family: MesosFamily, release: Release
) -> list[Mount]:
    """The mount of the host's docker command, if one is set. Refuse an image without a docker command if it is not."""
    if sha256 is not None and docker_cli is None:
        remedy = "Set docker_cli as well: the path of the docker command that has this digest"
        raise invalid(pool, "docker_cli_sha256", sha256, remedy)
    if docker_cli is not None:
        return [Mount(path_without_blanks(pool, "docker_cli", docker_cli), "/usr/bin/docker", read_only=True)]
    if has_known_repository(image) and not family.has_docker_cli(release):
        remedy = (
            "Set it to the path of a static docker command on the host: Docker tasks need one, and this image has none "
            "(docs.docker.com, 'Install Docker Engine from binaries')"
        )
        raise invalid(pool, "docker_cli", None, remedy)
    return []


def check_engines(pool: Construct, hosts: Sequence[DockerHost], release: Release, features: frozenset[str]) -> None:
    """Refuse agents that cannot work with a host's engine or cgroups, and warn of risks."""
    # Hosts of which the same is known get one finding, however many they are.
    for facts, host in {host.facts: host for host in hosts}.items():
        for finding in judge_engine(release, features, facts):
            report(pool, "hosts", host.node.path, finding, shown_on=host)
