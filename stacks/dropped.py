"""Machines that are no longer in the program though their members still run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stacks.platform import MachinesSettings
from stacks.settings import Cluster
from stacks.state import instances


def check_dropped(cluster: Cluster, machines: MachinesSettings, names: Mapping[str, Collection[str]]) -> None:
    """Refuse a program without a machine whose state, here in the directory, still has containers.

    They would run on: as servers and masters of a quorum that is no longer theirs, as agents that nobody looks after.
    Where the state is elsewhere, a preflight finds those of the control plane.

    Args:
        cluster: the settings.
        machines: the settings of its platform.
        names: the names of the machines in each stack of the program that has members.

    Raises:
        ValueError: with what is to be done first.
    """
    for each in instances(cluster, "members", "docker_container"):
        there = each.machine in names.get(each.stack, ()) if each.machine else each.stack in names
        if each.phase and not there:
            raise ValueError(machines.how_to_drop(cluster.name, each.phase, each.wave, each.machine, each.stack))


def check_dropped_machines(cluster: Cluster, stacks: Collection[str]) -> None:
    """Refuse a program without the stack of machines on AWS whose state, here in the directory, still has some.

    They would run on and cost, as a deploy ends nothing of a stack that is not in the program.

    Args:
        cluster: the settings.
        stacks: those of the program.

    Raises:
        ValueError: with what is to be done first.
    """
    for each in instances(cluster, "host", "aws_instance"):
        if each.phase and each.stack not in stacks:
            what = f"{each.stack} is gone, and its machines run (its state)"
            raise ValueError(f"Aws: {what}: put them back, with their names in left, cdktf deploy '*', then drop them")
