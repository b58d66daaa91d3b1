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
        stack: the stack whose state it is in.
        machine: its host's name, which is the alias of its provider; None if the provider has no alias.
        tainted: whether its creation failed.
        attributes: its attributes, with the provider's names.
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
    """The instances of one type of resource, such as `docker_container`, in a stack's state; empty without a state.

    Raises:
        ValueError: the state is cut off.
    """
    for resource in read_resources(directory / f"terraform.{stack}.tfstate"):
        alias = re.search(r"\]\.(.+)$", resource.get("provider", ""))
        for each in resource["instances"] if resource["type"] == kind else ():
            tainted = each.get("status") == "tainted"
            yield Instance(stack, alias[1] if alias else None, tainted, each.get("attributes", {}))


def read_resources(path: Path) -> list[dict[str, Any]]:
    """The resources in the file of a state; empty if there is no file.

    Raises:
        ValueError: the file is cut off. The message says what to do.
    """
    backup = path.with_name(f"{path.name}.backup")
    # A running deploy may be writing the file. Terraform truncates it first (its statemgr.Filesystem).
    for pause in (0.1, 0.4, 0):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return []
        # Before a state is first written, its file is empty, and there is no backup.
        if not content and not backup.exists():
            return []
        with contextlib.suppress(ValueError):
            resources: list[dict[str, Any]] = json.loads(content).get("resources", [])
            return resources
        time.sleep(pause)
    cause = "the state is cut off: the disk was full, or a deploy was killed while it wrote the state"
    repair = (
        f"copy {backup.name} over it, the state before that deploy"
        if backup.exists()
        else "remove it and the containers that this deploy made"
    )
    raise ValueError(f"{path}: {cause}. When no deploy runs, {repair}. Then run cdktf deploy '*'")
