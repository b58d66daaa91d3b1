"""The ports that the members of a cluster need of each other."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cdktf_mesos.errors import invalid

_LISTENING, _CONNECTING = ("control", "agents"), ("control", "agents", "bastion")
_LAST_PORT = 65535
# Amazon EC2 API reference, SecurityGroupRuleDescription.
_DESCRIPTION = r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}"


@dataclass(frozen=True)
class Ports:
    """A range of TCP ports of a group of machines, and who needs it.

    Args:
        to: the group that listens: `control` or `agents`.
        source: the group that connects, `control`, `agents` or `bastion`.
        first: port.
        last: port.
        why: the rule's description, up to 255 letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`, as EC2 takes it.

    Raises:
        ValueError: a group that there is not, ports that are no range, another description.
    """

    to: str
    source: str
    first: int
    last: int
    why: str

    def __post_init__(self) -> None:
        for argument, role, known in (("to", self.to, _LISTENING), ("source", self.source, _CONNECTING)):
            if role not in known:
                raise invalid("Ports", argument, role, f"one of {', '.join(known)}")
        if not 1 <= self.first <= self.last <= _LAST_PORT:
            raise invalid("Ports", "first, last", (self.first, self.last), f"a range of ports, 1 to {_LAST_PORT}")
        if not re.fullmatch(_DESCRIPTION, self.why):
            raise invalid("Ports", "why", self.why, "up to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*")


# The defaults of ZookeeperEnsemble, MesosMasterSet, Marathon and MesosAgentPool, and the ports that agents offer.
PORTS = (
    Ports("control", "control", 2181, 2181, "ZooKeeper for masters and Marathon"),
    Ports("control", "control", 2888, 2888, "ZooKeeper followers to their leader"),
    Ports("control", "control", 3888, 3888, "ZooKeeper elections"),
    Ports("control", "control", 5050, 5050, "Mesos masters among each other and Marathon"),
    Ports("control", "control", 8080, 8080, "Marathon to its leader"),
    Ports("control", "control", 15101, 15101, "Masters to Marathon scheduler (libprocess)"),
    Ports("control", "agents", 2181, 2181, "ZooKeeper for agents that look for the leading master"),
    Ports("control", "agents", 5050, 5050, "Agents to masters"),
    Ports("control", "agents", 15101, 15101, "Agents to Marathon scheduler (libprocess)"),
    Ports("agents", "control", 5051, 5051, "Masters to agents"),
    Ports("agents", "control", 31000, 31999, "Marathon health checks of tasks"),
    Ports("agents", "agents", 5051, 5051, "Whether the other agents serve, before one is touched"),
    Ports("agents", "agents", 31000, 31999, "Tasks among each other"),
    Ports("control", "bastion", 22, 22, "ssh"),
    Ports("agents", "bastion", 22, 22, "ssh"),
    Ports("agents", "bastion", 5051, 5051, "Agents to the UI of the masters, by a tunnel"),
    Ports("control", "bastion", 2181, 2181, "Whether ZooKeeper serves, before a machine is replaced"),
    Ports("control", "bastion", 5050, 5050, "Whether masters serve, before a machine is replaced, and their UI"),
    Ports("control", "bastion", 8080, 8080, "Whether Marathon serves, before a machine is replaced, and its UI"),
)
