"""Has Terraform import containers into the state of a stack, and change nothing on the machine.

The Docker provider does not read all arguments of a container back (provider docs, docker_container, import). So after
an import the plan of the program replaces the container. To end it, the provider uses the arguments in the state. An
imported state has no time for the container to stop: the provider would kill it at once. So the import is made with a
configuration that has the program's time, and ignores all other arguments. Applying it writes the state only: the
provider sends nothing to the engine for these arguments.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cdktf_mesos.operations.adopt.compare import Found
from cdktf_mesos.operations.preview.initialised import take_over
from cdktf_mesos.operations.preview.plans import failure
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform

# The arguments that are written to the state: the time to stop, in seconds, as the program has it; and two with which
# the provider does not start a container that has ended, nor remove volumes without a name. Another program may have
# kept data in these.
_GRACE, _FIXED = "destroy_grace_seconds", {"must_run": False, "remove_volumes": False}


def import_containers(stack: Stack, containers: Sequence[Found], terraform: Terraform) -> None:
    """Import containers of one stack into its state.

    Raises:
        RuntimeError: Terraform cannot import them, or would change something else. Then the state is as before.
    """
    # Names and addresses of engines are in it, and what the program has in clear text.
    with tempfile.TemporaryDirectory(prefix="adopt-", dir=stack.directory) as place:
        directory = Path(place)
        for initialised in (stack.directory, stack.deployed):
            if initialised:
                take_over(initialised, directory)
        file = directory / "adopt.tf.json"
        # Terraform knows a provider's schema only when it is initialised.
        file.write_text(json.dumps(_program(stack, ())))
        _answer(terraform.init, directory)
        ignored = _arguments(_answer(terraform.run, directory, "providers", "schema", "-json"))
        file.write_text(json.dumps(_program(stack, containers, ignored)))
        targets = [f"-target={each.address}" for each in containers]
        _answer(terraform.run, directory, "plan", "-input=false", "-no-color", "-out=plan", *targets)
        plan = json.loads(_answer(terraform.run, directory, "show", "-json", "-no-color", "plan"))
        _check(plan, containers)
        _answer(terraform.run, directory, "apply", "-input=false", "-no-color", "plan")


def _answer(run: Callable[..., tuple[int, str, str]], directory: Path, *words: str) -> str:
    try:
        code, out, error = run(directory, *words)
    except (OSError, TimeoutError) as problem:
        raise RuntimeError(str(problem)) from None
    if code:
        raise RuntimeError(f"terraform {words[0] if words else 'init'}: {failure(code, error).error}")
    return out


def _program(stack: Stack, containers: Sequence[Found], ignored: Sequence[str] = ()) -> dict[str, Any]:
    """The configuration: the stack's backend, its engines, and the containers as far as they are imported."""
    document = stack.document
    required = document.get("terraform", {}).get("required_providers", {})
    # To import, the engine logs in to no registry.
    engines = [{**each, "registry_auth": None} for each in document.get("provider", {}).get("docker", [])]
    remote = document.get("data", {}).get("terraform_remote_state")
    text = json.dumps([engines, remote])
    variables = document.get("variable", {})
    program = {
        "terraform": {"backend": _backend(stack), "required_providers": {"docker": required.get("docker", {})}},
        "provider": {"docker": engines},
        "variable": {name: each for name, each in variables.items() if re.search(rf"\bvar[.]{name}\b", text)},
        "data": {"terraform_remote_state": remote} if remote else {},
        "resource": {"docker_container": {_name(each): _container(stack, each, ignored) for each in containers}},
        "import": [{"to": each.address, "id": each.id} for each in containers],
    }
    if not containers:
        del program["resource"]
    return {kind: blocks for kind, blocks in program.items() if blocks}


def _backend(stack: Stack) -> Mapping[str, Any]:
    """The stack's backend. The path of a local state does not depend on the directory any more."""
    backend: Mapping[str, Any] = stack.document.get("terraform", {}).get("backend", {})
    if set(backend) <= {"local"}:
        local = backend.get("local", {})
        return {"local": {**local, "path": str(stack.directory / local.get("path", "terraform.tfstate"))}}
    return backend


def _container(stack: Stack, found: Found, ignored: Sequence[str]) -> dict[str, Any]:
    block = stack.resources("docker_container")[_name(found)]
    written = {key: block[key] for key in ("provider", _GRACE) if key in block}
    lifecycle = {"ignore_changes": list(ignored)}
    return {"name": found.name, "image": found.image, **written, **_FIXED, "lifecycle": lifecycle}


def _name(found: Found) -> str:
    return found.address.partition(".")[2]


def _arguments(schemas: str) -> list[str]:
    """The arguments of a container that are ignored, from the providers' schemas."""
    for provider in json.loads(schemas)["provider_schemas"].values():
        if block := provider.get("resource_schemas", {}).get("docker_container", {}).get("block"):
            attributes = block["attributes"].items()
            settable = [name for name, each in attributes if each.get("optional") or each.get("required")]
            # Terraform refuses to ignore `id`.
            return sorted({*settable, *block.get("block_types", {})} - {"id", "timeouts", _GRACE, *_FIXED})
    raise RuntimeError("the Docker provider's schema has no docker_container")


def _check(plan: Mapping[str, Any], containers: Sequence[Found]) -> None:
    """Refuse a plan that does more than to import the containers."""
    wanted = {each.address: each.id for each in containers}
    imported = {}
    for each in plan.get("resource_changes", []):
        change = each["change"]
        if "importing" in change and change["actions"] in (["no-op"], ["update"]):
            imported[each["address"]] = change["importing"].get("id")
        elif change["actions"] not in (["no-op"], ["read"]):
            raise RuntimeError(f"Terraform would {' and '.join(change['actions'])} {each['address']}")
    if imported != wanted:
        lacking = ", ".join(address for address, id_ in wanted.items() if imported.get(address) != id_)
        raise RuntimeError(f"Terraform does not import {lacking or 'what was named'}")
