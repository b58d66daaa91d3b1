"""Synthesises a throwaway cluster. This starts Node, which ends with this process."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Marathon,
    MesosAgentPool,
    MesosMasterSet,
    Role,
    TlsMaterial,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.host.engine_facts import EngineFacts
from cdktf_mesos.throwaway.adapt import adapt
from cdktf_mesos.throwaway.cluster import HOME_LABEL, LABEL, PORTS_LABEL, Cluster
from cdktf_mesos.throwaway.ports import BLOCK

# What an agent offers of disk, in MiB. Mesos does not limit tasks to it (Mesos docs, disk/du isolator).
_DISK_MIB = 10240


# Options of ZooKeeper's virtual machine: less memory, and a quicker start. The image's script reads them (ZooKeeper,
# bin/zkEnv.sh; HotSpot's options in the Java docs, `java`).
_QUICK_JVM = {"ZK_SERVER_HEAP": "256", "JVMFLAGS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}

# An agent waits for a random part of this time before it registers. The default of 1 s is for many agents (Mesos docs,
# agent flags).
_QUICK_AGENT = {"registration_backoff_factor": "100ms"}


def synthesise(cluster: Cluster, home: str, facts: EngineFacts) -> dict[str, Any]:
    """The Terraform of a cluster, for a directory in which the state is, too.

    Args:
        cluster: the cluster.
        home: the label with the machine and the directory that it is kept in.
        facts: what its engine says about itself.

    Raises:
        ValueError: a version, or a combination of versions, that is not possible.
    """
    with tempfile.TemporaryDirectory(prefix="cdktf-mesos-") as directory:
        app = App(outdir=directory)
        stack = TerraformStack(app, cluster.name)
        _add_members(stack, cluster, home, facts)
        app.synth()
        document: dict[str, Any] = json.loads((Path(directory) / f"stacks/{cluster.name}/cdk.tf.json").read_text())
    # Without a backend, Terraform keeps the state in its working directory, and needs no `init` for it.
    del document["terraform"]["backend"]
    return document


def _add_members(stack: TerraformStack, cluster: Cluster, home: str, facts: EngineFacts) -> None:
    ports, tls = cluster.ports, cluster.certificates
    host = DockerHost(
        stack,
        "host",
        address=cluster.address,
        engine=cluster.engine,
        tls=TlsMaterial(tls) if tls else None,
        data_dir=cluster.data_dir,
        **facts,
    )
    labels = {LABEL: cluster.name, HOME_LABEL: home, PORTS_LABEL: " ".join(map(str, cluster.blocks))}
    options = ContainerOptions(labels=labels)
    roles: list[Role] = []
    zookeeper = ZookeeperEnsemble(
        stack,
        "zookeeper",
        hosts=[host],
        image=f"zookeeper:{cluster.zookeeper}",
        container_name=cluster.container("zookeeper"),
        client_port=ports["zookeeper"],
        peer_port=ports["zookeeper-peers"],
        election_port=ports["zookeeper-election"],
        options=replace(options, environment=_QUICK_JVM),
    )
    masters = MesosMasterSet(
        stack,
        "masters",
        hosts=[host],
        zookeeper=zookeeper,
        cluster=cluster.name,
        image=f"mesosphere/mesos-master:{cluster.mesos}",
        container_name=cluster.container("master"),
        port=ports["master"],
        flags=cluster.master_flags,
        options=options,
    )
    for agent, first in zip(cluster.agent_names, cluster.blocks[1:], strict=True):
        pool = MesosAgentPool(
            stack,
            agent,
            hosts=[host],
            masters=masters,
            image=f"mesosphere/mesos-slave:{cluster.agents_mesos}",
            container_name=cluster.container(agent),
            port=ports[agent],
            resources={
                "cpus": cluster.cpus,
                "mem": cluster.mem,
                "disk": _DISK_MIB,
                "ports": f"[{first}-{first + BLOCK - 1}]",
            },
            # So the agent gets cgroups of its own, and leaves other containers alone.
            shares_engine=True,
            attributes=cluster.attributes_of(agent),
            flags={**_QUICK_AGENT, **cluster.agent_flags},
            options=options,
        )
        roles.append(pool)
    if cluster.marathon:
        marathon = Marathon(
            stack,
            "marathon",
            hosts=[host],
            masters=masters,
            image=f"mesosphere/marathon:{cluster.marathon}",
            container_name=cluster.container("marathon"),
            port=ports["marathon"],
            libprocess_port=ports["marathon-libprocess"],
            options=options,
        )
        roles.append(marathon)
    for role in [zookeeper, masters, *roles]:
        for member in role.members:
            adapt(member, cluster, zookeeper)
