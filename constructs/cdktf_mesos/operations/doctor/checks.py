"""The machine checks of a program, and a run of them on a host."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from cdktf_mesos.container.names import FOR_COMMANDS, LABEL, MACHINE_CHECK
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.engine import Client, engine, pull
from cdktf_mesos.operations.expressions import evaluate
from cdktf_mesos.operations.stack_states import Resources
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform

# How long an engine may take to answer with its version, in seconds. It is short, so that a hanging engine is noticed
# soon.
_ANSWER_SECONDS = 20

# How many lines of a check's log are read, from its end. The log has a line for each problem.
_LINES = 200


@dataclass(frozen=True)
class Check:
    """A machine check that the program makes for a deploy.

    Args:
        images: the image that it runs in, and those of the docker commands that it runs.
        command: the script and its arguments.
        environment: what the script reads, `NAME=value`.
        mounts: the directories of the machine that it sees, in Docker's form.
        user: the user that it runs as.
        security_options: Docker's `--security-opt`.
    """

    images: Sequence[str]
    command: Sequence[str]
    environment: Sequence[str]
    mounts: Sequence[str]
    user: str
    security_options: Sequence[str]


@dataclass(frozen=True)
class Examined:
    """What was found on a machine.

    Args:
        version: the version of its engine.
        checks: how many checks ran.
        findings: the problems that members would have on it.
        notes: what could not be checked.
    """

    version: str
    checks: int
    findings: Sequence[str]
    notes: Sequence[str]


class Findings:
    """Collects what checks print, each line once.

    A check that fails prints what is wrong. A check that passes prints what it could not check.
    """

    def __init__(self) -> None:
        self.findings: dict[str, None] = {}
        self.notes: dict[str, None] = {}

    def add(self, code: int, lines: Sequence[str]) -> None:
        """Add the exit code and the lines of a check."""
        if code and not lines:
            lines = [f"the check ended with exit code {code}, and printed nothing"]
        (self.findings if code else self.notes).update(dict.fromkeys(lines))


def checks_of(
    stacks: Sequence[Stack], host: Host, states: Mapping[str, Resources], terraform: Terraform
) -> list[Check]:
    """The checks of a host, each once.

    Raises:
        RuntimeError: an older cdktf-mesos wrote the output; a value that a check needs is not known yet.
    """
    found: dict[str, Check] = {}
    for stack in (each for each in stacks if each.name in host.stacks):
        for name, block in stack.resources("docker_container").items():
            if name.startswith(MACHINE_CHECK) and stack.host(f"docker_container.{name}") == host.name:
                check = _check(
                    block, lambda value, stack=stack: evaluate(terraform, stack, states.get(stack.name, ()), value)
                )
                found.setdefault(repr(check), check)
    return list(found.values())


def examine(host: Host, checks: Sequence[Check], seconds: float, *, keep_images: bool) -> Examined:
    """Run the checks on a host, and remove their containers and what they pulled.

    Args:
        host: the host.
        checks: its checks.
        seconds: how long an answer of the engine may take, the pull of an image included.
        keep_images: whether images that had to be pulled stay, for the deploy.

    Raises:
        RuntimeError: the engine cannot be reached, or cannot run the checks.
    """
    if host.connection is None:
        raise RuntimeError(host.error)
    found = Findings()
    with engine(host.connection, min(seconds, _ANSWER_SECONDS)) as client, ExitStack() as afterwards:
        version = str(client.version()["Version"])
        # From here on the longer limit: a pull takes longer than an answer, and a check may, too.
        client.timeout = int(seconds)
        for check in checks:
            for image in check.images:
                if pull(client, image, host.connection) and not keep_images:
                    afterwards.callback(client.remove_image, image)
            found.add(*_run(client, check, seconds))
    return Examined(version, len(checks), list(found.findings), list(found.notes))


def _check(block: Mapping[str, Any], value_of: Any) -> Check:
    known = block.get("//", {}).get(FOR_COMMANDS)
    if known is None:
        raise RuntimeError("cdktf.out was written by an older cdktf-mesos: synthesise again")
    # OVERRIDE lets a check pass in any case. That is for deploys; here the problems are to be shown. DOCKER_COMMANDS
    # has results of Terraform's pulls, which do not exist yet; here it has the images' names.
    replaced = {"OVERRIDE": "false", "DOCKER_COMMANDS": known["docker_commands"]}
    environment = [each for each in block.get("env", ()) if each.partition("=")[0] not in replaced]
    *command, _ = block["entrypoint"]
    mounts = [
        f"{each['host_path']}:{each['container_path']}:{'ro' if each.get('read_only') else 'rw'}"
        for each in block.get("volumes", ())
    ]
    return Check(
        images=known["images"],
        # The script's last argument is how long a check keeps running after it has passed, so that Terraform sees it.
        # Terraform does not wait here: 0.
        command=[*value_of(command), "0"],
        environment=[*value_of(environment), *(f"{name}={value}" for name, value in replaced.items())],
        mounts=value_of(mounts),
        user=block.get("user", ""),
        security_options=block.get("security_opts", ()),
    )


def _run(client: Client, check: Check, seconds: float) -> tuple[int, list[str]]:
    container = client.create_container(
        check.images[0],
        name=f"cdktf-mesos-doctor-{uuid.uuid4().hex[:12]}",
        entrypoint=list(check.command),
        environment=list(check.environment),
        labels={f"{LABEL}doctor": "yes"},
        user=check.user or None,
        host_config=client.create_host_config(
            binds=list(check.mounts), network_mode="host", security_opt=list(check.security_options) or None
        ),
    )["Id"]
    try:
        client.start(container)
        code = int(client.wait(container, timeout=int(seconds))["StatusCode"])
        text = client.logs(container, tail=_LINES).decode(errors="replace")
    finally:
        client.remove_container(container, force=True, v=True)
    return code, [_without_machine(line) for line in text.splitlines() if line.strip()]


def _without_machine(line: str) -> str:
    """A line of a check without the machine's name in front, as in `c1 (10.0.0.11): port 5050: …`."""
    return re.sub(r"^\S+ \([0-9.]+\): ", "", line)
