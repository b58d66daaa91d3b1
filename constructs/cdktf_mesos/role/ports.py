"""The ports that members listen on, and the machines that need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_mesos.errors import invalid

_LISTENING, _CONNECTING = ("control", "agents"), ("control", "agents", "bastion")
_LAST_PORT = 65535
# Amazon EC2 API reference, SecurityGroupRuleDescription.
_DESCRIPTION = r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}"


@dataclass(frozen=True)
class Port:
    """A port that each member of a role listens on.

    Args:
        argument: the argument of the role that sets it: `client_port`.
        number: its default.
        reached_from: the groups of machines that connect to it, `control`, `agents` or `bastion`, each with the reason.
        last: the last port, where it is a range; by default one port.
    """

    argument: str
    number: int
    reached_from: Mapping[str, str]
    last: int | None = None


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
        ValueError: an unknown group, ports that are no range, another description.
    """

    to: str
    source: str
    first: int
    last: int
    why: str

    def __post_init__(self) -> None:
        for argument, group, known in (("to", self.to, _LISTENING), ("source", self.source, _CONNECTING)):
            if group not in known:
                raise invalid("Ports", argument, group, f"one of {', '.join(known)}")
        if not 1 <= self.first <= self.last <= _LAST_PORT:
            raise invalid("Ports", "first, last", (self.first, self.last), f"a range of ports, 1 to {_LAST_PORT}")
        if not re.fullmatch(_DESCRIPTION, self.why):
            raise invalid("Ports", "why", self.why, "up to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*")
