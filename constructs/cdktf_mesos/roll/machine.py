"""Machines that a roll goes over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cdktf_mesos.errors import invalid

NAME, NAME_RIGHT = "[A-Za-z][A-Za-z0-9-]{0,39}", "up to 40 letters, digits and '-', a letter first"

# What else is in the stacks that have a machine, by a wave and by cdktf.
_RESERVED = ("backend", "machine-check", "old-images", "preflight")


@dataclass(frozen=True)
class Machine:
    """A machine with a Docker engine.

    Args:
        name: of the machine; part of the names of its stacks and so of its state, which must stay. Not `backend`,
            `machine-check`, `old-images` or `preflight`, which its stacks have already.
        address: IPv4, by which the other members reach it, or a token for it.
        engine: as `DockerHost` takes it; from elsewhere `ssh://user@address`, or `tcp://address:port` with
            certificates.
        leaving: whether the next deploy takes its members out of the cluster, those of the control plane before the
            others are told that these are gone, an agent only when it has no tasks; afterwards it can be dropped from
            the list. By default not.
        hostname: what its members call themselves in URLs; by default the address.
        ssh_options: further words for ssh, for this machine only; none by default.
        engine_version: the Docker engine's version, `20.10.24`, so that what does not run on it is refused before a
            deploy; by default it is not known.
        id: of its `DockerHost` in each stack, by default the name. It is part of state addresses, so it must stay.

    Raises:
        ValueError: a value of the wrong type; a name that cannot be.
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
            _check_text(argument, getattr(self, argument))
        for argument in ("hostname", "engine_version", "id"):
            if (value := getattr(self, argument)) is not None:
                _check_text(argument, value)
        if not isinstance(self.leaving, bool):
            raise invalid("Machine", "leaving", self.leaving, "true or false")
        if isinstance(self.ssh_options, str) or not isinstance(self.ssh_options, Iterable):
            raise invalid("Machine", "ssh_options", self.ssh_options, "a list of words for ssh")
        for word in self.ssh_options:
            _check_text("ssh_options", word)
        if not re.fullmatch(NAME, self.name):
            raise invalid("Machine", "name", self.name, NAME_RIGHT)
        if (self.id or self.name) in _RESERVED:
            raise invalid("Machine", "name", self.name, "another one, as its stacks have something else of that name")


def _check_text(argument: str, value: object) -> None:
    if not isinstance(value, str):
        raise invalid("Machine", argument, value, "text")


def check_distinct(machines: Sequence[Machine]) -> None:
    """Refuse an engine at two addresses, or an address with two engines: a line that was copied and half changed.

    Tokens are not compared, as nobody knows what they stand for.
    """
    for argument, other in (("engine", "address"), ("address", "engine")):
        first: dict[str, Machine] = {}
        for machine in (each for each in machines if "${TfToken[" not in each.engine + each.address):
            value, having = getattr(machine, argument), first.setdefault(getattr(machine, argument), machine)
            if getattr(having, other) != getattr(machine, other):
                right = f"another one, as {having.name} has it and another {other}, {getattr(having, other)!r}"
                raise invalid(f"Machine {machine.name}", argument, value, right)
