"""The security groups of a cluster: which machines may connect to which ports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.rules import admit_clients, connect
from cdktf_mesos.aws.scrapers import check_prometheus_cidrs
from cdktf_mesos.errors import invalid
from cdktf_mesos.marathon.marathon import Marathon
from cdktf_mesos.mesos.agent.pool import MesosAgentPool
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.role.ports import PROMETHEUS, Ports
from cdktf_mesos.role.role import Role
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble

# Amazon EC2 API reference, CreateSecurityGroup.
_NAME = "(?!sg-)[A-Za-z0-9._-]{1,240}"


ROLES: tuple[type[Role], ...] = (ZookeeperEnsemble, MesosMasterSet, Marathon, MesosAgentPool)
"""The roles of a cluster, whose ports are open by default."""

_SSH = (Ports("control", "bastion", 22, 22, "ssh"), Ports("agents", "bastion", 22, 22, "ssh"))


class ClusterSecurity(Construct):
    """The security groups of a cluster: `control` for ZooKeeper, masters and Marathon, `agents`, and `bastion`.

    Between groups there are only the rules that the roles need (`Role.reached`), and ssh from the bastion. The source
    of a rule is a group. Load balancers have no group: they are on machines of `agents`, and rules name the addresses
    of these machines. All machines may connect to ports 80 and 443 outside, for packages, images and the APIs of AWS.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: prefix of the groups' names.
        vpc_id: the VPC of the groups.
        bastion: whether there is a bastion; by default True. Without one, only the members of the groups can connect.
        ports: the rules of the roles; give them if a role has other ports than the default ones. By default the rules
            of `ROLES`.
        load_balancers: the addresses of the machines that the source `load_balancers` stands for; by default all
            machines of the group `agents`.
        more_ports: further rules, for frameworks or for roles of your own (`Own.reached()`); by default there are none.
        prometheus_cidrs: the address ranges of the servers that scrape metrics, for rules whose source is `prometheus`.
            By default there are none, and there are no such rules.
        outside_cidr: the address range whose ports 80 and 443 may be reached; by default all addresses, since
            registries have no fixed ones.
        tags: tags of all its resources; by default there are none.

    Raises:
        ValueError: EC2 does not accept the name for a group; the same ports are there twice; a range of
            `prometheus_cidrs` is malformed, too large or there twice.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        vpc_id: str,
        bastion: bool = True,
        ports: Sequence[Ports] | None = None,
        load_balancers: Sequence[str] = (),
        more_ports: Sequence[Ports] = (),
        prometheus_cidrs: Sequence[str] = (),
        outside_cidr: str = "0.0.0.0/0",
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        if not re.fullmatch(_NAME, name):
            remedy = "Use up to 240 letters, digits, '.', '_' and '-', not beginning with 'sg-'"
            raise invalid(self, "name", name, remedy)
        self._name, self._tags = name, dict(tags or {})
        self._prometheus_cidrs = check_prometheus_cidrs(self, prometheus_cidrs)
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
        needed = [each for role in ROLES for each in role.reached()] if ports is None else ports
        # Without a bastion or without servers that scrape, nobody connects from there.
        absent = {"bastion"} if not bastion else set()
        absent |= {PROMETHEUS} if not prometheus_cidrs else set()
        self._load_balancers = list(load_balancers)
        self.ports = [
            each if load_balancers or each.source != "load_balancers" else replace(each, source="agents")
            for each in (*needed, *_SSH, *more_ports)
            if each.source not in absent
        ]
        ids = [(each.to, each.first, self._group_of(each), each.protocol) for each in self.ports]
        for each, key in zip(self.ports, ids, strict=True):
            if ids.count(key) > 1:
                remedy = "Remove it: there is a rule for these ports already"
                raise invalid(self, "more_ports", each, remedy)
            self._admit(each)
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
        """Add the ingress rule of the one group and the egress rule of the other; for Prometheus a rule a range."""
        if ports.source == PROMETHEUS:
            admit_clients(
                self,
                [cidr for cidr in self._prometheus_cidrs if cidr not in self._admitted(ports)],
                group=self.groups[ports.to].id,
                port=ports.first,
                prefix=f"{ports.to}-{ports.first}",
                description=ports.why,
                tags=self._named,
            )
            return
        suffix = "" if ports.protocol == "tcp" else f"-{ports.protocol}"
        by_address, source = ports.source == "load_balancers", self._group_of(ports)
        connect(
            self,
            source=self.groups[source].id,
            target=self.groups[ports.to].id,
            egress=f"{source}-to-{ports.to}-{ports.first}{suffix}",
            ingress=None if by_address else f"{ports.to}-{ports.first}-from-{source}{suffix}",
            first=ports.first,
            last=ports.last,
            protocol=ports.protocol,
            description=ports.why,
            tags=self._named,
        )
        if by_address:
            admit_clients(
                self,
                [f"{address}/32" for address in self._load_balancers],
                group=self.groups[ports.to].id,
                port=ports.first,
                last=ports.last,
                protocol=ports.protocol,
                prefix=f"{ports.to}-{ports.first}{suffix}",
                description=ports.why,
                tags=self._named,
            )

    @staticmethod
    def _group_of(ports: Ports) -> str:
        """The group of the machines that connect. Those with a load balancer are in the group of the agents."""
        return "agents" if ports.source == "load_balancers" else ports.source

    def _admitted(self, ports: Ports) -> list[str]:
        """The addresses of load balancers, if their rules are for these ports, too: EC2 takes no rule twice."""
        wanted = (ports.to, ports.first, "load_balancers")
        if wanted not in [(each.to, each.first, each.source) for each in self.ports]:
            return []
        return [f"{address}/32" for address in self._load_balancers]

    def _named(self, suffix: str) -> dict[str, str]:
        return {**self._tags, "Name": f"{self._name}-{suffix}"}
