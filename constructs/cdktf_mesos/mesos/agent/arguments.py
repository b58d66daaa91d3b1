"""What an agent pool makes of its arguments, and which of them an agent would end at once for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from constructs import Construct

from cdktf_mesos.cdk import Annotations
from cdktf_mesos.compatibility.check import judge_engine, report
from cdktf_mesos.container.options import Mount
from cdktf_mesos.errors import in_errors, invalid
from cdktf_mesos.host.host import DockerHost, path_without_blanks
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.configuration import FlagValue
from cdktf_mesos.mesos.families import MesosFamily, known
from cdktf_mesos.mesos.flags import flags
from cdktf_mesos.role.checks import read_image

# What the construct decides, whether an argument is given for it or not.
OWNED = (
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
    given: Mapping[str, FlagValue],
) -> None:
    """Refuse what the agent would end at once for, and what the engine would refuse."""
    for capability in capabilities:
        if not re.fullmatch("CAP_[A-Z_]+", capability):
            raise invalid(pool, "capabilities", capability, "names of capabilities(7), such as 'CAP_NET_ADMIN'")
    if given.get("launcher") == "posix" and "cgroups/" in isolation:
        raise invalid(pool, "flags['launcher']", "posix", "'linux', which isolation by cgroups needs")
    if not set(containerizers.split(",")) <= set(_CONTAINERIZERS):
        raise invalid(pool, "containerizers", containerizers, "'docker', 'mesos', or both with a comma between")
    if not re.fullmatch(_DURATION, executor_registration_timeout):
        right = "a duration in Mesos's spelling: '5mins', '90secs'"
        raise invalid(pool, "executor_registration_timeout", executor_registration_timeout, right)


def executor_image(
    pool: Construct,
    image: Image,
    family: MesosFamily,
    release: Release,
    given: str | Image | None,
    *,
    shown_on: Construct,
) -> Image | None:
    """The image that executors of Docker tasks run in, where the release can be told one and one is known."""
    if "docker_mesos_image" not in flags("agent", release):
        return None
    if given is not None:
        return read_image(pool, given)
    if family.executor is not None and known(image):
        with in_errors(pool):
            return image.beside(family.executor)
    Annotations.of(shown_on).add_warning(
        f"{pool.node.path}: {image}: no docker_mesos_image is known for it, so Docker tasks end when their agent is "
        "replaced"
    )
    return None


def docker_cli_mounts(
    pool: Construct, image: Image, docker_cli: str | None, sha256: str | None, family: MesosFamily, release: Release
) -> list[Mount]:
    """The docker command of the host, where one is given; an image that is known to have none must be given one."""
    if sha256 is not None and docker_cli is None:
        raise invalid(pool, "docker_cli_sha256", sha256, "docker_cli as well, the path of what the digest is of")
    if docker_cli is not None:
        return [Mount(path_without_blanks(pool, "docker_cli", docker_cli), "/usr/bin/docker", read_only=True)]
    if known(image) and not family.has_docker_cli(release):
        right = (
            "the path of a static docker command on the host (docs.docker.com, 'Install Docker Engine from binaries'); "
            "this image has none, and Docker tasks need it"
        )
        raise invalid(pool, "docker_cli", None, right)
    return []


def check_engines(pool: Construct, hosts: Sequence[DockerHost], release: Release, features: Collection[str]) -> None:
    """Refuse agents that do not go with a host's engine, and warn of what is risky."""
    if "docker" not in features:
        return
    # Once for each engine's version, however many hosts have it.
    engines = {host.engine_version: host for host in hosts if host.engine_version is not None}
    for version, host in engines.items():
        for finding in judge_engine(release, version, docker_cli="docker_cli" in features):
            report(pool, "hosts", host.node.path, finding, shown_on=host)
