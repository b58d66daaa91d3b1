"""What a throwaway cluster's members answer over HTTP."""

from __future__ import annotations

from typing import Any

import requests

from cdktf_mesos.image.release import Release, parse_release
from cdktf_mesos.throwaway.cluster import Cluster

# How long a member may take for an answer, in seconds.
_PATIENCE = 10

# Up to 0.24, the endpoint has another name (Mesos CHANGELOG, 0.25).
_STATE_FROM = Release(0, 25)


class NoAnswerError(RuntimeError):
    """A member does not answer."""


def state(cluster: Cluster, member: str = "master") -> dict[str, Any]:
    """The state of the master, or of an agent.

    Raises:
        ValueError: there is no such member.
        NoAnswerError: the member does not answer.
    """
    cluster.container(member)
    name = "state" if parse_release(cluster.mesos) >= _STATE_FROM else "state.json"
    return _get(cluster, member, name)


def missing(cluster: Cluster) -> str:
    """What a cluster lacks to serve, in words: a leader, agents, or Marathon as a framework. Empty if nothing.

    Raises:
        NoAnswerError: the master does not answer.
    """
    seen = state(cluster)
    registered = len([agent for agent in seen["slaves"] if agent["active"]])
    if not seen.get("leader"):
        return "no master leads"
    if registered != cluster.agents:
        return f"{registered} of {cluster.agents} agents are registered"
    if cluster.marathon and not any(each["name"] == "marathon" and each["active"] for each in seen["frameworks"]):
        return "Marathon is not registered"
    return ""


def _get(cluster: Cluster, member: str, path: str) -> dict[str, Any]:
    url = f"{cluster.url(member)}/{path}"
    try:
        answer = requests.get(url, timeout=_PATIENCE)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
    except requests.RequestException as problem:
        raise NoAnswerError(f"{member} of {cluster.name} does not answer: {problem}") from None
    return document


def tasks(cluster: Cluster) -> list[dict[str, str]]:
    """The tasks of all frameworks, also those that have ended: framework, id, name, state and agent of each.

    Raises:
        NoAnswerError: the master does not answer.
    """
    seen = state(cluster)
    # Agents that have gone are not in the list.
    ports = {cluster.ports[agent]: agent for agent in cluster.agent_names}
    agents = {agent["id"]: ports.get(int(agent["pid"].rpartition(":")[2]), agent["id"]) for agent in seen["slaves"]}
    return [
        {
            "framework": framework["name"],
            "id": task["id"],
            "name": task["name"],
            "state": task["state"],
            "agent": agents.get(task["slave_id"], task["slave_id"]),
        }
        for framework in [*seen["frameworks"], *seen["completed_frameworks"]]
        for task in [*framework["tasks"], *framework["completed_tasks"]]
    ]
