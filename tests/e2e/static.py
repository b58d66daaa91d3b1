"""What the tests of clusters on several machines share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project
from sandbox.watch import Poller, agent_state, master_state, zookeeper_state
from tests.e2e.evidence import task_containers

# Seconds. A leader is gone for the ZooKeeper session's 10 s and an election; the rest is for a slow machine.
PATIENCE = 30


def static_project(
    directory: Path, name: str, control: Sequence[Host], agents: Sequence[Host], **settings: Any
) -> Project:
    """The application on these machines over ssh, not deployed yet; with little patience, as tests break things."""
    return Project(
        directory,
        name=name,
        platform="static",
        control_plane=entries(control),
        agent_machines=entries(agents),
        ssh_options=control[0].ssh_opts,
        wait_seconds=45,
        preflight_seconds=15,
        **settings,
    )


def entries(hosts: Sequence[Host]) -> list[dict[str, Any]]:
    """These machines as the context has them."""
    return [{"name": host.name, "address": host.address, "engine": host.ssh_engine} for host in hosts]


def live(project: Project, control: Sequence[Host]) -> LiveCluster:
    """The deployed cluster, by its outputs."""
    return LiveCluster(project.outputs(f"{project.name}-3-marathon-{control[0].name}-members"))


def poller(control: Sequence[Host], agents: Sequence[Host]) -> Poller:
    """Asks every member, by its role and machine; to be used as a context."""
    members = {f"zookeeper {host.name}": partial(zookeeper_state, host.address) for host in control}
    members |= {f"master {host.name}": partial(master_state, host.address) for host in control}
    members |= {f"agent {host.name}": partial(agent_state, host.address) for host in agents}
    return Poller(members)


def containers(project: Project, hosts: Sequence[Host]) -> dict[tuple[str, str], str]:
    """The ids of the cluster's own containers, without preflights, by machine and name."""
    found = {}
    for host in hosts:
        client = host.docker()
        for container in client.containers.list(all=True, filters={"name": f"^/{project.name}-"}):
            if "-preflight-" not in str(container.name):
                found[host.name, str(container.name)] = str(container.id)
        client.close()
    return found


def tasks(agents: Sequence[Host]) -> dict[str, tuple[str, int]]:
    """The containers and processes of all tasks, by the containers' names."""
    return {name: found for host in agents for name, found in task_containers(host).items()}
