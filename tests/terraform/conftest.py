"""What the tests with the real Terraform and real providers share. They need no Docker engine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from sandbox import project, provider
from tests.terraform import wheel
from tests.terraform.moto import Moto, running

Terraform = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Terraform's environment. If the provider has to be built, the first call takes minutes."""
    return project.environment()


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:
    """AWS, emulated by moto. Resources that a test leaves are still there in the next test."""
    with running(tmp_path_factory.mktemp("moto") / "log") as moto:
        yield moto


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a virtual environment with the wheel of the constructs, but nothing else of this checkout."""
    return wheel.installed(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(outdir=str(tmp_path / "cdktf.out"))


@pytest.fixture
def terraform(app: App, environment: dict[str, str]) -> Terraform:
    """A function that synthesises the app and runs Terraform in its only stack."""

    def terraform(*words: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        app.synth()
        (stack,) = (Path(app.outdir) / "stacks").iterdir()
        if not (stack / ".terraform").exists():
            run_terraform(stack, environment, "init", "-input=false", "-no-color", check=True)
        words = (*words, *(f"-var={name}={value}" for name, value in variables.items()))
        return run_terraform(stack, environment, *words, check=check)

    return terraform


@pytest.fixture
def plan(terraform: Terraform) -> Callable[..., dict[str, Any]]:
    """A function that returns the plan of the app's only stack as Terraform's JSON."""

    def plan(**variables: str) -> dict[str, Any]:
        terraform("plan", "-input=false", "-no-color", "-out=plan", **variables)
        document: dict[str, Any] = json.loads(terraform("show", "-json", "plan").stdout)
        return document

    return plan


def run_terraform(
    stack: Path, environment: dict[str, str], *words: str, check: bool
) -> subprocess.CompletedProcess[str]:
    """Runs Terraform in a stack's folder. With `check`, the test fails if Terraform fails."""
    done = subprocess.run(
        [str(provider.terraform()), *words],
        cwd=stack,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert not (check and done.returncode), done.stdout + done.stderr
    return done
