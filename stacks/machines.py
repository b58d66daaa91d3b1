"""Machines that exist already."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stacks.typed import check_types

NAME, NAME_RIGHT = "[A-Za-z][A-Za-z0-9-]{0,39}", "up to 40 letters, digits and '-', a letter first"


@dataclass(frozen=True)
class Machine:
    """A machine that exists already.

    Args:
        name: of the machine; part of the names of its stacks and so of its state, which must stay.
        address: IPv4, by which the other members reach it.
        engine: as `DockerHost` takes it; `ssh://user@address` from elsewhere.
        leaving: whether the next deploy takes its members out of the cluster, those of the control plane before the
            others are told that these are gone, an agent only when it has no tasks; afterwards it can be dropped from
            the list.
    """

    name: str
    address: str
    engine: str
    leaving: bool = False

    def __post_init__(self) -> None:
        check_types(self)
        if not re.fullmatch(NAME, self.name):
            raise ValueError(f"Machine: name={self.name!r}: {NAME_RIGHT}")
