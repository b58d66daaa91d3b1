"""Machines, as the waves of a roll need them: what a DockerHost is made of in each of their stacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_mesos.errors import invalid

NAME, NAME_RIGHT = "[A-Za-z][A-Za-z0-9-]{0,39}", "up to 40 letters, digits and '-', a letter first"

# Ids of other constructs in the stacks of a wave.
_TAKEN = ("backend", "machine-check", "preflight")


@dataclass(frozen=True)
class Machine:
    """A machine with a Docker engine.

    Args:
        name: of the machine; part of the names of its stacks and so of its state: it must stay.
        address: IPv4, by which the other members reach it, or a Terraform expression for it.
        engine: as `DockerHost` takes it: `ssh://user@address`, `tcp://address:port`, or a `unix://` socket.
        leaving: whether the next deploy takes its members out of the cluster. Drop it from the program afterwards.
        hostname: what members call themselves in URLs; by default the address.
        ssh_options: further words for ssh, with an `ssh://` engine; by default none.
        engine_version: the Docker engine's version, `20.10.24`, where it is known.
        id: of its `DockerHost` in each stack; by default the name. It is part of state addresses, so it must stay.

    Raises:
        ValueError: a value of the wrong type; a name that cannot be, or that its stacks use otherwise.
    """

    name: str
    address: str
    engine: str
    leaving: bool = False
    hostname: str | None = None
    ssh_options: Sequence[str] = ()
    engine_version: str | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        for argument in ("name", "address", "engine"):
            if not isinstance(value := getattr(self, argument), str):
                raise invalid("Machine", argument, value, "text")
        if not isinstance(self.leaving, bool):
            raise invalid("Machine", "leaving", self.leaving, "true or false")
        if not re.fullmatch(NAME, self.name):
            raise invalid("Machine", "name", self.name, NAME_RIGHT)
        if (self.id or self.name) in _TAKEN:
            raise invalid("Machine", "name", self.name, "another one, as its stacks have something else of that name")
