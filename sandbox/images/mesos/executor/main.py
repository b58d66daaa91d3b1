"""The executor's start."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .executor import Executor
from .log import log
from .protocol import load_messages

DESCRIPTORS = Path(__file__).resolve().parent.parent / "mesos.desc"
"""Beside the programs; made from the release's library."""


def parse_flags(arguments: Sequence[str]) -> dict[str, str]:
    """Flags as the agent writes them: `--name=value`; `--name` and `--no-name` are booleans."""
    flags = {}
    for argument in arguments:
        name, equals, value = argument.removeprefix("--").partition("=")
        if equals:
            flags[name] = value
        elif name.startswith("no-"):
            flags[name.removeprefix("no-")] = "false"
        else:
            flags[name] = "true"
    return flags


def main() -> None:
    """Runs the executor; does not return."""
    log(f"mesos-docker-executor of a test image, not the public one: {' '.join(sys.argv[1:])}")
    Executor(parse_flags(sys.argv[1:]), os.environ, load_messages(DESCRIPTORS)).serve()
