"""Machines that were dropped from the program although their members still run."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.cdk import App
from cdktf_mesos.states import read_instances, stacks_with_states


@dataclass(frozen=True)
class Dropped:
    """A machine that was dropped from the program.

    Args:
        cluster: the cluster's name.
        stack: the stack whose state has its containers.
        wave: the wave's name, without the cluster's name.
        machine: the machine's name; None if the state does not have it.
    """

    cluster: str
    stack: str
    wave: str
    machine: str | None


def put_back(dropped: Dropped) -> str:
    """The message of the error for a dropped machine, in words that suit any program."""
    return (
        f"{dropped.cluster}: {dropped.wave!r} is missing, but its members still run (the state of {dropped.stack}). "
        "Put it back with leaving=True, a machine of the control plane at the end of the list. If it has an agent, "
        "drain it. Run cdktf deploy '*', then drop it"
    )


def refuse_dropped(
    app: App,
    cluster: str,
    phases: Sequence[str],
    machines: Mapping[str, Collection[str]],
    directory: Path,
    put_back: Callable[[Dropped], str],
) -> None:
    """Refuse a program that lacks a machine whose state in the directory still has containers.

    These containers would keep running: servers and masters in a quorum that no longer counts them, and agents that no
    deploy updates. If the state is elsewhere, preflights find those of the control plane.

    Args:
        app: the program.
        cluster: the cluster's name.
        phases: the beginnings of the names of its waves; if empty, any name counts.
        machines: the names of the machines, by the name of their members' stack.
        directory: the directory with the states.
        put_back: returns the message of the error.

    Raises:
        ValueError: a machine was dropped too early. The message says what to do.
    """
    begin = f"(?:{'|'.join(map(re.escape, phases))})-" if phases else ""
    name = re.compile(f"{re.escape(cluster)}-({begin}.+)-members")
    for stack in stacks_with_states(directory):
        found = name.fullmatch(stack)
        if found is None or (stack not in machines and app.node.try_find_child(stack) is not None):
            continue
        for each in read_instances(directory, stack, "docker_container"):
            in_program = each.machine in machines.get(stack, ()) if each.machine else stack in machines
            if not in_program:
                raise ValueError(put_back(Dropped(cluster, stack, found[1], each.machine)))
