"""Agents that would not start again, as what they say of themselves has changed: found before anything is planned."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cdktf_mesos import MesosAgentPool
from cdktf_mesos.agent_info import POLICY, AgentInfo, judge_change
from stacks.settings import Cluster


def check_agent_info(cluster: Cluster, pools: Iterable[MesosAgentPool]) -> None:
    """Refuse a change of attributes, resources, port or host name that the agent with its checkpoint would not survive.

    By the states here in the directory, as for releases.

    Raises:
        ValueError: with what has changed, and the ways out.
    """
    if cluster.aws and cluster.aws.state_bucket:
        return
    for pool in pools:
        deployed: dict[str, dict[tuple[str, str], AgentInfo]] = {}
        for member in pool.members:
            stack = member.host.stack.node.id
            if stack not in deployed:
                deployed[stack] = _deployed(Path.cwd() / f"terraform.{stack}.tfstate")
            before = deployed[stack].get((member.name, member.host.address))
            wanted = AgentInfo(member.environment, pool.additive)
            problem = before and judge_change(before, wanted, pool.image.parsed_release())
            if problem:
                raise ValueError(
                    f"{pool.node.path}: the agent {member.host.address} would end at once: {problem}. Put it back; or, "
                    f"from 1.5 and where something is only added, {POLICY}='additive', which then has to stay; or "
                    "drain the agent (python -m stacks.drain) and give its pool another generation: it becomes another "
                    "agent, and its old checkpoint stays aside"
                )


def _deployed(state: Path) -> dict[tuple[str, str], AgentInfo]:
    """What the containers of a state were started with, by name and address."""
    resources = json.loads(state.read_text() or "{}").get("resources", []) if state.exists() else []
    found = {}
    for resource in (each for each in resources if each["type"] == "docker_container"):
        # One that never got healthy has checkpointed nothing; to put its settings back is how that is mended.
        kept = (each for each in resource["instances"] if each.get("status") != "tainted")
        for attributes in (instance.get("attributes", {}) for instance in kept):
            environment = _environment(attributes)
            additive = f"--{POLICY}=additive" in (attributes.get("command") or [])
            key = (attributes.get("name", ""), environment.get("MESOS_IP", ""))
            found[key] = AgentInfo(environment, additive)
    return found


def _environment(attributes: dict[str, Any]) -> dict[str, str]:
    pairs = (each.partition("=") for each in attributes.get("env") or [])
    return {name: value for name, _, value in pairs}
