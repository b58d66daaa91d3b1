"""Pools: agents of one kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from cdktf_mesos.errors import invalid
from cdktf_mesos.roll.machine import NAME, NAME_REMEDY
from stacks.components import AgentsSettings
from stacks.explained import setting_names

# As DC/OS has them (DC/OS docs, agent nodes), so that what was written for its public agents runs here.
PUBLIC_ROLE = "slave_public"
PUBLIC_ATTRIBUTES = {"public_ip": "true"}


class Pool(AgentsSettings):
    """Agents with a version, resources and other settings of their own, beside the agents of no pool.

    What a pool does not say is as `Cluster.agents` has it; lists and maps of a pool are added to those there. An agent
    that begins to run in another pool is another agent, whose tasks do not come along.

    Args:
        name: part of its containers' names, of its data's and of its pin's, and so must stay.
        version: a pin of its own, `mesos_agent_version_<name>`; by default that of the other agents.
        image: the repository of its image, `ourselves/mesos-slave`, with a version; made as those of
            `Cluster.mesos_family` are. By default that of the other agents.
        release: the release that the pool's version is, where its tag does not say so.
        public: whether these agents are for what is reached from outside: all is reserved for the role `slave_public`
            then, unless `default_role` says another, and they have the attribute `public_ip:true`. Who reaches them is
            the network's matter. By default not.
    """

    name: str
    public: bool = False

    def __post_init__(self) -> None:
        # Those without a pool are agent-1, agent-2 …
        if not re.fullmatch(NAME, self.name):
            raise invalid("Pool", "name", self.name, NAME_REMEDY)
        needs = {"image": "a tag of another repository is another version", "release": "it says what that is"}
        for argument, reason in needs.items() if self.version is None else ():
            if (value := getattr(self, argument)) is not None:
                raise invalid(f"Pool {self.name}", argument, value, f"a version besides, as {reason}")

    @property
    def variable(self) -> str:
        """The name of its pin."""
        return f"mesos_agent_version_{self.name.lower().replace('-', '_')}"

    def over(self, agents: AgentsSettings) -> AgentsSettings:
        """The settings of its agents: its own, and where it says nothing those of the agents of no pool."""
        return AgentsSettings(
            **{name: _over(getattr(self, name), getattr(agents, name)) for name in setting_names(AgentsSettings)}
        )


class NumberedPool(Pool):
    """A pool of agents that are counted.

    Args:
        agents: how many there are; by default 0.
        first: the number of the first one, which must stay; those of further agents follow.
    """

    first: int
    agents: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(f"Pool {self.name}", self, {"agents": 0, "first": 1})


def check_least(where: str, settings: object, least: dict[str, int]) -> None:
    """Refuse a number that is too small, or that is not there though it has a least value."""
    for argument, number in least.items():
        value = getattr(settings, argument)
        if value is not None and value < number:
            raise invalid(where, argument, value, f"{number} or more")


def check_pools(pools: Sequence[Pool]) -> None:
    """Refuse pools that have one name, or one pin."""
    names: list[str] = []
    pins: dict[str, str] = {}
    for pool in pools:
        if pool.name in names:
            raise invalid("Cluster", "pools", pool.name, "each name once")
        names.append(pool.name)
        if (other := pins.setdefault(pool.variable, pool.name)) != pool.name:
            right = f"another one, as its pin is {pool.variable}, and so is that of {other}"
            raise invalid(f"Pool {pool.name}", "name", pool.name, right)


def settings_of(pool: Pool | None, agents: AgentsSettings) -> AgentsSettings:
    """The settings of the agents of a pool, or of no pool."""
    return pool.over(agents) if pool else agents


def all_settings(pools: Sequence[Pool], agents: AgentsSettings) -> Iterator[tuple[str, AgentsSettings]]:
    """The settings of all agents, with whose they are for messages."""
    yield "Cluster: agents", agents
    for pool in pools:
        yield f"Pool {pool.name}", pool.over(agents)


def _over(own: Any, other: Any) -> Any:
    if isinstance(own, dict) and isinstance(other, dict):
        return {**other, **own}
    if isinstance(own, list):
        return [*other, *own]
    return other if own is None else own
