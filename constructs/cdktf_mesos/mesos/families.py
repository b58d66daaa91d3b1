"""The families of Mesos images, and how the containers of each are configured."""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct

from cdktf_mesos.image.family import family_name
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release


@dataclass(frozen=True)
class MesosFamily:
    """Images that belong together, all configured by `MESOS_…` variables and by flags after the entrypoint.

    Variables that an image sets itself (`MESOS_WORK_DIR` and others in mesoscloud's, the directories of CNI in
    containersol's) are overridden by the construct's. The agent image's entrypoint is replaced by the construct's.

    Args:
        master: repository of the master's image; None for a family that has only images that users build.
        agent: repository of the agent's image; None as well.
        executor: repository for `docker_mesos_image`: an image with `mesos-docker-executor` whose entrypoint is not the
            agent.
        master_words: first words of the command, for images whose entrypoint is not the master's program.
        master_flags: flags that the master's entrypoint sets. Mesos exits if a flag is set twice (stout's tests of
            flags, "Duplicate flag").
        docker_cli_from: the first release whose agent image has a docker command; None if no release has it.
        agent_program: the agent's program.
        knows_cgroup_v2: whether agents know cgroup v2, and need it.
        tls_from: the first release whose images are built with TLS; None if none is, or it is not known.
    """

    master: str | None
    agent: str | None
    executor: str | None = None
    master_words: tuple[str, ...] = ()
    master_flags: tuple[str, ...] = ()
    docker_cli_from: tuple[int, int] | None = None
    # Before 1.0 Mesos's agent has only this name; later releases still have it.
    agent_program: str = "mesos-slave"
    knows_cgroup_v2: bool = False
    tls_from: tuple[int, int] | None = None

    def has_tls(self, release: Release) -> bool:
        """Whether the images are built with TLS, as far as is known."""
        return self.tls_from is not None and (release.major, release.minor) >= self.tls_from

    def has_docker_cli(self, release: Release) -> bool:
        """Whether the agent's image has the docker command that the Docker containerizer runs."""
        return self.docker_cli_from is not None and (release.major, release.minor) >= self.docker_cli_from


# From the images' Dockerfiles: mesosphere/docker-containers, redjack/docker-mesos, mesoscloud/mesos-{master,slave},
# ContainerSolutions/minimesos-docker.
FAMILIES = {
    "mesosphere": MesosFamily(
        master="mesosphere/mesos-master",
        agent="mesosphere/mesos-slave",
        executor="mesosphere/mesos",
        docker_cli_from=(1, 0),
        # mesosphere/mesos-deb-packaging, issues 78 and 79; mesosphere/docker-containers, issue 60.
        tls_from=(1, 0),
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
        # Its entrypoint runs any command.
        executor="mesoscloud/mesos-slave",
        master_words=("mesos-master",),
        docker_cli_from=(0, 22),
    ),
    "containersol": MesosFamily(
        master="containersol/mesos-master",
        agent="containersol/mesos-agent",
        # No executor: both images always run Mesos, whatever the command is. mesosphere's image of the same package can
        # be used instead.
        master_flags=("hostname_lookup",),
        docker_cli_from=(0, 25),
    ),
    # The fork of Mesos, from 1.11.0-0.6.0 on (m3scluster/clusterd: README, src/slave/CMakeLists.txt).
    "clusterd": MesosFamily(
        master=None,
        agent=None,
        master_words=("mesos-master",),
        agent_program="mesos-agent",
        knows_cgroup_v2=True,
    ),
}


def family_of(role: Construct, image: Image) -> MesosFamily:
    """The family that the image names, or else that of its repository."""
    repositories = {
        name: [each for each in (family.master, family.agent) if each is not None] for name, family in FAMILIES.items()
    }
    return FAMILIES[family_name(role, image, repositories)]


def has_known_repository(image: Image) -> bool:
    """Whether the repository is a family's own. Then the family's other repositories are in the same registry."""
    return any(image.last_components() in (family.master, family.agent) for family in FAMILIES.values())


def is_known_executor(image: Image) -> bool:
    """Whether the repository is a family's own for executors."""
    return any(image.last_components() == family.executor for family in FAMILIES.values())
