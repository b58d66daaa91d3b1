"""Machines that exist already."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cdktf_mesos.errors import invalid
from stacks.typed import check_types

NAME, NAME_RIGHT = "[A-Za-z][A-Za-z0-9-]{0,39}", "up to 40 letters, digits and '-', a letter first"

# What else is in the stacks that have a machine, by a wave (stacks/waves.py) and by cdktf.
_TAKEN = ("backend", "machine-check", "preflight")


@dataclass(frozen=True)
class Machine:
    """A machine that exists already.

    Args:
        name: of the machine; part of the names of its stacks and so of its state, which must stay. Not `backend`,
            `machine-check` or `preflight`, which its stacks have already.
        address: IPv4, by which the other members reach it.
        engine: as `DockerHost` takes it; from elsewhere `ssh://user@address`, or `tcp://address:port` with
            `Cluster.tls_directory`.
        leaving: whether the next deploy takes its members out of the cluster, those of the control plane before the
            others are told that these are gone, an agent only when it has no tasks; afterwards it can be dropped from
            the list.

    Raises:
        ValueError: a value of the wrong type; a name that cannot be.
    """

    name: str
    address: str
    engine: str
    leaving: bool = False

    def __post_init__(self) -> None:
        check_types(self)
        if not re.fullmatch(NAME, self.name):
            raise ValueError(f"Machine: name={self.name!r}: {NAME_RIGHT}")
        if self.name in _TAKEN:
            raise invalid("Machine", "name", self.name, "another one, as its stacks have something else of that name")
