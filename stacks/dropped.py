"""Machines that are no longer in the list though their members still run."""

from __future__ import annotations

import json
import re
from pathlib import Path

from stacks.settings import Cluster


def check_dropped(cluster: Cluster) -> None:
    """Refuse a list without a machine whose state, here in the directory, still has containers.

    They would run on: as servers and masters of a quorum that is no longer theirs, as agents that nobody looks after.
    Where the state is elsewhere, a preflight finds those of the control plane.

    Raises:
        ValueError: with what is to be done first.
    """
    listed = [machine.name for machine in (*cluster.control_plane, *cluster.agent_machines)]
    for path in sorted(Path.cwd().glob(f"terraform.{cluster.name}-*.tfstate")):
        stack = path.name.removeprefix("terraform.").removesuffix(".tfstate")
        found = re.fullmatch("(1-control|2-agent|3-marathon)-(.+)-members", stack.removeprefix(f"{cluster.name}-"))
        if found is None or found[2] in listed or not _has_containers(path):
            continue
        if found[1] == "2-agent":
            step = f"cdktf destroy '{cluster.name}-2-agent-{found[2]}-*' --ignore-missing-stack-dependencies"
            raise ValueError(
                f"Cluster: agent_machines: {found[2]!r} is gone, and its agent runs (the state of {stack}): "
                f"put it back, drain it, {step}, then drop it"
            )
        raise ValueError(
            f"Cluster: control_plane: {found[2]!r} is gone, and its members run (the state of {stack}): "
            "put it back at the end of the list with leaving=True, cdktf deploy '*', then drop it"
        )


def _has_containers(path: Path) -> bool:
    resources = json.loads(path.read_text() or "{}").get("resources", [])
    return any(each["type"] == "docker_container" and each["instances"] for each in resources)
