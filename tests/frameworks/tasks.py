"""What the tests of all frameworks ask a cluster."""

from __future__ import annotations

from cdktf_mesos.testing.cluster import MesosCluster

IMAGE, COMMAND = "busybox:1.35.0", "exec sleep 1000000"
"""What the tasks run."""


def running(cluster: MesosCluster, count: int) -> dict[str, str]:
    """The agents of the running tasks, by the tasks' ids, if so many run; else nothing."""
    found = {task["id"]: task["agent"] for task in cluster.tasks() if task["state"] == "TASK_RUNNING"}
    return found if len(found) == count else {}


def frameworks(cluster: MesosCluster) -> list[tuple[str, str]]:
    """The names and ids of the frameworks that are registered and connected."""
    found = cluster.state()["frameworks"]
    return [(each["name"], each["id"]) for each in found if each["active"] and each["connected"]]


def other(version: str) -> str:
    """The version to upgrade to; from the newest one, back to the one before."""
    return "1.10.0" if version == "1.11.0" else "1.11.0"
