"""Machines that are no longer in the program though their members still run."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from stacks.settings import Cluster


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
    for path, stack, phase, wave in _states(cluster, "members"):
        for machine in _with_containers(path):
            there = machine in machines.get(stack, ()) if machine else stack in machines
            if not there:
                raise ValueError(_first(cluster, stack, phase, wave, machine))


def check_dropped_machines(cluster: Cluster, stacks: Collection[str]) -> None:
    """Refuse a program without the stack of machines on AWS whose state, here in the directory, still has some.

    They would run on and cost, as a deploy ends nothing of a stack that is not in the program.

    Args:
        cluster: the settings.
        stacks: those of the program.

    Raises:
        ValueError: with what is to be done first.
    """
    for path, stack, _, _ in _states(cluster, "host"):
        types = {each["type"] for each in _resources(path)}
        if stack not in stacks and "aws_instance" in types:
            what = f"{stack} is gone, and its machines run (its state)"
            raise ValueError(f"Aws: {what}: put them back, with their names in left, cdktf deploy '*', then drop them")


def _first(cluster: Cluster, stack: str, phase: str, wave: str, machine: str | None) -> str:
    """What is to be done before the machine can go."""
    is_agent, state = phase == "2-agent", f"(the state of {stack})"
    if cluster.platform == "aws":
        what = f"{machine or wave!r} is gone, and its members run {state}"
        drained = ", drain it," if is_agent else ""
        return f"Aws: {what}: put it back,{drained} with its name in leaving, cdktf deploy '*', then with it in left"
    what = f"{wave!r} is gone, and its members run {state}"
    if is_agent:
        return f"Cluster: agents: {what}: put it back with leaving=True, drain it, cdktf deploy '*', then drop it"
    right = "put it back at the end of the list with leaving=True, cdktf deploy '*', then drop it"
    return f"Cluster: control_plane: {what}: {right}"


def _states(cluster: Cluster, kind: str) -> Iterator[tuple[Path, str, str, str]]:
    """The states in the directory of a cluster's stacks of a kind: file, stack, phase and wave."""
    if cluster.aws and cluster.aws.state_bucket:
        # A move to a bucket leaves the files as they were.
        return
    for path in sorted(Path.cwd().glob(f"terraform.{cluster.name}-*-{kind}.tfstate")):
        stack = path.name.removeprefix("terraform.").removesuffix(".tfstate")
        # Another cluster's name may begin like this one's.
        if found := re.fullmatch(f"([123]-[a-z]+)-(.+)-{kind}", stack.removeprefix(f"{cluster.name}-")):
            yield path, stack, found[1], found[2]


def _with_containers(path: Path) -> set[str | None]:
    """The machines that a state has containers on, by their providers' aliases; None where it has no alias."""
    providers = [each.get("provider", "") for each in _resources(path) if each["type"] == "docker_container"]
    return {alias[1] if (alias := re.search(r"\]\.(.+)$", provider)) else None for provider in providers}


def _resources(path: Path) -> list[dict[str, Any]]:
    """The resources that a state has instances of."""
    return [each for each in json.loads(path.read_text() or "{}").get("resources", []) if each["instances"]]
