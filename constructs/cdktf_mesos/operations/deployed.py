"""The members of the program, their machines, and the states of all stacks."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.operations.connections import Host, hosts_of
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.stack_states import Resources, read_states
from cdktf_mesos.operations.status.wanted import Wanted, wanted_members
from cdktf_mesos.operations.synthesis import Stack, read_stacks, synthesise
from cdktf_mesos.operations.terraform import Terraform


@dataclass(frozen=True)
class Deployed:
    """The members, and where they are.

    Args:
        states: the states of all stacks, by name.
        hosts: all machines, in the order of the roll.
        members: all members, by sets.
    """

    states: Mapping[str, Resources]
    hosts: Sequence[Host]
    members: Sequence[Wanted]


def read_deployed(stacks: Sequence[Stack], processes: Processes) -> Deployed:
    """Read them.

    Raises:
        RuntimeError: a state cannot be read; the synthesised output lacks what is needed.
        ValueError: a state is cut off.
    """
    terraform = Terraform(processes)
    states = read_states(stacks, terraform)
    hosts = hosts_of(stacks, states, terraform)
    return Deployed(states, hosts, wanted_members(stacks, hosts, states, terraform))


def synthesised(directory: Path, processes: Processes, *, synth: bool) -> bool:
    """Synthesise if that is wanted, or if nothing was synthesised yet; returns whether this was done.

    The result is the argument `own` of `read_stacks`.
    """
    if not synth:
        with contextlib.suppress(RuntimeError):
            read_stacks(directory, own=False)
            return False
    synthesise(processes, directory)
    return True
