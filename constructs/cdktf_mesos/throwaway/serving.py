"""Waits until a throwaway cluster serves, and says what is wrong if it does not."""

from __future__ import annotations

import time
from typing import Any

from cdktf_mesos.operations.engine import Client, engine
from cdktf_mesos.throwaway import live
from cdktf_mesos.throwaway.cluster import Cluster

# How long the engine may take for an answer, in seconds.
_PATIENCE = 30

# The time between two questions, in seconds.
_PAUSE = 0.1

# After so many restarts, a member will not start any more.
_RESTARTS = 3

_LOG_LINES = 10


def wait_until_serving(cluster: Cluster, seconds: float, *, kept_tasks: bool) -> None:
    """Wait until the master leads, all agents are registered, and Marathon, if there is one, is a framework.

    Args:
        cluster: the cluster.
        seconds: how long it may take.
        kept_tasks: whether all health checks must have passed, too. That of an agent passes only if it has kept the id
            and the tasks of its predecessor.

    Raises:
        RuntimeError: a member ends again and again, or that was not so in time. The message says what is missing, and
            has the end of the log of each member that does not run.
    """
    deadline = time.monotonic() + seconds
    with engine(cluster.connection, _PATIENCE) as client:
        while True:
            try:
                missing = live.missing(cluster)
            except live.NoAnswerError as problem:
                missing = str(problem)
            if not missing and not kept_tasks:
                return
            members = {member: client.inspect_container(cluster.container(member)) for member in cluster.members}
            if not missing:
                missing = "; ".join(filter(None, (_unhealthy(member, each) for member, each in members.items())))
            if not missing:
                return
            given_up = any(each["RestartCount"] >= _RESTARTS for each in members.values())
            if given_up or time.monotonic() > deadline:
                raise RuntimeError(
                    "\n".join([f"{cluster.name} does not serve: {missing}", *_reasons(client, cluster, members)])
                )
            time.sleep(_PAUSE)


def _unhealthy(member: str, container: dict[str, Any]) -> str:
    health = container["State"].get("Health") or {}
    if health.get("Status") == "healthy":
        return ""
    said = next((each["Output"].strip() for each in reversed(health.get("Log") or [])), "")
    return f"{member} is {health.get('Status', 'not checked')}" + (f": {said}" if said else "")


def _reasons(client: Client, cluster: Cluster, members: dict[str, dict[str, Any]]) -> list[str]:
    """The end of the log of each member that does not run, or that has ended before."""
    lines = []
    for member, container in members.items():
        if container["State"]["Status"] != "running" or container["RestartCount"]:
            log = client.logs(container["Id"], tail=_LOG_LINES).decode(errors="replace").rstrip()
            lines.append(f"{member} has ended with exit code {container['State']['ExitCode']}:\n{log}")
    return lines or [f"`cdktf-mesos logs MEMBER --name {cluster.name}` shows more"]
