"""What must be the same before and after a change of a cluster: data, agent ids, apps and running tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.static import task_containers

ZNODE = "/written-before"


@dataclass(frozen=True)
class Evidence:
    """A znode's content, registered agents' ids, Marathon's apps, and the tasks' containers with their processes."""

    znode: bytes
    agents: dict[str, str]
    apps: set[str]
    tasks: dict[str, tuple[str, int]]


def evidence_of(cluster: LiveCluster, host: Host) -> Evidence:
    """Read the evidence; writes the znode first if it does not exist."""
    with cluster.zookeeper() as zookeeper:
        if not zookeeper.exists(ZNODE):
            zookeeper.create(ZNODE, b"acknowledged")
        znode: bytes = zookeeper.get(ZNODE)[0]
    return Evidence(znode, cluster.agent_ids(), set(cluster.apps()), task_containers(host))


def assert_unchanged(before: Evidence, cluster: LiveCluster, host: Host) -> None:
    """Wait until the cluster serves again, and check that the evidence is the same as before."""
    cluster.wait_until_serving(agents=len(before.agents))
    cluster.wait_for_tasks("web", count=len(cluster.tasks("web")) or 1)
    assert eventually(
        lambda: cluster.agent_ids() == before.agents, f"agents with the same ids as before: {before.agents}"
    )
    assert evidence_of(cluster, host) == before


def planned_changes(plan: dict[str, Any]) -> dict[str, list[str]]:
    """The changes in a plan: the name of each container and image that changes, and the actions."""
    found: dict[str, list[str]] = {}
    for resource in plan.get("resource_changes", []):
        change = resource["change"]
        if change["actions"] != ["no-op"]:
            name = (change["after"] or change["before"])["name"]
            found[name] = change["actions"]
    return found
