"""The `local` platform: one stack, one engine, one of each role and as many agents as asked for."""

from __future__ import annotations

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
    TlsMaterial,
    ZookeeperEnsemble,
)
from cdktf_mesos.mesos_families import FAMILIES, MesosFamily
from stacks.settings import Cluster

# Each agent gets the next thousand, from where Mesos's own default begins.
PORTS_FROM, PORTS_EACH = 31000, 1000


class LocalCluster(TerraformStack):
    """A whole cluster on one engine."""

    def __init__(self, scope: Construct, cluster: Cluster) -> None:
        super().__init__(scope, cluster.name)
        options = ContainerOptions(wait_seconds=cluster.wait_seconds)
        host = DockerHost(
            self,
            "host",
            address=cluster.address,
            engine=cluster.engine,
            ssh_options=cluster.ssh_options,
            tls=TlsMaterial(cluster.tls_directory) if cluster.tls_directory is not None else None,
            data_dir=f"{cluster.data_dir}/{cluster.name}",
        )
        zookeeper = ZookeeperEnsemble(
            self,
            "zookeeper",
            hosts=[host],
            image=Image(cluster.zookeeper_image, Pin("zookeeper_version", cluster.zookeeper_version)),
            container_name=f"{cluster.name}-zookeeper",
            options=options,
        )
        family = _family(cluster)
        masters = MesosMasterSet(
            self,
            "masters",
            hosts=[host],
            zookeeper=zookeeper,
            cluster=cluster.name,
            image=Image(family.master, _mesos_pin(cluster, "mesos_master_version", cluster.mesos_master_version)),
            container_name=f"{cluster.name}-master",
            options=options,
        )
        agents = [
            MesosAgentPool(
                self,
                f"agent-{number}",
                hosts=[host],
                masters=masters,
                image=Image(family.agent, _mesos_pin(cluster, "mesos_agent_version", cluster.mesos_agent_version)),
                container_name=f"{cluster.name}-agent-{number}",
                port=5050 + number,
                resources={
                    "cpus": cluster.agent_cpus,
                    "mem": cluster.agent_memory_mib,
                    "disk": cluster.agent_disk_mib,
                    "ports": _ports(number),
                },
                docker_cli=cluster.agent_docker_cli,
                # Always, as it is checkpointed: a second agent then changes nothing for the first.
                shares_engine=True,
                options=options,
            )
            for number in range(1, cluster.agents + 1)
        ]
        marathon = Marathon(
            self,
            "marathon",
            hosts=[host],
            masters=masters,
            image=Image(cluster.marathon_image, Pin("marathon_version", cluster.marathon_version)),
            container_name=f"{cluster.name}-marathon",
            options=options,
        )
        for name, value in {
            "zookeeper_connect_string": zookeeper.connect_string,
            "master_urls": masters.urls,
            "agent_urls": [url for pool in agents for url in pool.urls],
            "marathon_urls": marathon.urls,
        }.items():
            TerraformOutput(self, name, value=value)


def _family(cluster: Cluster) -> MesosFamily:
    if cluster.mesos_family not in FAMILIES:
        raise ValueError(f"Cluster: mesos_family={cluster.mesos_family!r}: one of {', '.join(sorted(FAMILIES))}")
    return FAMILIES[cluster.mesos_family]


def _mesos_pin(cluster: Cluster, variable: str, version: str | None) -> Pin:
    """The pin of masters or agents, of their own where they have one."""
    return Pin("mesos_version", cluster.mesos_version) if version is None else Pin(variable, version)


def _ports(agent: int) -> str:
    first = PORTS_FROM + PORTS_EACH * (agent - 1)
    return f"[{first}-{first + PORTS_EACH - 1}]"
