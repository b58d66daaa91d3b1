"""What the commands need to know of a project: its stacks, their states and the machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.operations.connections import Host, hosts_of
from cdktf_mesos.operations.expressions import has_expressions
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.stack_states import Resources, read_states
from cdktf_mesos.operations.synthesis import Stack, read_stacks, synthesise
from cdktf_mesos.operations.terraform import Terraform


@dataclass(frozen=True)
class Project:
    """A project, and the machines that a command is for.

    Args:
        stacks: all stacks, in the order of the roll.
        states: the states of the stacks, by their names; only those that the machines' connections depend on, unless
            all were wanted.
        terraform: evaluates expressions.
        hosts: the machines.
    """

    stacks: Sequence[Stack]
    states: Mapping[str, Resources]
    terraform: Terraform
    hosts: Sequence[Host]


def read_project(
    directory: Path, names: Sequence[str], seconds: float, *, synth: bool, all_states: bool = False
) -> Project:
    """Read a project before it is deployed.

    Args:
        directory: where cdktf.json is.
        names: the machines that are wanted; all if it is empty.
        seconds: how long a command that this starts may take; at least 60.
        synth: whether to synthesise first. Otherwise the last synthesis is read.
        all_states: whether to read the states of all stacks; by default only of those whose hosts depend on them.

    Raises:
        RuntimeError: the program cannot be synthesised, or a state cannot be read.
        ValueError: no machine has a given name.
    """
    processes = Processes(max(seconds, 60))
    if synth:
        synthesise(processes, directory)
    stacks = read_stacks(directory, own=synth)
    terraform = Terraform(processes)
    states = read_states([stack for stack in stacks if all_states or has_expressions(stack.providers)], terraform)
    hosts = hosts_of(stacks, states, terraform)
    for name in names:
        if name not in [host.name for host in hosts]:
            known = ", ".join(sorted({host.name for host in hosts}))
            raise ValueError(f"--host {name}: no such machine; there are {known}")
    return Project(stacks, states, terraform, [host for host in hosts if not names or host.name in names])
