"""What is deployed, as read from Terraform's states in the working directory."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.container.member import GATE
from cdktf_mesos.container.options import LABEL

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


@dataclass(frozen=True)
class DeployedMember:
    """A member's container in a state.

    Args:
        stack: the stack whose state it is in.
        machine: its host's name; None if the provider has no alias.
        role: the name of its role.
        version: its image's tag or digest.
        name: the container's name.
        environment: the container's environment variables.
        command: the container's arguments.
        failed: whether it was deployed, but never served.
    """

    stack: str
    machine: str | None
    role: str
    version: str
    name: str
    environment: Mapping[str, str]
    command: Collection[str]
    failed: bool


def keeps_state_here(stack: TerraformStack) -> bool:
    """Whether the stack's state is `terraform.<stack>.tfstate` in the working directory: it is if there is no backend.

    With a backend the file does not count: when the state moved to a bucket, the old file stayed.
    """
    return stack.node.try_find_child("backend") is None


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


def read_members(directory: Path, stack: str) -> list[DeployedMember]:
    """The members' containers in a stack's state.

    Raises:
        ValueError: the state is cut off.
    """
    found = list(read_instances(directory, stack, "docker_container"))
    # If a member has a gate, Terraform taints the gate instead of the member's container.
    failed = {_place(each) for each in found if each.tainted}
    return [
        DeployedMember(
            stack=each.stack,
            machine=each.machine,
            role=labels[f"{LABEL}role"],
            version=labels.get(f"{LABEL}version", ""),
            name=each.attributes.get("name", ""),
            environment=_pairs(each.attributes.get("env")),
            command=each.attributes.get("command") or [],
            failed=_place(each) in failed,
        )
        for each in found
        if f"{LABEL}role" in (labels := _labels(each))
    ]


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


def _labels(found: Instance) -> dict[str, str]:
    return {label["label"]: label["value"] for label in found.attributes.get("labels") or ()}


def _pairs(items: Collection[str] | None) -> dict[str, str]:
    return {name: value for name, _, value in (item.partition("=") for item in items or ())}


def _place(found: Instance) -> tuple[str | None, str]:
    """The machine and the name of the member's container; a gate has the same place as its member."""
    return found.machine, found.attributes.get("name", "").removesuffix(GATE)
