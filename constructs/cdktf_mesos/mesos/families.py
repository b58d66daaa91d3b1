"""How Mesos images want to be configured."""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct

from cdktf_mesos.image.family import family_name
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release


@dataclass(frozen=True)
class MesosFamily:
    """Images that belong together, all configured by `MESOS_…` variables and by flags after the entrypoint.

    Only what is in an image matters: its own variables (`MESOS_WORK_DIR` and others in mesoscloud's, the directories of
    CNI in containersol's) give way to the construct's, and an agent is run by an entrypoint of the construct's.

    Args:
        master: repository of the master's image.
        agent: repository of the agent's.
        executor: repository with `mesos-docker-executor` and no agent as its entrypoint, for `docker_mesos_image`.
        master_words: what the command must begin with, where the entrypoint is not the program itself.
        master_flags: what the master's entrypoint says already; Mesos ends at a flag that is said twice (stout's tests
            of flags, "Duplicate flag").
        docker_cli_from: the first release whose agent image has a docker command; None where none has.
    """

    master: str
    agent: str
    executor: str | None = None
    master_words: tuple[str, ...] = ()
    master_flags: tuple[str, ...] = ()
    docker_cli_from: tuple[int, int] | None = None

    def has_docker_cli(self, release: Release) -> bool:
        """Whether the agent's image brings the docker command that the Docker containerizer runs."""
        return self.docker_cli_from is not None and (release.major, release.minor) >= self.docker_cli_from


# From the images' Dockerfiles: mesosphere/docker-containers, redjack/docker-mesos, mesoscloud/mesos-{master,slave},
# ContainerSolutions/minimesos-docker.
FAMILIES = {
    "mesosphere": MesosFamily(
        master="mesosphere/mesos-master",
        agent="mesosphere/mesos-slave",
        executor="mesosphere/mesos",
        docker_cli_from=(1, 0),
    ),
    "redjack": MesosFamily(
        master="redjack/mesos-master",
        agent="redjack/mesos-slave",
        executor="redjack/mesos",
        master_words=("mesos-master",),
    ),
    "mesoscloud": MesosFamily(
        master="mesoscloud/mesos-master",
        agent="mesoscloud/mesos-slave",
        # Its entrypoint runs whatever the command is.
        executor="mesoscloud/mesos-slave",
        master_words=("mesos-master",),
        docker_cli_from=(0, 22),
    ),
    "containersol": MesosFamily(
        master="containersol/mesos-master",
        agent="containersol/mesos-agent",
        # No executor: both run Mesos whatever the command is. mesosphere's image of the same package will do.
        master_flags=("hostname_lookup",),
        docker_cli_from=(0, 25),
    ),
}


def family_of(role: Construct, image: Image) -> MesosFamily:
    """The family that the image names or its repository belongs to."""
    repositories = {name: (family.master, family.agent) for name, family in FAMILIES.items()}
    return FAMILIES[family_name(role, image, repositories)]


def known(image: Image) -> bool:
    """Whether the repository is one of a family's own, so that the family's other repositories stand beside it."""
    return any(image.last_components() in (family.master, family.agent) for family in FAMILIES.values())
