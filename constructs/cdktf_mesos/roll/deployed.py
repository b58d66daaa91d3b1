"""What Terraform's states in the working directory say is deployed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.container.names import GATE, LABEL
from cdktf_mesos.states import Instance, read_instances


@dataclass(frozen=True)
class DeployedMember:
    """A member's container in a state.

    Args:
        stack: the stack whose state it is.
        machine: its host's name; None where the provider has no alias.
        role: the name of its role.
        version: its image's tag or digest.
        name: of the container.
        environment: its variables.
        command: its arguments.
        failed: whether it never served.
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
    """Whether the state is the file `terraform.<stack>.tfstate` in the working directory, as without a backend.

    A move of the state to a bucket leaves the file as it was, so it says nothing then.
    """
    return stack.node.try_find_child("backend") is None


def read_members(directory: Path, stack: str) -> list[DeployedMember]:
    """The members' containers in a stack's state.

    Raises:
        ValueError: a state that is cut off.
    """
    found = list(read_instances(directory, stack, "docker_container"))
    # Where a member is checked from outside, its gate failed in its stead.
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


def _labels(found: Instance) -> dict[str, str]:
    return {label["label"]: label["value"] for label in found.attributes.get("labels") or ()}


def _pairs(items: Collection[str] | None) -> dict[str, str]:
    return {name: value for name, _, value in (item.partition("=") for item in items or ())}


def _place(found: Instance) -> tuple[str | None, str]:
    """The machine and container, of a member's container and of its gate alike."""
    return found.machine, found.attributes.get("name", "").removesuffix(GATE)
