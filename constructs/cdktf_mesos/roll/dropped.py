"""Machines that are no longer in the program though their members still run."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.cdk import App
from cdktf_mesos.states import read_instances, stacks_with_states


@dataclass(frozen=True)
class Dropped:
    """A machine that is gone from the program.

    Args:
        cluster: the cluster's name.
        stack: the stack whose state has its containers.
        wave: the wave's name, without the cluster's.
        machine: the machine's name; None where the state does not say it.
    """

    cluster: str
    stack: str
    wave: str
    machine: str | None


def put_back(dropped: Dropped) -> str:
    """What to do before a machine can be dropped, in words that suit any program."""
    return (
        f"{dropped.cluster}: {dropped.wave!r} is gone, and its members run (the state of {dropped.stack}): put it back "
        "with leaving=True (of the control plane at the end of the list), drain it if it has an agent, "
        "cdktf deploy '*', then drop it"
    )


def refuse_dropped(
    app: App,
    cluster: str,
    phases: Sequence[str],
    machines: Mapping[str, Collection[str]],
    directory: Path,
    put_back: Callable[[Dropped], str],
) -> None:
    """Refuse a program without a machine whose state in the directory still has containers.

    They would run on: as servers and masters of a quorum that is no longer theirs, as agents that nobody looks after.
    Where the state is elsewhere, a preflight finds those of the control plane.

    Args:
        app: the program.
        cluster: its name.
        phases: what the names of its waves begin with; empty where they may begin with anything.
        machines: the names of the machines in each of its stacks with members.
        directory: where the states are.
        put_back: says what to do.

    Raises:
        ValueError: with what to do.
    """
    begin = f"(?:{'|'.join(map(re.escape, phases))})-" if phases else ""
    name = re.compile(f"{re.escape(cluster)}-({begin}.+)-members")
    for stack in stacks_with_states(directory):
        found = name.fullmatch(stack)
        if found is None or (stack not in machines and app.node.try_find_child(stack) is not None):
            continue
        for each in read_instances(directory, stack, "docker_container"):
            there = each.machine in machines.get(stack, ()) if each.machine else stack in machines
            if not there:
                raise ValueError(put_back(Dropped(cluster, stack, found[1], each.machine)))
