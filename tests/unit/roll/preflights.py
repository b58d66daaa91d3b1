"""Runs the script of a preflight on this machine, as its container would."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from cdktf_mesos import Preflight, Role
from cdktf_mesos.cdk import TerraformStack, Testing
from tests.unit.answers import HERE, container_words, unescaped

# The end of the script, which is left out here: it keeps the container running for Terraform.
_PASSED = 'touch /tmp/passed\nsleep "$1"'


def container_of(role: Role, stack: TerraformStack, **more: Any) -> dict[str, Any]:
    """The container of a preflight for the role's member on this machine, with a patience of one second."""
    (host,) = (each for each in role.hosts if each.address == HERE)
    Preflight(stack, "preflight", host=host, roles=[role], name="asks", patience_seconds=1, **more)
    containers = json.loads(Testing.synth(stack))["resource"]["docker_container"].values()
    found: dict[str, Any] = next(each for each in containers if each["name"] == f"asks-{role.role}")
    return found


def refusal(container: dict[str, Any], **variables: str) -> str:
    """Why the preflight fails, with the given variables in its environment; empty if it passes."""
    words = container_words(container["entrypoint"])
    assert words[2].endswith(_PASSED)
    words[2] = words[2].removesuffix(_PASSED)
    variables_of_container = dict(_variable(each).split("=", 1) for each in container["env"])
    environment = {"PATH": os.environ["PATH"], **variables_of_container, **variables}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode == 0) is (done.stdout == ""), done
    return done.stdout.strip()


def _variable(text: str) -> str:
    """A variable as the container gets it. If its value is a whole expression, it stays as it is."""
    name, _, value = text.partition("=")
    return text if value.startswith("${") else f"{name}={unescaped(value)}"
