"""Who may talk to whom, by security group: only the ports that the members need of each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.errors import invalid

_LISTENING, _CONNECTING = ("control", "agents"), ("control", "agents", "bastion")
_LAST_PORT = 65535
# Amazon EC2 API reference, SecurityGroupRuleRequest and CreateSecurityGroup.
_DESCRIPTION = r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}"
_NAME = "(?!sg-)[A-Za-z0-9._-]{1,240}"


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
    Ports("agents", "agents", 31000, 31999, "Tasks among each other"),
    Ports("control", "bastion", 22, 22, "ssh"),
    Ports("agents", "bastion", 22, 22, "ssh"),
    Ports("agents", "bastion", 5051, 5051, "Agents to the UI of the masters, by a tunnel"),
    Ports("control", "bastion", 2181, 2181, "Whether ZooKeeper serves, before a machine is replaced"),
    Ports("control", "bastion", 5050, 5050, "Whether masters serve, before a machine is replaced, and their UI"),
    Ports("control", "bastion", 8080, 8080, "Whether Marathon serves, before a machine is replaced, and its UI"),
)


class ClusterSecurity(Construct):
    """The security groups of a cluster: `control` for ZooKeeper, masters and Marathon, `agents`, and `bastion`.

    Between groups there are only the rules of `PORTS`, each by its source's group and not by addresses. All may go out
    to ports 80 and 443, for packages, images and AWS's own APIs.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: what the names of the groups begin with.
        vpc_id: where they are.
        bastion: whether there is one; by default there is. Without, nothing but the groups' own members gets in.
        more_ports: further rules, of frameworks for instance; none by default.
        outside_cidr: where ports 80 and 443 may be reached; by default everywhere, for there is no list of addresses of
            registries.
        tags: of everything.

    Raises:
        ValueError: a name that EC2 does not take for a group; the same ports twice.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        vpc_id: str,
        bastion: bool = True,
        more_ports: tuple[Ports, ...] = (),
        outside_cidr: str = "0.0.0.0/0",
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        if not re.fullmatch(_NAME, name):
            raise invalid(self, "name", name, "up to 240 letters, digits, '.', '_' and '-', not 'sg-' at the beginning")
        self._name, self._tags = name, dict(tags or {})
        roles = {"control": "ZooKeeper, Mesos masters, Marathon", "agents": "Mesos agents"}
        if bastion:
            roles["bastion"] = "The way in"
        self.groups = {
            role: bindings.SecurityGroup(
                self,
                role,
                vpc_id=vpc_id,
                name=f"{name}-{role}",
                description=f"{name}: {described}",
                tags=self._named(role),
            )
            for role, described in roles.items()
        }
        self.ports = [ports for ports in (*PORTS, *more_ports) if bastion or ports.source != "bastion"]
        ids = [(ports.to, ports.first, ports.source) for ports in self.ports]
        for ports in self.ports:
            if ids.count((ports.to, ports.first, ports.source)) > 1:
                raise invalid(self, "more_ports", ports, "others than are open anyway, each once")
            self._admit(ports)
        for role in self.groups:
            for port in (80, 443):
                bindings.VpcSecurityGroupEgressRule(
                    self,
                    f"{role}-out-{port}",
                    security_group_id=self.groups[role].id,
                    description="Packages, images, AWS",
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    cidr_ipv4=outside_cidr,
                    tags=self._named(f"{role}-out-{port}"),
                )

    def _admit(self, ports: Ports) -> None:
        """The rule on either side."""
        to, source = self.groups[ports.to].id, self.groups[ports.source].id
        rule: dict[str, Any] = {
            "ip_protocol": "tcp",
            "from_port": ports.first,
            "to_port": ports.last,
            "description": ports.why,
        }
        ids = f"{ports.to}-{ports.first}-from-{ports.source}", f"{ports.source}-to-{ports.to}-{ports.first}"
        bindings.VpcSecurityGroupIngressRule(
            self,
            ids[0],
            security_group_id=to,
            referenced_security_group_id=source,
            tags=self._named(ids[0]),
            **rule,
        )
        bindings.VpcSecurityGroupEgressRule(
            self,
            ids[1],
            security_group_id=source,
            referenced_security_group_id=to,
            tags=self._named(ids[1]),
            **rule,
        )

    def _named(self, suffix: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}-{suffix}"}
