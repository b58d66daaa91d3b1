"""Evaluates Terraform expressions, with the values that a deploy would get now.

The expressions are written into a separate configuration, with only the variables and remote states that they use.
Terraform plans it. That needs no provider, no `terraform init` and no lock. Attributes of the stack's own resources are
taken from the stack's state.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdktf_mesos.operations.stack_states import Resources
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform

_REMOTE = "terraform_remote_state"


def has_expressions(value: object) -> bool:
    """Whether Terraform has something to evaluate in a value of synthesised JSON."""
    return bool(re.search(r"(?<![$])[$]{|(?<!%)%{", json.dumps(value)))


def literal(value: Any) -> Any:
    """A value of synthesised JSON without expressions, as Terraform reads it: `$${` stands for `${`."""
    if isinstance(value, str):
        return value.replace("$${", "${").replace("%%{", "%{")
    if isinstance(value, Mapping):
        return {key: literal(each) for key, each in value.items()}
    return [literal(each) for each in value] if isinstance(value, list) else value


def evaluate(terraform: Terraform, stack: Stack, state: Resources, value: Any) -> Any:
    """A value of a stack's synthesised JSON, with the values of its expressions.

    Raises:
        RuntimeError: an expression has no value yet, because the resource in it is not deployed.
    """
    if not has_expressions(value):
        return literal(value)
    program = _program(stack, state, value)
    # The configuration and the plan may have secrets in clear text. Nobody else may read this directory.
    with tempfile.TemporaryDirectory(prefix="cdktf-mesos-") as place:
        directory = Path(place)
        (directory / "cdk.tf.json").write_text(json.dumps(program))
        try:
            words = ("plan", "-input=false", "-no-color", "-lock=false", "-out=plan")
            code, out, error = terraform.run(directory, *words)
            if not code:
                code, out, error = terraform.run(directory, "show", "-json", "-no-color", "plan")
        except (OSError, TimeoutError) as problem:
            raise RuntimeError(str(problem)) from None
    if code:
        first = re.search(r"Error: (.*?)\n\s*\n.*?\n\n(.*?)(?:\n\s*\n|\Z)", error.replace("│", ""), re.DOTALL)
        raise RuntimeError(" ".join(f"{first[1]}: {first[2]}".split()) if first else error.strip()[-300:])
    found = json.loads(out)["planned_values"].get("outputs", {}).get("value", {})
    if "value" not in found:
        raise RuntimeError("the value is known only after a deploy")
    return found["value"]


def _program(stack: Stack, state: Resources, value: Any) -> dict[str, Any]:
    text = json.dumps(value)
    attributes: dict[str, Any] = {}
    for resource in state:
        address = f"{'data.' if resource.get('mode') == 'data' else ''}{resource['type']}.{resource['name']}"
        instances = resource.get("instances", [])
        if resource["type"] != _REMOTE and len(instances) == 1 and address in text:
            attributes[address] = _escaped(instances[0].get("attributes", {}))
    # The longest first: one address may be the beginning of another.
    for address in sorted(attributes, key=len, reverse=True):
        # The text is JSON, in which the quotes of an expression are escaped.
        text = re.sub(rf"(?<![\w.-]){re.escape(address)}(?![\w-])", f'local.state[\\\\"{address}\\\\"]', text)
    remote = stack.document.get("data", {}).get(_REMOTE, {})
    remote = {name: each for name, each in remote.items() if f"{_REMOTE}.{name}." in text}
    variables = stack.document.get("variable", {})
    program: dict[str, Any] = {
        "variable": {name: each for name, each in variables.items() if re.search(rf"\bvar[.]{name}\b", text)},
        "data": {_REMOTE: remote} if remote else {},
        "locals": {"state": attributes} if attributes else {},
        "output": {"value": {"sensitive": True, "value": json.loads(text)}},
    }
    return {kind: blocks for kind, blocks in program.items() if blocks}


def _escaped(value: Any) -> Any:
    """Escape text from a state, so that Terraform finds no expression in it."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {key: _escaped(each) for key, each in value.items()}
    return [_escaped(each) for each in value] if isinstance(value, list) else value
