"""The state of each stack, wherever its backend keeps it. Nothing is locked or changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.preview.initialised import take_over
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform
from cdktf_mesos.states import read_resources

# Time limit for a state, in seconds. One that is in a bucket may need `terraform init`.
_SECONDS = 120

Resources = Sequence[Mapping[str, Any]]


def read_states(stacks: Sequence[Stack], terraform: Terraform) -> dict[str, Resources]:
    """The states of several stacks, by their names; raises what `read_state` does."""
    jobs = {stack.name: partial(read_state, stack, terraform) for stack in stacks}
    states: dict[str, Resources] = {}
    for name, state in at_once(jobs, _SECONDS).items():
        if isinstance(state, Exception):
            raise RuntimeError(str(state)) if isinstance(state, TimeoutError) else state
        states[name] = state
    return states


def read_state(stack: Stack, terraform: Terraform) -> Resources:
    """The resources in a stack's state, as Terraform writes them; empty if nothing is deployed.

    Raises:
        RuntimeError: Terraform cannot read it.
        ValueError: the file is cut off.
    """
    if (path := local_path(stack)) is not None:
        return read_resources(path)
    text = pull_state(stack, terraform)
    resources: Resources = json.loads(text).get("resources", []) if text.strip() else []
    return resources


def local_path(stack: Stack) -> Path | None:
    """The file of a stack's state; None if it is not in a file."""
    backend: Mapping[str, Any] = stack.document.get("terraform", {}).get("backend", {})
    if not set(backend) <= {"local"}:
        return None
    return stack.directory / Path(backend.get("local", {}).get("path", "terraform.tfstate"))


def pull_state(stack: Stack, terraform: Terraform) -> str:
    """The text of a state that is not in a file, by `terraform state pull`; empty if nothing is deployed.

    Raises:
        RuntimeError: Terraform cannot read it.
    """
    try:
        if not (stack.directory / ".terraform").exists():
            if stack.deployed:
                take_over(stack.deployed, stack.directory)
            code, _, error = terraform.init(stack.directory)
            if code:
                raise RuntimeError(f"{stack.name}: terraform init: {error.strip()[-500:]}")
        code, out, error = terraform.run(stack.directory, "state", "pull")
    except (OSError, TimeoutError) as problem:
        raise RuntimeError(f"{stack.name}: {problem}") from None
    if code:
        raise RuntimeError(f"{stack.name}: terraform state pull: {error.strip()[-500:]}")
    return out
