"""What must be the same before and after whatever happens to a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.static import task_containers

ZNODE = "/written-before"


@dataclass(frozen=True)
class Evidence:
    """A znode, the registry's agents, Marathon's apps, and the tasks' containers with their processes."""

    znode: bytes
    agents: dict[str, str]
    apps: set[str]
    tasks: dict[str, tuple[str, int]]


def take(cluster: LiveCluster, host: Host) -> Evidence:
    """Write the znode if it is not there, and look at all the rest."""
    with cluster.zookeeper() as zookeeper:
        if not zookeeper.exists(ZNODE):
            zookeeper.create(ZNODE, b"acknowledged")
        znode: bytes = zookeeper.get(ZNODE)[0]
    return Evidence(znode, cluster.agent_ids(), set(cluster.apps()), task_containers(host))


def is_the_same(before: Evidence, cluster: LiveCluster, host: Host) -> None:
    """Wait until the cluster serves again and hold all against what was before."""
    cluster.wait_until_serving(agents=len(before.agents))
    cluster.wait_for_tasks("web", count=len(cluster.tasks("web")) or 1)
    assert eventually(lambda: cluster.agent_ids() == before.agents, f"agents with the ids of before: {before.agents}")
    assert take(cluster, host) == before


def changes(plan: dict[str, Any]) -> dict[str, list[str]]:
    """What a plan does: the name of each container and image that it touches, and how."""
    found: dict[str, list[str]] = {}
    for resource in plan.get("resource_changes", []):
        change = resource["change"]
        if change["actions"] != ["no-op"]:
            name = (change["after"] or change["before"])["name"]
            found[name] = change["actions"]
    return found
