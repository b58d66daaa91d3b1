"""The roles of a cluster as its settings say, on whatever hosts."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Image,
    Marathon,
    MesosAgentPool,
    MesosMasterSet,
    Pin,
    ZookeeperEnsemble,
)
from cdktf_mesos.bump import Role
from cdktf_mesos.mesos_families import FAMILIES, MesosFamily
from stacks.bumps import check_bumps
from stacks.settings import Cluster

# Each agent on an engine gets the next thousand, from where Mesos's own default begins.
PORTS_FROM, PORTS_EACH = 31000, 1000


class Roles:
    """The roles of one cluster.

    Args:
        scope: of the roles' constructs.
        cluster: the settings.
        control_plane: the hosts of ZooKeeper, the masters and Marathon.
        marathon: the hosts of Marathon, where they are other constructs for the same machines.
    """

    def __init__(
        self,
        scope: Construct,
        cluster: Cluster,
        control_plane: Sequence[DockerHost],
        marathon: Sequence[DockerHost] | None = None,
    ) -> None:
        self._scope = scope
        self._cluster = cluster
        self._options = ContainerOptions(wait_seconds=cluster.wait_seconds)
        self._family = _family(cluster)
        images: dict[Role, Image] = {
            "zookeeper": Image(
                cluster.zookeeper_image, Pin("zookeeper_version", cluster.zookeeper_version, cluster.zookeeper_release)
            ),
            "master": Image(self._family.master, _pin(cluster, "mesos_master_version", cluster.mesos_master_version)),
            "agent": Image(self._family.agent, _pin(cluster, "mesos_agent_version", cluster.mesos_agent_version)),
            "marathon": Image(
                cluster.marathon_image, Pin("marathon_version", cluster.marathon_version, cluster.marathon_release)
            ),
        }
        check_bumps(cluster, images, shown_on=control_plane[0])
        self._images = images
        self.zookeeper = ZookeeperEnsemble(
            scope,
            "zookeeper",
            hosts=control_plane,
            image=images["zookeeper"],
            container_name=f"{cluster.name}-zookeeper",
            options=self._options,
        )
        self.masters = MesosMasterSet(
            scope,
            "masters",
            hosts=control_plane,
            zookeeper=self.zookeeper,
            cluster=cluster.name,
            image=images["master"],
            container_name=f"{cluster.name}-master",
            options=self._options,
        )
        self.marathon = Marathon(
            scope,
            "marathon",
            hosts=control_plane if marathon is None else marathon,
            masters=self.masters,
            image=images["marathon"],
            container_name=f"{cluster.name}-marathon",
            options=self._options,
        )

    def agents(self, hosts: Sequence[DockerHost], *, number: int = 1) -> MesosAgentPool:
        """One agent on each of the hosts; the number tells pools on the same hosts apart."""
        cluster, first = self._cluster, PORTS_FROM + PORTS_EACH * (number - 1)
        return MesosAgentPool(
            self._scope,
            f"agent-{number}",
            hosts=hosts,
            masters=self.masters,
            image=self._images["agent"],
            container_name=f"{cluster.name}-agent-{number}",
            port=5050 + number,
            resources={
                "cpus": cluster.agent_cpus,
                "mem": cluster.agent_memory_mib,
                "disk": cluster.agent_disk_mib,
                "ports": f"[{first}-{first + PORTS_EACH - 1}]",
            },
            docker_cli=cluster.agent_docker_cli,
            # Always, as it is checkpointed: a second agent then changes nothing for the first.
            shares_engine=True,
            options=self._options,
        )

    def add_outputs(self, stack: TerraformStack, pools: Sequence[MesosAgentPool]) -> None:
        """Where to find the cluster, as outputs of a stack."""
        for name, value in {
            "zookeeper_connect_string": self.zookeeper.connect_string,
            "master_urls": self.masters.urls,
            "agent_urls": [url for pool in pools for url in pool.urls],
            "marathon_urls": self.marathon.urls,
        }.items():
            TerraformOutput(stack, name, value=value)


def _family(cluster: Cluster) -> MesosFamily:
    if cluster.mesos_family not in FAMILIES:
        raise ValueError(f"Cluster: mesos_family={cluster.mesos_family!r}: one of {', '.join(sorted(FAMILIES))}")
    return FAMILIES[cluster.mesos_family]


def _pin(cluster: Cluster, variable: str, version: str | None) -> Pin:
    """The pin of masters or agents, of their own where they have one."""
    if version is None:
        variable, version = "mesos_version", cluster.mesos_version
    return Pin(variable, version, cluster.mesos_release)
