"""The roles of a cluster as its settings say, on whatever hosts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
from cdktf_mesos.cdk import TerraformOutput, TerraformStack
from cdktf_mesos.errors import said_of
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.mesos.agent.info import POLICY
from cdktf_mesos.mesos.families import FAMILIES, MesosFamily
from stacks.pools import PUBLIC_ATTRIBUTES, PUBLIC_ROLE, Pool
from stacks.registries import repository
from stacks.settings import Cluster

# Each agent on an engine gets the next thousand, from where Mesos's own default begins.
PORTS_FROM, PORTS_EACH = 31000, 1000
# Of the first agent on a machine.
AGENT_PORT = 5051


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
        gate = repository(cluster, cluster.gate_image) if cluster.gate_image else None
        options = replace(self._options, gate_image=gate)
        self._family = _family(cluster)
        self.zookeeper = ZookeeperEnsemble(
            scope,
            "zookeeper",
            hosts=control_plane,
            image=Image(
                repository(cluster, cluster.zookeeper_image),
                Pin("zookeeper_version", cluster.zookeeper_version, cluster.zookeeper_release),
            ),
            container_name=f"{cluster.name}-zookeeper",
            options=options,
        )
        self.masters = MesosMasterSet(
            scope,
            "masters",
            hosts=control_plane,
            zookeeper=self.zookeeper,
            cluster=cluster.name,
            image=Image(
                repository(cluster, self._family.master),
                _pin(cluster, "mesos_master_version", cluster.mesos_master_version, cluster.mesos_master_release),
            ),
            container_name=f"{cluster.name}-master",
            options=options,
        )
        self.marathon = Marathon(
            scope,
            "marathon",
            hosts=control_plane if marathon is None else marathon,
            masters=self.masters,
            image=Image(
                repository(cluster, cluster.marathon_image),
                Pin("marathon_version", cluster.marathon_version, cluster.marathon_release),
            ),
            container_name=f"{cluster.name}-marathon",
            options=options,
        )

    def agents(
        self,
        hosts: Sequence[DockerHost],
        *,
        leaving: Sequence[DockerHost] = (),
        number: int | None = None,
        pool: Pool | None = None,
    ) -> MesosAgentPool:
        """One agent on each of the hosts, of a pool or of none; the number tells agents on the same host apart."""
        cluster, index = self._cluster, (number or 1) - 1
        first = PORTS_FROM + PORTS_EACH * index
        name = agent_name(pool, number)
        resources: dict[str, str | float] = {
            "cpus": cluster.agent_cpus,
            "mem": cluster.agent_memory_mib,
            "disk": cluster.agent_disk_mib,
            "ports": f"[{first}-{first + PORTS_EACH - 1}]",
        }
        own: dict[str, Any] = {}
        if pool:
            said = {"cpus": pool.cpus, "mem": pool.memory_mib, "disk": pool.disk_mib, **pool.resources}
            resources |= {name: value for name, value in said.items() if value is not None}
            own = {"isolation": pool.isolation, "capabilities": pool.capabilities}
            own |= {"incarnation": pool.generation, "disks": pool.disks}
            own["attributes"] = {**(PUBLIC_ATTRIBUTES if pool.public else {}), **pool.attributes}
            role = pool.default_role or (PUBLIC_ROLE if pool.public else None)
            if pool.docker_mesos_image:
                executor = repository(cluster, pool.docker_mesos_image)
                with said_of(f"Pool {pool.name}: docker_mesos_image"):
                    own["docker_mesos_image"] = self.agent_image(pool).of_same_version(executor)
            own["flags"] = {"default_role": role} if role else {}
            own["flags"] |= {POLICY: "additive"} if pool.additive else {}
        return MesosAgentPool(
            self._scope,
            name,
            hosts=hosts,
            leaving=leaving,
            masters=self.masters,
            image=self.agent_image(pool),
            container_name=f"{cluster.name}-{name}",
            port=AGENT_PORT + index,
            resources=resources,
            docker_cli=cluster.agent_docker_cli,
            docker_cli_sha256=cluster.agent_docker_cli_sha256,
            # Always, as it is checkpointed: a second agent then changes nothing for the first.
            shares_engine=True,
            options=replace(self._options, mounts=pool.mounts if pool else ()),
            **own,
        )

    def agent_image(self, pool: Pool | None = None) -> Image:
        """The image of agents, of a pool or of none."""
        cluster = self._cluster
        pin = _pin(cluster, "mesos_agent_version", cluster.mesos_agent_version, cluster.mesos_agent_release)
        if pool and pool.mesos_version:
            pin = Pin(pool.variable, pool.mesos_version, pool.mesos_release)
        if pool and pool.mesos_image:
            return Image(repository(cluster, pool.mesos_image), pin, family=cluster.mesos_family)
        return Image(repository(cluster, self._family.agent), pin)

    def add_outputs(self, stack: TerraformStack, pools: Sequence[MesosAgentPool]) -> None:
        """Where to find the cluster, as outputs of a stack."""
        for name, value in {
            "zookeeper_connect_string": self.zookeeper.connect_string,
            "master_urls": self.masters.urls,
            "agent_urls": [url for pool in pools for url in pool.urls],
            "marathon_urls": self.marathon.urls,
        }.items():
            TerraformOutput(stack, name, value=value)


def agent_name(pool: Pool | None, number: int | None = None) -> str:
    """What agents are called: by their pool, by their number on a machine with several, or by both."""
    return f"agent-{pool.name}" + (f"-{number}" if number else "") if pool else f"agent-{number or 1}"


def _family(cluster: Cluster) -> MesosFamily:
    if cluster.mesos_family not in FAMILIES:
        raise ValueError(f"Cluster: mesos_family={cluster.mesos_family!r}: one of {', '.join(sorted(FAMILIES))}")
    return FAMILIES[cluster.mesos_family]


def _pin(cluster: Cluster, variable: str, version: str | None, release: str | None) -> Pin:
    """The pin of masters or agents, of their own where they have one, with the release that it does not say itself."""
    if version is None:
        variable, version = "mesos_version", cluster.mesos_version
    if release is None and said_release(version) is None:
        release = cluster.mesos_release
    return Pin(variable, version, release)
