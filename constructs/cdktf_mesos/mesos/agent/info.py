"""The info that an agent reports, and that its successor must report, too (Mesos docs, "Agent Recovery")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent.resources import ranges

POLICY = "reconfiguration_policy"

# The variables of an agent's container that decide what the agent reports.
_INFO = ("MESOS_ATTRIBUTES", "MESOS_RESOURCES", "MESOS_PORT", "MESOS_HOSTNAME")

# The first release with the flag. Agents of earlier releases always compare for equality (Mesos CHANGELOG, 1.5.0).
POLICY_FROM = Release(1, 5)

WAYS_OUT = (
    f"Undo the change. Or, if the change only adds something and the agent is of 1.5 or later, set {POLICY}='additive' "
    "and keep it set. Or drain the agent and give its pool another incarnation: a new agent starts, and the old one's "
    "checkpoint stays on the host"
)


@dataclass(frozen=True)
class AgentInfo:
    """The part of an agent's configuration that decides what it reports.

    Args:
        environment: the variables of the agent's container.
        additive: whether the agent has the flag `--reconfiguration_policy=additive`.
    """

    environment: Mapping[str, str]
    additive: bool

    @property
    def work_dir(self) -> str:
        """The directory with the agent's checkpoint. With another directory, it is a new agent."""
        return self.environment.get("MESOS_WORK_DIR", "")


def judge_change(deployed: AgentInfo, wanted: AgentInfo, release: Release) -> str | None:
    """Why an agent with the deployed agent's checkpoint would exit at once; None if it would not.

    Args:
        deployed: the configuration of the deployed agent.
        wanted: the configuration of the agent that is to follow.
        release: the release of the agent that is to follow.
    """
    if deployed.work_dir != wanted.work_dir:
        return None
    changed = [
        f"{name}: {deployed.environment.get(name)!r} -> {wanted.environment.get(name)!r}"
        for name in _INFO
        if deployed.environment.get(name) != wanted.environment.get(name)
    ]
    if deployed.additive and not wanted.additive:
        return f"{POLICY}=additive was removed, and without it an agent must be equal to what it was at its first start"
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
        # With further disks the text is JSON. Only equal JSON is known to be accepted.
        return texts[0] == texts[1]
    old, new = map(_items, texts)
    return all(name in new and _holds(new[name], value) for name, value in old.items())


def _items(text: str) -> dict[str, str]:
    """`cpus:4;ports:[1-2]` as a dictionary of text by name."""
    return {name: value for name, _, value in (part.partition(":") for part in text.split(";") if part)}


def _holds(more: str, less: str) -> bool:
    """Whether a resource's value covers another one: the number is not smaller, and no range or item is missing."""
    if less.startswith("["):
        whole = merged(ranges(more))
        return all(any(first <= low and high <= last for first, last in whole) for low, high in ranges(less))
    if less.startswith("{"):
        return set(re.findall(r"[^\s,{}]+", less)) <= set(re.findall(r"[^\s,{}]+", more))
    try:
        return float(more) >= float(less)
    except ValueError:
        return more == less


def merged(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in their order, with those that touch or overlap merged into one."""
    result = sorted(pieces)
    while touching := next(((a, b) for a, b in pairwise(result) if b[0] <= a[1] + 1), None):
        first, second = touching
        at = result.index(first)
        result[at : at + 2] = [(first[0], max(first[1], second[1]))]
    return result
