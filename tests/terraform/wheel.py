"""The wheel of the constructs in an environment of its own, as somebody else's application has it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.terraform.package import distributions


def installed(directory: Path, extra: str = "cdktf-aws") -> Path:
    """The interpreter of a new environment in which there is nothing but the wheel and what it asks for.

    Args:
        directory: an empty one, to work in.
        extra: of the wheel; empty for none.
    """
    python = directory / "venv/bin/python"
    run(sys.executable, "-m", "venv", directory / "venv")
    what = f"{distributions().wheel}[{extra}]" if extra else distributions().wheel
    run(python, "-m", "pip", "install", "-q", "--no-compile", what)
    return python


def run(*words: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints that knows nothing of this checkout."""
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
