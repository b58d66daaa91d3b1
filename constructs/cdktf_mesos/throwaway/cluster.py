"""What is known of a throwaway cluster: its versions, and where its members are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cdktf_mesos.errors import invalid
from cdktf_mesos.host.data_dir import DATA_DIR
from cdktf_mesos.operations.connections import Connection

LABEL = "cdktf-mesos-throwaway"
"""Label of the members' containers. Its value is the cluster's name."""

HOME_LABEL = f"{LABEL}-home"
"""Label with the machine and the directory that the cluster is kept in."""

PORTS_LABEL = f"{LABEL}-ports"
"""Label with the first ports of the cluster's blocks."""

MAX_AGENTS = 30

DATA_PARENT = f"{DATA_DIR}/throwaway"
"""The directory on the engine's machine with a directory for each cluster."""

# Docker's names may be longer. This leaves room for a member's name.
_NAME = re.compile("[a-z0-9][a-z0-9-]{0,29}")


@dataclass(frozen=True)
class Cluster:
    """A throwaway cluster.

    Args:
        name: its name; those of its containers begin with it.
        engine: the engine's endpoint, as `DockerHost` takes it.
        certificates: the directory with the certificates for a `tcp://` engine; None for other engines.
        address: the IPv4 address that its members listen on.
        mesos: the version of the master's image.
        agents_mesos: the version of the agents' images. It differs only while an upgrade is under way.
        zookeeper: the version of ZooKeeper's image.
        marathon: the version of Marathon's image; None for a cluster without Marathon.
        agents: the number of agents.
        cpus: the CPUs that each agent offers.
        mem: the memory that each agent offers, in MiB.
        blocks: the first ports of its blocks (`cdktf_mesos.throwaway.ports`): one for its members, and one for the
            tasks of each agent.
        master_flags: further flags of the master.
        agent_flags: further flags of the agents.
        attributes: attributes of agents in Mesos's notation, such as `rack:a;level:3`. Each agent takes the next text;
            after the last one comes the first one again.
        owned: whether it belongs to a process, and is of no use without it.
        ready: whether it has served. Otherwise its start was not finished.

    Raises:
        ValueError: a name that Docker or Mesos would not take, a number of agents that is not possible, malformed
            attributes, or a flag that `down` depends on.
    """

    name: str
    engine: str
    certificates: str | None
    address: str
    mesos: str
    agents_mesos: str
    zookeeper: str
    marathon: str | None
    agents: int
    cpus: float
    mem: int
    blocks: tuple[int, ...] = ()
    master_flags: Mapping[str, str] = field(default_factory=dict)
    agent_flags: Mapping[str, str] = field(default_factory=dict)
    attributes: Sequence[str] = ()
    owned: bool = False
    ready: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 1 <= self.agents <= MAX_AGENTS:
            raise invalid("cluster", "agents", self.agents, f"Use 1 to {MAX_AGENTS}")
        if root := self.agent_flags.get("cgroups_root"):
            raise invalid("cluster", "agent_flags['cgroups_root']", root, "Remove it: `down` removes the agent's own")
        for agent in self.agent_names:
            self.attributes_of(agent)

    @property
    def connection(self) -> Connection:
        """How its engine is reached."""
        return Connection(self.engine, cert_path=self.certificates or "")

    @property
    def data_dir(self) -> str:
        """The directory of its members' data, on the engine's machine."""
        return f"{DATA_PARENT}/{self.name}"

    @property
    def ports(self) -> Mapping[str, int]:
        """The ports of its members, by the member's name; ZooKeeper and Marathon have further ones."""
        names = ("zookeeper", "zookeeper-peers", "zookeeper-election", "master", "marathon", "marathon-libprocess")
        first = self.blocks[0]
        agents = {agent: first + len(names) + index for index, agent in enumerate(self.agent_names)}
        return {**{name: first + index for index, name in enumerate(names)}, **agents}

    @property
    def agent_names(self) -> list[str]:
        """The names of its agents."""
        return [f"agent-{number}" for number in range(1, self.agents + 1)]

    @property
    def members(self) -> list[str]:
        """The names of its members."""
        return ["zookeeper", "master", *(["marathon"] if self.marathon else []), *self.agent_names]

    def attributes_of(self, agent: str) -> dict[str, str]:
        """The attributes of an agent.

        Raises:
            ValueError: one without a name or a value, or one name twice.
        """
        text = self.attributes[self.agent_names.index(agent) % len(self.attributes)] if self.attributes else ""
        pairs = [each.partition(":") for each in text.split(";") if each]
        found = {name: value for name, _, value in pairs}
        if not all(found.values()) or len(found) < len(pairs):
            raise invalid("cluster", "attributes", text, "Use each name once, with a value, such as 'rack:a;level:3'")
        return found

    def container(self, member: str) -> str:
        """The name of a member's container.

        Raises:
            ValueError: it has no such member.
        """
        if member not in self.members:
            raise ValueError(f"{self.name} has no member {member!r}: it has {', '.join(self.members)}")
        return f"{self.name}-{member}"

    def group(self, member: str) -> int:
        """The number of a group that only the processes of this member have, on the engine's machine."""
        return self.ports[member]

    def url(self, member: str) -> str:
        """The URL of a member that answers HTTP."""
        return f"http://{self.address}:{self.ports[member]}"

    def version(self, member: str) -> str:
        """The version of a member's image."""
        own = {"zookeeper": self.zookeeper, "marathon": self.marathon or "", "master": self.mesos}
        return own.get(member, self.agents_mesos)

    @property
    def connect_string(self) -> str:
        """The address of ZooKeeper, for its own clients."""
        return f"{self.address}:{self.ports['zookeeper']}"

    @property
    def zk(self) -> str:
        """The URL by which frameworks find the leading master."""
        return f"zk://{self.connect_string}/mesos"


def check_name(name: str) -> str:
    """Return a cluster's name. Refuse one that cannot be the beginning of its containers' names.

    Raises:
        ValueError: the name is malformed, or Mesos's agents would take the containers for orphaned tasks.
    """
    if not _NAME.fullmatch(name) or name == "mesos" or name.startswith("mesos-"):
        remedy = "Use up to 30 lower-case letters, digits and '-', not beginning with '-' or 'mesos-', such as 'pr-17'"
        raise invalid("cluster", "name", name, remedy)
    return name
