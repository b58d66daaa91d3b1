"""What an agent says of itself, which its successor must say as well (Mesos docs, "Agent Recovery")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent.resources import ranges

POLICY = "reconfiguration_policy"

# Of the variables that an agent is started with.
_INFO = ("MESOS_ATTRIBUTES", "MESOS_RESOURCES", "MESOS_PORT", "MESOS_HOSTNAME")

# Agents before it know no other policy than `equal` (Mesos CHANGELOG, 1.5.0).
POLICY_FROM = Release(1, 5)

WAYS_OUT = (
    f"Put it back; or, from 1.5 and where something is only added, {POLICY}='additive', which then has to stay; or "
    "drain the agent and give its pool another incarnation: it becomes another agent, and its old checkpoint stays "
    "aside"
)


@dataclass(frozen=True)
class AgentInfo:
    """What an agent is started with, as far as it says of itself.

    Args:
        environment: its variables.
        additive: whether it has `--reconfiguration_policy=additive`.
    """

    environment: Mapping[str, str]
    additive: bool

    @property
    def work_dir(self) -> str:
        """Where the agent keeps what it said; one in another directory is another agent."""
        return self.environment.get("MESOS_WORK_DIR", "")


def judge_change(deployed: AgentInfo, wanted: AgentInfo, release: Release) -> str | None:
    """Why an agent would end at once that has the checkpoint of the deployed one; None where it would not.

    Args:
        deployed: what the one before was started with.
        wanted: what the one that follows is to be started with.
        release: of the one that follows.
    """
    if deployed.work_dir != wanted.work_dir:
        return None
    changed = [
        f"{name}: {deployed.environment.get(name)!r} -> {wanted.environment.get(name)!r}"
        for name in _INFO
        if deployed.environment.get(name) != wanted.environment.get(name)
    ]
    if deployed.additive and not wanted.additive:
        return f"{POLICY}=additive is gone, and without it an agent compares itself with what it first was"
    if not changed:
        return None
    if wanted.additive and release >= POLICY_FROM and _only_adds(deployed.environment, wanted.environment):
        return None
    return ", ".join(changed)


def _only_adds(deployed: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    if any(deployed.get(name) != wanted.get(name) for name in ("MESOS_PORT", "MESOS_HOSTNAME")):
        return False
    old, new = (_items(each.get("MESOS_ATTRIBUTES", "")) for each in (deployed, wanted))
    if not old.items() <= new.items():
        return False
    texts = [each.get("MESOS_RESOURCES", "") for each in (deployed, wanted)]
    if any(text.startswith("[") for text in texts):
        # With further disks it is JSON, of which only the same is known to do.
        return texts[0] == texts[1]
    old, new = map(_items, texts)
    return all(name in new and _holds(new[name], value) for name, value in old.items())


def _items(text: str) -> dict[str, str]:
    """`cpus:4;ports:[1-2]` by name."""
    return {name: value for name, _, value in (part.partition(":") for part in text.split(";") if part)}


def _holds(more: str, less: str) -> bool:
    """Whether a resource is no less than another."""
    if less.startswith("["):
        whole = joined(ranges(more))
        return all(any(first <= low and high <= last for first, last in whole) for low, high in ranges(less))
    if less.startswith("{"):
        return set(re.findall(r"[^\s,{}]+", less)) <= set(re.findall(r"[^\s,{}]+", more))
    try:
        return float(more) >= float(less)
    except ValueError:
        return more == less


def joined(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges, those that touch made one."""
    joined = sorted(pieces)
    while touching := next(((a, b) for a, b in pairwise(joined) if b[0] <= a[1] + 1), None):
        first, second = touching
        at = joined.index(first)
        joined[at : at + 2] = [(first[0], max(first[1], second[1]))]
    return joined
