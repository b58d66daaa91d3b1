"""Measures the synth of the local application, compared with a bare cdktf program that emits the same resources.

The bare program is generated from the application's output, and imports the bindings as their documentation says. Both
run in turn, so that changes of the machine's speed affect both. Only the ratio is meaningful.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RUNS = 15
MAIN = Path(__file__).parents[1] / "main.py"

HEAD = """\
from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable, TerraformVariableValidationConfig
from cdktf_cdktf_provider_docker.container import (
    Container,
    ContainerCapabilities,
    ContainerHealthcheck,
    ContainerLabels,
    ContainerVolumes,
)
from cdktf_cdktf_provider_docker.image import Image
from cdktf_cdktf_provider_docker.provider import DockerProvider

app = App()
stack = TerraformStack(app, "dev")
stack.add_override("terraform.required_providers.docker.version", "~> 4.6")
"""

BLOCKS = {
    "capabilities": "ContainerCapabilities",
    "healthcheck": "ContainerHealthcheck",
    "labels": "ContainerLabels",
    "volumes": "ContainerVolumes",
    "validation": "TerraformVariableValidationConfig",
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as directory:
        ours, bare = Path(directory, "ours"), Path(directory, "bare")
        for each in (ours, bare):
            each.mkdir()
        synth(MAIN, ours)
        program = bare / "bare.py"
        program.write_text(written_out(emitted(ours)))
        synth(program, bare)
        if emitted(ours) != emitted(bare):
            sys.exit("the two programs emit different resources")
        pairs = [(synth(MAIN, ours), synth(program, bare)) for _ in range(RUNS)]
    for name, seconds in zip(("application", "bare program"), zip(*pairs, strict=True), strict=True):
        print(f"{name:14} {min(seconds):.2f} {statistics.median(seconds):.2f} {max(seconds):.2f} s (min, median, max)")
    ratio = statistics.median(application / other for application, other in pairs)
    print(f"ratio          {ratio:.2f} (median of {RUNS} pairs)")


def synth(program: Path, directory: Path) -> float:
    """Run a program as cdktf does; returns the seconds it took."""
    start = time.monotonic()
    subprocess.run([sys.executable, program], cwd=directory, check=True, capture_output=True, timeout=120)
    return time.monotonic() - start


def emitted(directory: Path) -> dict[str, Any]:
    """The Terraform configuration that a program emitted, without cdktf's metadata."""
    document = json.loads((directory / "cdktf.out/stacks/dev/cdk.tf.json").read_text())
    sections = {name: document[name] for name in ("provider", "resource", "variable", "output")}
    for resources in sections["resource"].values():
        for resource in resources.values():
            resource.pop("//")
    return sections


def written_out(document: dict[str, Any]) -> str:
    """The source of the bare program that emits this stack."""
    (provider,) = document["provider"]["docker"]
    lines = [HEAD, f"provider = DockerProvider(stack, 'docker', {arguments(provider)})"]
    for name, variable in document["variable"].items():
        lines.append(f"TerraformVariable(stack, {name!r}, {arguments(variable)})")
    for kind, construct in (("docker_image", "Image"), ("docker_container", "Container")):
        for name, resource in document["resource"][kind].items():
            dependencies, given = resource.pop("depends_on", None), arguments({**resource, "provider": None})
            lines.append(f"resource = {construct}(stack, {name!r}, {given})")
            lines.append(f"resource.override_logical_id({name!r})")
            if dependencies:
                lines.append(f"resource.add_override('depends_on', {dependencies!r})")
                resource["depends_on"] = dependencies
    for name, output in document["output"].items():
        lines.append(f"TerraformOutput(stack, {name!r}, value={output['value']!r})")
    return "\n".join([*lines, "app.synth()", ""])


def arguments(values: dict[str, Any]) -> str:
    """The source of keyword arguments. Blocks become objects of the bindings' classes."""
    return ", ".join(f"{name}={value(name, given)}" for name, given in values.items())


def value(name: str, given: Any) -> str:
    """The source of one argument."""
    if name == "provider":
        return "provider"
    if name in BLOCKS:
        blocks = given if isinstance(given, list) else [given]
        text = ", ".join(f"{BLOCKS[name]}({arguments(block)})" for block in blocks)
        return f"[{text}]" if isinstance(given, list) else text
    return repr(given)


if __name__ == "__main__":
    main()
