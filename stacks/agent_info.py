"""Agents that would not start again, as what they say of themselves has changed: found before anything is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cdktf_mesos import MesosAgentPool
from cdktf_mesos.mesos.agent.info import POLICY, AgentInfo, judge_change
from stacks.settings import Cluster
from stacks.state import instances


def check_agent_info(cluster: Cluster, pools: Iterable[MesosAgentPool]) -> None:
    """Refuse a change of attributes, resources, port or host name that the agent with its checkpoint would not survive.

    By the states here in the directory, as for releases.

    Raises:
        ValueError: with what has changed, and the ways out.
    """
    deployed = dict(_deployed(cluster))
    for pool in pools:
        for member in pool.members:
            before = deployed.get((member.host.stack.node.id, member.name, member.host.address))
            wanted = AgentInfo(member.environment, pool.additive)
            problem = before and judge_change(before, wanted, pool.image.parsed_release())
            if problem:
                raise ValueError(
                    f"{pool.node.path}: the agent {member.host.address} would end at once: {problem}. Put it back; or, "
                    f"from 1.5 and where something is only added, {POLICY}='additive', which then has to stay; or "
                    "drain the agent (python -m stacks.drain) and give it another incarnation: it becomes another "
                    "agent, and its old checkpoint stays aside"
                )


def _deployed(cluster: Cluster) -> Iterator[tuple[tuple[str, str, str], AgentInfo]]:
    """What containers were started with, by stack, name and address."""
    for each in instances(cluster, "members", "docker_container"):
        # One that never got healthy has checkpointed nothing; to put its settings back is how that is mended.
        if not each.tainted:
            environment = _environment(each.attributes)
            additive = f"--{POLICY}=additive" in (each.attributes.get("command") or [])
            key = (each.stack, each.attributes.get("name", ""), environment.get("MESOS_IP", ""))
            yield key, AgentInfo(environment, additive)


def _environment(attributes: dict[str, Any]) -> dict[str, str]:
    pairs = (each.partition("=") for each in attributes.get("env") or [])
    return {name: value for name, _, value in pairs}
