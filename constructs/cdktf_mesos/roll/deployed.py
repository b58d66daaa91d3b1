"""What is deployed, as read from Terraform's states in the working directory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.container.names import GATE, LABEL, STAGE_LABEL, TLS_LABEL
from cdktf_mesos.states import Instance, read_instances


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
        stage: its stage of security; empty for an open cluster.
        tls: its stage of TLS; empty if it has none.
    """

    stack: str
    machine: str | None
    role: str
    version: str
    name: str
    environment: Mapping[str, str]
    command: Collection[str]
    failed: bool
    stage: str = ""
    tls: str = ""


def keeps_state_here(stack: TerraformStack) -> bool:
    """Whether the stack's state is `terraform.<stack>.tfstate` in the working directory: it is if there is no backend.

    With a backend the file does not count: when the state moved to a bucket, the old file stayed.
    """
    return stack.node.try_find_child("backend") is None


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
            stage=labels.get(STAGE_LABEL, ""),
            tls=labels.get(TLS_LABEL, ""),
        )
        for each in found
        if f"{LABEL}role" in (labels := _labels(each))
    ]


def _labels(found: Instance) -> dict[str, str]:
    return {label["label"]: label["value"] for label in found.attributes.get("labels") or ()}


def _pairs(items: Collection[str] | None) -> dict[str, str]:
    return {name: value for name, _, value in (item.partition("=") for item in items or ())}


def _place(found: Instance) -> tuple[str | None, str]:
    """The machine and the name of the member's container; a gate has the same place as its member."""
    return found.machine, found.attributes.get("name", "").removesuffix(GATE)
