"""Installs the wheel of the constructs into a separate virtual environment, as a user's application has it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.terraform.package import distributions


def installed(directory: Path, extra: str = "cdktf-aws") -> Path:
    """The Python of a new virtual environment with only the wheel and its dependencies.

    Args:
        directory: an empty directory to work in.
        extra: the wheel's extra to install; empty for no extra.
    """
    python = directory / "venv/bin/python"
    run(sys.executable, "-m", "venv", directory / "venv")
    what = f"{distributions().wheel}[{extra}]" if extra else distributions().wheel
    run(python, "-m", "pip", "install", "-q", "--no-compile", what)
    return python


def run(*words: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a command whose environment does not lead to this checkout; returns its output."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**env, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
