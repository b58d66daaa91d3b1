"""Checks of the settings of the platform `static`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cdktf_mesos.errors import invalid
from cdktf_mesos.roll.machine import Machine, check_distinct
from stacks.platform import CONTROL_PLANES, LEAVE_AT_ONCE, MIN_SHRUNK

if TYPE_CHECKING:
    from stacks.static.settings import Static

# Settings that need an engine of the given kind.
_OF_ENGINES = {"ssh_options": "ssh://", "tls_directory": "tcp://"}


def check_control_plane(machines: Sequence[Machine]) -> None:
    """Refuse a control plane of an invalid size, and one that machines cannot leave in this way."""
    leaving = [machine.leaving for machine in machines]
    stay, leave = leaving.count(False), leaving.count(True)
    if leaving != sorted(leaving) or (leave and stay < MIN_SHRUNK):
        remedy = f"Let only the last machines of the list leave, so that {MIN_SHRUNK} or more stay"
        raise invalid("Static: control_plane", "leaving", leaving, remedy)
    if leave > LEAVE_AT_ONCE:
        remedy = f"Let at most {LEAVE_AT_ONCE} machines leave at a time, as from 5 to 3"
        raise invalid("Static: control_plane", "leaving", leaving, remedy)
    if stay not in CONTROL_PLANES:
        remedy = (
            f"Use 1, 3 or 5 machines that stay, not {stay}: an even number survives no more losses than one machine "
            "less, and more than 5 are not supported"
        )
        raise invalid("Static", "control_plane", [machine.name for machine in machines], remedy)


def check_machines(static: Static) -> None:
    """Refuse names, addresses and engines that two machines have by mistake, and settings that do not fit the engines.

    Raises:
        ValueError: two machines have the same name, or only the same engine, or only the same address; no machine has
            an engine that uses a setting; a `tcp://` engine has no certificates.
    """
    pooled = [machine for pool in static.pools for machine in pool.machines]
    machines = [*static.control_plane, *static.agents, *pooled]
    names = [each.name for each in machines]
    for name in names:
        if names.count(name) > 1:
            raise invalid("Static", "control_plane, agents, pools", name, "Use each name once")
    check_distinct(machines)
    for argument, scheme in _OF_ENGINES.items():
        value, having = getattr(static, argument), [each.name for each in machines if each.engine.startswith(scheme)]
        if value and not having:
            raise invalid("Static", argument, value, f"Remove it: no machine has a {scheme} engine")
        if value is None and having:
            remedy = f"Set the directory with ca.pem, cert.pem and key.pem: {having[0]} has a {scheme} engine"
            raise invalid("Static", argument, value, remedy)
