"""Pools: agents of one kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cdktf_mesos import Disk, Mount
from cdktf_mesos.errors import invalid
from stacks.machines import NAME, NAME_RIGHT, Machine
from stacks.typed import check_types, ignored

# As DC/OS has them (DC/OS docs, agent nodes), so that what was written for its public agents runs here.
PUBLIC_ROLE = "slave_public"
PUBLIC_ATTRIBUTES = {"public_ip": "true"}

# What the machines of no pool are called on `aws`.
_TAKEN = ("agent", "bastion", "control")

# What only some platforms know.
_ONLY_ON = {
    "machines": ("static",),
    "agents": ("aws", "local"),
    "first": ("aws", "local"),
    "batch": ("static", "aws"),
    "instance_type": ("aws",),
    "data_gib": ("aws",),
    "spot": ("aws",),
}


@dataclass(frozen=True)
class Pool:
    """Agents with version and resources of their own, beside those of none.

    What is not said is as for those of none. An agent that begins to run in another pool is another agent, whose tasks
    do not come along.

    Args:
        name: part of its containers' names, of its data's and of its pin's, and so must stay.
        machines: on `static`: in the order in which they are rolled.
        agents: on `aws` and `local`: how many there are. On `aws` their machines are called `<name>-1`, `<name>-2` …,
            and leave as others do (`Aws.leaving`, `Aws.left`).
        first: on `aws` and `local`, where it must be said and must stay: what the first one's number is. On `aws` that
            is the place in its subnet, as 20 is for the agents of no pool, and those in the same zone follow; on
            `local` the agents of no pool begin with 1, and the ports 5050 + n and the thousand from 30000 + 1000n
            belong to the agent n.
        batch: on `static` and `aws`: how many may be replaced at the same time; by default 1. On `aws` it must stay.
        mesos_image: the repository of its image, `ourselves/mesos-slave`, with a version; made as those of
            `Cluster.mesos_family` are. By default that of the other agents.
        docker_mesos_image: the repository, in the same version, of the image that executors of Docker tasks run in; by
            default that of the image's family. Where none is known, such tasks end with their agent's container.
        mesos_version: a pin of its own, `mesos_agent_version_<name>`; by default that of the other agents.
        mesos_release: the release that the pin is, where it is a digest alone.
        cpus: processors that each agent offers.
        memory_mib: what each agent offers, in MiB.
        disk_mib: what each agent offers, in MiB.
        attributes: such as `{"rack": "a", "level": 3}`.
        resources: further ones, such as `{"cpus(web)": 2, "gpus": 1}`: those of a role are reserved for it.
        disks: further disks of the machines, such as `Disk("/mnt/a", 100_000, kind="MOUNT")`.
        public: whether these agents are for what is reached from outside: all is reserved for the role `slave_public`
            then, unless `default_role` says another, and they have the attribute `public_ip:true`. Who reaches them is
            the network's matter.
        default_role: whom all is reserved for that is of no role; by default nobody.
        additive: whether attributes and resources may be added to agents that exist (`reconfiguration_policy`, from
            1.5). It has to stay, once it was so.
        generation: another number makes new agents of them, without tasks, when they change otherwise; by default 1.
        isolation: Mesos's isolators; by default `cgroups/cpu,cgroups/mem` and, from 1.0, `cgroups/devices`.
        capabilities: further ones that isolators need, such as `CAP_NET_ADMIN`.
        mounts: further directories of the machine that the agents see.
        instance_type: on `aws`; by default `Aws.agent_instance_type`.
        data_gib: on `aws`: of the machines' data volumes; by default `Aws.agent_data_gib`.
        spot: on `aws`; by default `Aws.agent_spot`.

    Raises:
        ValueError: what cannot be right.
    """

    name: str
    machines: list[Machine] = field(default_factory=list)
    agents: int = 0
    first: int | None = None
    batch: int = 1
    mesos_image: str | None = None
    docker_mesos_image: str | None = None
    mesos_version: str | None = None
    mesos_release: str | None = None
    cpus: float | None = None
    memory_mib: int | None = None
    disk_mib: int | None = None
    attributes: dict[str, str | float] = field(default_factory=dict)
    resources: dict[str, str | float] = field(default_factory=dict)
    disks: list[Disk] = field(default_factory=list)
    public: bool = False
    default_role: str | None = None
    additive: bool = False
    generation: int = 1
    isolation: str | None = None
    capabilities: list[str] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    instance_type: str | None = None
    data_gib: int | None = None
    spot: bool | None = None

    def __post_init__(self) -> None:
        check_types(self)
        # Those without a pool are agent-1, agent-2 …
        if not re.fullmatch(NAME, self.name):
            raise ValueError(f"Pool: name={self.name!r}: {NAME_RIGHT}")
        needs = {
            "mesos_image": "a tag of another repository is another version",
            "mesos_release": "it says what that is",
        }
        for argument, reason in needs.items() if self.mesos_version is None else ():
            if (value := getattr(self, argument)) is not None:
                raise invalid(f"Pool {self.name}", argument, value, f"a mesos_version besides, as {reason}")
        least = {"agents": 0, "first": 1, "batch": 1, "data_gib": 1}
        for argument, value in {each: getattr(self, each) for each in least}.items():
            if value is not None and value < least[argument]:
                raise invalid(f"Pool {self.name}", argument, value, f"{least[argument]} or more")

    def check_on(self, platform: str) -> None:
        """Refuse what the platform would ignore, and what it needs.

        Raises:
            ValueError: with the setting, its value and what would be right.
        """
        for name, value in ignored(self, platform, _ONLY_ON):
            platforms = " and ".join(map(repr, _ONLY_ON[name]))
            right = f"left out, as it is of the platform {platforms}, not of {platform!r}"
            raise invalid(f"Pool {self.name}", name, value, right)
        if self.first is None and platform in _ONLY_ON["first"]:
            right = f"on the platform {platform!r} a free number, which stays and which those of further agents follow"
            raise invalid(f"Pool {self.name}", "first", self.first, right)
        if platform == "aws" and self.name in _TAKEN:
            raise invalid(f"Pool {self.name}", "name", self.name, "another one, as other machines are called so")

    @property
    def numbers(self) -> range:
        """Those of its agents, on `local`."""
        first = self.first or 1
        return range(first, first + self.agents)

    @property
    def variable(self) -> str:
        """The name of its pin."""
        return f"mesos_agent_version_{self.name.lower().replace('-', '_')}"
