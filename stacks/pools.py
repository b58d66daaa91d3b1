"""Pools: agents of one kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cdktf_mesos import Disk, Mount
from stacks.machines import NAME, NAME_RIGHT, Machine
from stacks.typed import check_types


@dataclass(frozen=True)
class Pool:
    """Agents with machines, version and resources of their own, beside `agent_machines`, on the platform `static`.

    What is not said is as for `agent_machines`. An agent that begins to run in another pool is another agent, whose
    tasks do not come along.

    Args:
        name: part of its containers' names, of its data's and of its pin's, and so must stay.
        machines: in the order in which they are rolled.
        batch: how many may be replaced at the same time; by default 1.
        mesos_version: a pin of its own, `mesos_agent_version_<name>`; by default that of the other agents.
        mesos_release: the release that the pin is, where it is a digest alone.
        cpus: processors that each agent offers.
        memory_mib: what each agent offers, in MiB.
        disk_mib: what each agent offers, in MiB.
        attributes: such as `{"rack": "a", "level": 3}`.
        resources: further ones, such as `{"cpus(web)": 2, "gpus": 1}`: those of a role are reserved for it.
        disks: further disks of the machines, such as `Disk("/mnt/a", 100_000, kind="MOUNT")`.
        default_role: whom all is reserved for that is of no role, `slave_public` say; by default nobody.
        additive: whether attributes and resources may be added to agents that exist (`reconfiguration_policy`, from
            1.5). It has to stay, once it was so.
        generation: another number makes new agents of them, without tasks, when they change otherwise; by default 1.
        isolation: Mesos's isolators; by default `cgroups/cpu,cgroups/mem`.
        mounts: further directories of the machine that the agents see.
    """

    name: str
    machines: list[Machine]
    batch: int = 1
    mesos_version: str | None = None
    mesos_release: str | None = None
    cpus: float | None = None
    memory_mib: int | None = None
    disk_mib: int | None = None
    attributes: dict[str, str | float] = field(default_factory=dict)
    resources: dict[str, str | float] = field(default_factory=dict)
    disks: list[Disk] = field(default_factory=list)
    default_role: str | None = None
    additive: bool = False
    generation: int = 1
    isolation: str = "cgroups/cpu,cgroups/mem"
    mounts: list[Mount] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_types(self)
        # Those without a pool are agent-1, agent-2 …
        if not re.fullmatch(NAME, self.name):
            raise ValueError(f"Pool: name={self.name!r}: {NAME_RIGHT}")
        if self.batch < 1:
            raise ValueError(f"Pool {self.name}: batch={self.batch!r}: 1 or more")

    @property
    def variable(self) -> str:
        """The name of its pin."""
        return f"mesos_agent_version_{self.name.lower().replace('-', '_')}"
