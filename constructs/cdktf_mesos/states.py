"""Terraform's states in a directory."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = re.compile(r"terraform\.(.+)\.tfstate")


@dataclass(frozen=True)
class Instance:
    """An instance of a resource in a state.

    Args:
        stack: the stack whose state it is.
        machine: the alias of its provider, which is the name of its host; None where the provider has no alias.
        tainted: whether its creation failed.
        attributes: as the provider has them.
    """

    stack: str
    machine: str | None
    tainted: bool
    attributes: Mapping[str, Any]


def stacks_with_states(directory: Path) -> list[str]:
    """The names of all stacks with a state in the directory."""
    found = (_FILE.fullmatch(path.name) for path in directory.glob("terraform.*.tfstate"))
    return sorted(match[1] for match in found if match)


def read_instances(directory: Path, stack: str, kind: str) -> Iterator[Instance]:
    """The instances of a type of resource, `docker_container`, in a stack's state; nothing where there is no state.

    Raises:
        ValueError: a state that is cut off.
    """
    for resource in read_resources(directory / f"terraform.{stack}.tfstate"):
        alias = re.search(r"\]\.(.+)$", resource.get("provider", ""))
        for each in resource["instances"] if resource["type"] == kind else ():
            tainted = each.get("status") == "tainted"
            yield Instance(stack, alias[1] if alias else None, tainted, each.get("attributes", {}))


def read_resources(path: Path) -> list[dict[str, Any]]:
    """The resources in a state's file; none where there is no file.

    Raises:
        ValueError: it is cut off, with what to do.
    """
    backup = path.with_name(f"{path.name}.backup")
    # A deploy that runs may be writing it: Terraform cuts the file to nothing first (its statemgr.Filesystem).
    for pause in (0.1, 0.4, 0):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return []
        # So is that of a state that is yet to be written, but there is none from before.
        if not content and not backup.exists():
            return []
        with contextlib.suppress(ValueError):
            resources: list[dict[str, Any]] = json.loads(content).get("resources", [])
            return resources
        time.sleep(pause)
    what = "the state is cut off, as by a full disk, or as a deploy was killed while it wrote it"
    repair = (
        f"copy {backup.name} over it, which is the state before that deploy"
        if backup.exists()
        else "remove it, and the containers that this deploy made"
    )
    raise ValueError(f"{path}: {what}: once no deploy runs, {repair}, then cdktf deploy '*'")
