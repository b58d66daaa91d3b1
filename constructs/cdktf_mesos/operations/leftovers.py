"""Finds stacks that are no longer in the program, but have left something on machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cdktf_mesos.operations.preview.changes import kind_of
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.states import read_resources


def leftovers(directory: Path, stacks: Sequence[Stack]) -> list[str]:
    """The state files of stacks that are no longer in the program, but have left something on machines.

    Raises:
        ValueError: a state is cut off.
    """
    known = {f"terraform.{stack.name}.tfstate" for stack in stacks}
    files = sorted(path for path in directory.glob("terraform.*.tfstate") if path.name not in known)
    return [path.name for path in files if not all(map(_ends_by_itself, read_resources(path)))]


def _ends_by_itself(resource: dict[str, Any]) -> bool:
    """Whether a resource needs no removal: images are kept anyway, and checks end once they have passed."""
    kind = resource.get("type", "")
    values = [each.get("attributes", {}) for each in resource.get("instances", [])]
    kept = kind == "docker_image" and all(each.get("keep_locally") for each in values)
    return kept or (bool(values) and all(kind_of(kind, each) == "preflight" for each in values))
