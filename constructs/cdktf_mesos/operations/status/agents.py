"""What the leading Mesos master knows of its agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Tasks in these states use their agent (Mesos docs, /state-summary).
_PRESENT = ("TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING")


@dataclass(frozen=True)
class Agent:
    """An agent as the leading master knows it.

    Args:
        id: the id that the master gave it.
        address: `10.0.0.21:5051`.
        state: active, disconnected, deactivated, draining or drained.
        tasks: the number of its tasks.
        release: the release that it runs.
    """

    id: str
    address: str
    state: str
    tasks: int
    release: str


def read_agents(overview: Mapping[str, Any]) -> list[Agent] | None:
    """The agents, ordered by address; None if the master requires a password."""
    summary = overview.get("/master/state-summary")
    if summary is None:
        return None
    schedule = overview.get("/maintenance/status", {})
    # Before 1.9 agents are drained by a schedule for their machines (Mesos docs, maintenance).
    machines = {each["id"].get("ip"): "draining" for each in schedule.get("draining_machines", ())}
    machines |= {each.get("ip"): "down for maintenance" for each in schedule.get("down_machines", ())}
    agents = [_agent(each, machines) for each in summary.get("slaves", ())]
    return sorted(agents, key=lambda agent: agent.address)


def _agent(found: Mapping[str, Any], machines: Mapping[str | None, str]) -> Agent:
    # slave(1)@10.0.0.21:5051
    address = str(found["pid"]).rpartition("@")[2]
    tasks = sum(found.get(state, 0) for state in _PRESENT)
    state = machines.get(address.rpartition(":")[0])
    # From 1.9 (Mesos docs, operator API: DRAIN_AGENT).
    drained = str(found.get("drain_info", {}).get("state", "")).lower()
    if state == "draining" and not tasks:
        state = "drained"
    if state is None:
        state = drained or ("deactivated" if found.get("deactivated") else "active")
    if state == "active" and not found.get("active", True):
        state = "disconnected"
    return Agent(found["id"], address, state, tasks, found.get("version", ""))
