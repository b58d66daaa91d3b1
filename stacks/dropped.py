"""Machines that are no longer in the program though their members still run."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path

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
    if cluster.aws and cluster.aws.state_bucket:
        # A move to a bucket leaves the files as they were.
        return
    for path in sorted(Path.cwd().glob(f"terraform.{cluster.name}-*-members.tfstate")):
        stack = path.name.removeprefix("terraform.").removesuffix(".tfstate")
        found = re.fullmatch("([123]-[a-z]+)-(.+)-members", stack.removeprefix(f"{cluster.name}-"))
        for machine in _with_containers(path) if found else ():
            there = machine in machines.get(stack, ()) if machine else stack in machines
            if found and not there:
                raise ValueError(_first(cluster, stack, found[1], found[2], machine))


def _first(cluster: Cluster, stack: str, phase: str, wave: str, machine: str | None) -> str:
    """What is to be done before the machine can go."""
    is_agent, state = phase == "2-agent", f"(the state of {stack})"
    if cluster.platform == "aws":
        what = f"{machine or wave!r} is gone, and its members run {state}"
        drained = ", drain it," if is_agent else ""
        return f"Aws: {what}: put it back,{drained} with its name in leaving, cdktf deploy '*', then drop it"
    what = f"{wave!r} is gone, and its members run {state}"
    if is_agent:
        return f"Cluster: agents: {what}: put it back with leaving=True, drain it, cdktf deploy '*', then drop it"
    right = "put it back at the end of the list with leaving=True, cdktf deploy '*', then drop it"
    return f"Cluster: control_plane: {what}: {right}"


def _with_containers(path: Path) -> set[str | None]:
    """The machines that a state has containers on, by their providers' aliases; None where it has no alias."""
    resources = json.loads(path.read_text() or "{}").get("resources", [])
    providers = [
        each.get("provider", "") for each in resources if each["type"] == "docker_container" and each["instances"]
    ]
    return {alias[1] if (alias := re.search(r"\]\.(.+)$", provider)) else None for provider in providers}
