"""Machines that are no longer in the program though their members still run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stacks.settings import Cluster
from stacks.state import Instance, instances


def check_dropped(cluster: Cluster, machines: Mapping[str, Collection[str]]) -> None:
    """Refuse a program without a machine whose state, here in the directory, still has containers.

    They would run on: as servers and masters of a quorum that is no longer theirs, as agents that nobody looks after.
    Where the state is elsewhere, a preflight finds those of the control plane.

    Args:
        cluster: the settings.
        machines: the names of the machines in each stack of the program that has members.

    Raises:
        ValueError: with what is to be done first.
    """
    for each in instances(cluster, "members", "docker_container"):
        there = each.machine in machines.get(each.stack, ()) if each.machine else each.stack in machines
        if each.phase and not there:
            raise ValueError(_first(cluster, each))


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


def _first(cluster: Cluster, dropped: Instance) -> str:
    """What is to be done before the machine can go."""
    is_agent, state = dropped.phase == "2-agent", f"(the state of {dropped.stack})"
    if cluster.platform == "aws":
        what = f"{dropped.machine or dropped.wave!r} is gone, and its members run {state}"
        drained = ", drain it," if is_agent else ""
        return f"Aws: {what}: put it back,{drained} with its name in leaving, cdktf deploy '*', then with it in left"
    what = f"{dropped.wave!r} is gone, and its members run {state}"
    if is_agent:
        right = "put it back with leaving=True, drain it, cdktf deploy '*', then drop it"
        wave = f"terraform.{cluster.name}-{dropped.phase}-{dropped.wave}"
        lost = f"see that it stays off, and remove {wave}-machine.tfstate* and {wave}-members.tfstate*"
        return f"Cluster: agents: {what}: {right}. If it is lost for good: {lost}"
    right = "put it back at the end of the list with leaving=True, cdktf deploy '*', then drop it"
    # The state stays: its addresses have the machine's name, so that Terraform asks the new engine, finds nothing
    # there, and makes all anew; it never asks the old one.
    lost = (
        "see that it stays off, and put it back at its place, with the address and engine of the machine in its stead; "
        f"cdktf deploy '{cluster.name}-1-control-{dropped.wave}-*' --ignore-missing-stack-dependencies "
        "--parallelism 1, and only then cdktf deploy '*'"
    )
    return f"Cluster: control_plane: {what}: {right}. If it is lost for good: {lost}"
