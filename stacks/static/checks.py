"""What can be refused of machines that exist already, before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cdktf_mesos.errors import invalid
from cdktf_mesos.roll.machine import Machine, check_distinct
from stacks.platform import CONTROL_PLANES, LEAVE_AT_ONCE, MIN_SHRUNK

if TYPE_CHECKING:
    from stacks.static.settings import Static

# What only some engines take.
_OF_ENGINES = {"ssh_options": "ssh://", "tls_directory": "tcp://"}


def check_control_plane(machines: Sequence[Machine]) -> None:
    """Refuse machines that are no control plane, or cannot leave it like this."""
    leaving = [machine.leaving for machine in machines]
    stay, leave = leaving.count(False), leaving.count(True)
    if leaving != sorted(leaving) or (leave and stay < MIN_SHRUNK):
        right = f"the last machines of the list leave, and {MIN_SHRUNK} or more stay"
        raise ValueError(f"Static: control_plane: leaving={leaving!r}: {right}")
    if leave > LEAVE_AT_ONCE:
        right = f"at most {LEAVE_AT_ONCE} at a time, as from 5 to 3"
        raise ValueError(f"Static: control_plane: leaving={leaving!r}: {right}")
    if stay not in CONTROL_PLANES:
        right = f"1, 3 or 5 machines that stay, as an even number outlives no more losses; {stay} do"
        raise invalid("Static", "control_plane", [machine.name for machine in machines], right)


def check_machines(static: Static) -> None:
    """Refuse machines that may be one by mistake, and what their engines do not take or lack.

    Raises:
        ValueError: a name that two have, with the name; an engine or an address alone that two have, with both names; a
            setting for engines that are not there, with its value; a `tcp://` engine without certificates.
    """
    pooled = [machine for pool in static.pools for machine in pool.machines]
    machines = [*static.control_plane, *static.agents, *pooled]
    names = [each.name for each in machines]
    for name in names:
        if names.count(name) > 1:
            raise invalid("Static", "control_plane, agents, pools", name, "each name once")
    check_distinct(machines)
    for argument, scheme in _OF_ENGINES.items():
        value, having = getattr(static, argument), [each.name for each in machines if each.engine.startswith(scheme)]
        if value and not having:
            raise invalid("Static", argument, value, f"left out, as no machine has a {scheme} engine")
        if value is None and having:
            right = f"the directory with ca.pem, cert.pem and key.pem, as {having[0]} has a {scheme} engine"
            raise invalid("Static", argument, value, right)
