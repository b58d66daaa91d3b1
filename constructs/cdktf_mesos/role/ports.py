"""The ports that members listen on, and the groups of machines that connect to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cdktf_mesos.errors import invalid

Protocol = Literal["tcp", "udp"]

PROMETHEUS = "prometheus"
"""The group of the Prometheus servers. They are outside the cluster, so a firewall knows them by their addresses."""

_LISTENING = ("control", "agents")
_CONNECTING = (*_LISTENING, "bastion", "load_balancers", PROMETHEUS)
_LAST_PORT = 65535
# Amazon EC2 API reference, SecurityGroupRuleDescription.
_DESCRIPTION = r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}"


@dataclass(frozen=True)
class Port:
    """A port that each member of a role listens on.

    Args:
        argument: the role's argument that sets it, such as `client_port`.
        number: the default number.
        reached_from: the groups of machines that connect to it, each with the reason: `control`, `agents`, `bastion`,
            `prometheus`, or `load_balancers`, those of `agents` that have a load balancer.
        last: the last port of a range; by default it is a single port.
        protocols: the protocols that the member listens with; by default only TCP.
        optional: whether members listen on it only if its argument is given; by default False.
    """

    argument: str
    number: int
    reached_from: Mapping[str, str]
    last: int | None = None
    protocols: tuple[Protocol, ...] = ("tcp",)
    optional: bool = False


@dataclass(frozen=True)
class Ports:
    """A range of ports, as a firewall rule: who listens, and who connects.

    Args:
        to: the group of machines that listens: `control` or `agents`.
        source: the group of machines that connects: `control`, `agents`, `bastion`, `prometheus`, or `load_balancers`,
            those of `agents` that have a load balancer.
        first: the first port.
        last: the last port.
        why: the description of the rule: up to 255 letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`, as EC2 takes
            it.
        protocol: `tcp` or `udp`; by default `tcp`.

    Raises:
        ValueError: a group is unknown, the ports are not a range, or the description has other characters.
    """

    to: str
    source: str
    first: int
    last: int
    why: str
    protocol: Protocol = "tcp"

    def __post_init__(self) -> None:
        for argument, group, known in (("to", self.to, _LISTENING), ("source", self.source, _CONNECTING)):
            if group not in known:
                raise invalid("Ports", argument, group, f"Use one of {', '.join(known)}")
        if not 1 <= self.first <= self.last <= _LAST_PORT:
            remedy = f"Use a range of ports from 1 to {_LAST_PORT}, the smaller one first"
            raise invalid("Ports", "first, last", (self.first, self.last), remedy)
        if not re.fullmatch(_DESCRIPTION, self.why):
            remedy = "Use up to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
            raise invalid("Ports", "why", self.why, remedy)
