"""The main functions of both executors."""

from __future__ import annotations

import functools
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from .command import Command, command_arguments
from .docker import Container, run_arguments
from .duration import seconds
from .executor import Executor
from .log import log
from .process import leave
from .protocol import load_messages

DESCRIPTORS = Path(__file__).resolve().parent.parent / "mesos.desc"
"""The definitions of the messages, extracted from the release's library; in the folder of the programs."""


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


def run_docker() -> None:
    """Runs the executor of a Docker task; does not return."""
    log(f"mesos-docker-executor of a test image, not the public one: {' '.join(sys.argv[1:])}")
    flags = parse_flags(sys.argv[1:])
    container = Container(flags["container"], flags["docker"], f"unix://{flags['docker_socket']}")
    arguments = functools.partial(
        run_arguments,
        container=flags["container"],
        sandbox=flags["sandbox_directory"],
        mapped_sandbox=flags["mapped_directory"],
        container_dns=json.loads(flags.get("default_container_dns", "{}")),
    )
    _serve(container, arguments, seconds(flags.get("stop_timeout", "0ns")))


def run_commands() -> None:
    """Runs the executor of a command task; does not return."""
    log("mesos-executor of a test image, not the public one")
    _serve(Command(), command_arguments, seconds(os.environ.get("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "5secs")))


def _serve(container: Container | Command, arguments: Callable[[Any], list[str]], grace: float) -> NoReturn:
    threading.excepthook = _end
    Executor(os.environ, load_messages(DESCRIPTORS), container, arguments, grace).serve()


def _end(fault: threading.ExceptHookArgs) -> NoReturn:
    """End the whole process at a fault in one thread. Otherwise the task would keep its state for ever."""
    traceback.print_exception(fault.exc_value)
    leave("a fault of this executor")
