"""Pools: groups of agents with their own settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from cdktf_mesos.errors import invalid
from cdktf_mesos.roll.machine import NAME, NAME_REMEDY
from stacks.components import AgentsSettings
from stacks.explained import setting_names

# The role and attributes of public agents in DC/OS (DC/OS docs, agent nodes), so that apps for these run here, too.
PUBLIC_ROLE = "slave_public"
PUBLIC_ATTRIBUTES = {"public_ip": "true"}


class Pool(AgentsSettings):
    """A group of agents with a version, resources and other settings of its own. Other agents are in no pool.

    For a setting that a pool does not set, the value of `Cluster.agents` is used. Lists and maps of a pool are added to
    those of `Cluster.agents`. A machine that moves to another pool gets a new agent there; the tasks of the old one do
    not move with it.

    Args:
        name: the pool's name. It is part of the names of its containers, its data and its variable: it must stay.
        version: the pinned version of its agents, with its own variable `mesos_agent_version_<name>`; by default that
            of the other agents.
        image: the repository of its image, such as `ourselves/mesos-slave`; it needs a `version`, too, and is
            configured like the images of `Cluster.mesos_family`. By default that of the other agents.
        release: the release of the pool's version, if its tag does not begin with one; by default read from the tag.
        public: whether these agents run apps that are reached from outside. Their resources are then reserved for the
            role `slave_public`, or for `default_role` if that is set, and they have the attribute `public_ip:true`. Who
            can reach them depends on the network. By default false.
    """

    name: str
    public: bool = False

    def __post_init__(self) -> None:
        # Agents in no pool are called agent-1, agent-2 …, those of a pool agent-<pool>…, so a name cannot be a number.
        if not re.fullmatch(NAME, self.name):
            raise invalid("Pool", "name", self.name, NAME_REMEDY)
        reasons = {
            "image": "the same tag of another repository is another version",
            "release": "it is that of a version",
        }
        for argument, reason in reasons.items() if self.version is None else ():
            if (value := getattr(self, argument)) is not None:
                raise invalid(f"Pool {self.name}", argument, value, f"Set version as well: {reason}")

    @property
    def variable(self) -> str:
        """The name of the Terraform variable of its version."""
        return f"mesos_agent_version_{self.name.lower().replace('-', '_')}"

    def over(self, agents: AgentsSettings) -> AgentsSettings:
        """The settings of its agents: its own, and for the others those of `Cluster.agents`."""
        return AgentsSettings(
            **{name: _over(getattr(self, name), getattr(agents, name)) for name in setting_names(AgentsSettings)}
        )


class NumberedPool(Pool):
    """A pool whose agents have numbers.

    Args:
        agents: how many agents it has; by default 0.
        first: the number of its first agent; further agents have the following numbers. It must stay.
    """

    first: int
    agents: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(f"Pool {self.name}", self, {"agents": 0, "first": 1})


def check_least(where: str, settings: object, least: dict[str, int]) -> None:
    """Refuse a number that is less than its least value."""
    for argument, number in least.items():
        value = getattr(settings, argument)
        if value is not None and value < number:
            raise invalid(where, argument, value, f"Use {number} or more")


def check_pools(pools: Sequence[Pool]) -> None:
    """Refuse two pools with the same name, or with the same variable."""
    names: list[str] = []
    pins: dict[str, str] = {}
    for pool in pools:
        if pool.name in names:
            raise invalid("Cluster", "pools", pool.name, "Use each name once")
        names.append(pool.name)
        if (other := pins.setdefault(pool.variable, pool.name)) != pool.name:
            remedy = f"Use another name: its variable would be {pool.variable}, which is that of {other}"
            raise invalid(f"Pool {pool.name}", "name", pool.name, remedy)


def settings_of(pool: Pool | None, agents: AgentsSettings) -> AgentsSettings:
    """The settings of the agents of a pool, or of those in no pool."""
    return pool.over(agents) if pool else agents


def all_settings(pools: Sequence[Pool], agents: AgentsSettings) -> Iterator[tuple[str, AgentsSettings]]:
    """The settings of all agents, each with a path for errors."""
    yield "Cluster: agents", agents
    for pool in pools:
        yield f"Pool {pool.name}", pool.over(agents)


def _over(own: Any, other: Any) -> Any:
    if isinstance(own, dict) and isinstance(other, dict):
        return {**other, **own}
    if isinstance(own, list):
        return [*other, *own]
    return other if own is None else own
