"""Each example works in a copy of its directory, with the wheel and without the rest of this checkout."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox import project, provider
from tests.terraform.moto import Moto
from tests.terraform.package import ROOT
from tests.terraform.wheel import run

VERSION = re.search('^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]  # type: ignore[index]
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/main.py"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_synthesises_with_the_wheel_and_is_valid_for_terraform(
    example: str, python: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    directory = tmp_path / example
    shutil.copytree(ROOT / "examples" / example, directory)
    run(python, "main.py", cwd=directory)
    if not project.is_mirrored():
        environment = {**environment, "TF_PLUGIN_CACHE_DIR": str(python.parent)}

    def validate(stack: Path) -> str:
        run(
            str(provider.terraform()),
            "init",
            "-backend=false",
            "-input=false",
            "-no-color",
            cwd=stack,
            environment=environment,
        )
        return run(str(provider.terraform()), "validate", "-no-color", cwd=stack, environment=environment)

    # Validate only one of several stacks whose names differ only in numbers, such as those of machines.
    stacks = {re.sub("[0-9]+", "", path.name): path for path in (directory / "cdktf.out/stacks").iterdir()}
    # Only one Terraform at a time may use its cache of downloads.
    with ThreadPoolExecutor(2 if project.is_mirrored() else 1) as threads:
        for output in threads.map(validate, stacks.values()):
            assert "Success!" in output


def test_a_hosts_address_may_be_known_only_to_terraform(
    python: Path, tmp_path: Path, environment: dict[str, str], moto: Moto
) -> None:
    directory = tmp_path / "example"
    shutil.copytree(ROOT / "examples/in-your-stack", directory)
    run(python, "main.py", cwd=directory)
    variables = {**environment, **moto.environment}
    for words in (["init"], ["plan", "-no-color"]):
        output = run(
            str(provider.terraform()),
            *words,
            "-input=false",
            cwd=directory / "cdktf.out/stacks/shop",
            environment=variables,
        )
    # One resource makes the data directory on the office's host, which has only an agent.
    assert "Plan: 17 to add, 0 to change, 0 to destroy." in output


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_has_a_readme_and_its_requirements(example: str) -> None:
    directory = ROOT / "examples" / example
    assert (directory / "README.md").read_text().startswith("# ")
    needs_aws = "aws" in (directory / "main.py").read_text()
    extra = "[cdktf-aws]" if needs_aws else "[cdktf]"
    assert (directory / "requirements.txt").read_text() == f"cdktf-mesos{extra}=={VERSION}\n"
    assert f"({example}/)" in (ROOT / "examples/README.md").read_text()
