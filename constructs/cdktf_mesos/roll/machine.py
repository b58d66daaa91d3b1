"""The machines of a roll."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cdktf_mesos.errors import invalid

NAME, NAME_REMEDY = "[A-Za-z][A-Za-z0-9-]{0,39}", "Use up to 40 letters, digits and '-', beginning with a letter"

# Ids of other constructs in a machine's stacks: cdktf's backend, and what a wave adds.
_RESERVED = ("backend", "machine-check", "old-images", "preflight")


@dataclass(frozen=True)
class Machine:
    """A machine with a Docker engine.

    Args:
        name: the machine's name. It is part of the names of its stacks, and so of its states: it must stay. The names
            `backend`, `machine-check`, `old-images` and `preflight` are reserved.
        address: the IPv4 address at which other members reach it, or a token for it.
        engine: the Docker engine's endpoint, as `DockerHost` takes it. For an engine on another machine use
            `ssh://user@address`, or `tcp://address:port` with certificates.
        leaving: whether the next deploy takes its members out of the cluster; by default False. Members of the control
            plane end before the other members get the new list. An agent ends only when it has no tasks. Drop the
            machine from the list after that deploy.
        hostname: the name that its members have in URLs; by default the address.
        ssh_options: further words of the ssh command, for this machine only; by default there are none.
        engine_version: the Docker engine's version, such as `20.10.24`. With it, `cdktf synth` refuses what does not
            run on that engine. By default it is unknown.
        cgroup_version: 1 or 2. With it, `cdktf synth` refuses what does not run with that version. By default it is
            unknown.
        id: the id of its `DockerHost` in each stack; by default the name. It is part of state addresses: it must stay.

    Raises:
        ValueError: a value has the wrong type; the name is malformed or reserved.
    """

    name: str
    address: str
    engine: str
    leaving: bool = False
    hostname: str | None = None
    ssh_options: Sequence[str] = ()
    engine_version: str | None = None
    cgroup_version: int | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        for argument in ("name", "address", "engine"):
            _check_text(argument, getattr(self, argument))
        for argument in ("hostname", "engine_version", "id"):
            if (value := getattr(self, argument)) is not None:
                _check_text(argument, value)
        if not isinstance(self.leaving, bool):
            raise invalid("Machine", "leaving", self.leaving, "Use True or False")
        if isinstance(self.ssh_options, str) or not isinstance(self.ssh_options, Iterable):
            raise invalid("Machine", "ssh_options", self.ssh_options, "Use a list of words of the ssh command")
        for word in self.ssh_options:
            _check_text("ssh_options", word)
        if not re.fullmatch(NAME, self.name):
            raise invalid("Machine", "name", self.name, NAME_REMEDY)
        if (self.id or self.name) in _RESERVED:
            remedy = "Use another one: the machine's stacks have a construct with this id already"
            raise invalid("Machine", "id" if self.id else "name", self.id or self.name, remedy)


def _check_text(argument: str, value: object) -> None:
    if not isinstance(value, str):
        raise invalid("Machine", argument, value, "Use a string")


def check_distinct(machines: Sequence[Machine]) -> None:
    """Refuse one engine with two addresses, and one address with two engines.

    That is usually a line that was copied and changed only in part. Tokens are not compared, since their values are not
    known yet.
    """
    for argument, other in (("engine", "address"), ("address", "engine")):
        first: dict[str, Machine] = {}
        for machine in (each for each in machines if "${TfToken[" not in each.engine + each.address):
            value = getattr(machine, argument)
            earlier = first.setdefault(value, machine)
            if getattr(earlier, other) != getattr(machine, other):
                remedy = f"Use another {argument}: {earlier.name} has it with the {other} {getattr(earlier, other)!r}"
                raise invalid(f"Machine {machine.name}", argument, value, remedy)
