"""What members say of themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docker.errors import APIError

from cdktf_mesos.operations.engine import Client

# What a shell or Docker returns where there is no such program.
_NO_PROGRAM = (126, 127)


@dataclass(frozen=True)
class Said:
    """What a member says of itself (role/status.sh).

    Args:
        listens: whether it accepts connections.
        serves: whether it serves within its set.
        release: the release that it says it is; empty where it does not.
        standing: its role in the set, such as `leader`; empty where it does not say.
        leads: whether it leads; None where its kind has no leader, or does not say.
        overview: further answers over HTTP, as JSON, by their paths.
    """

    listens: bool = False
    serves: bool = False
    release: str = ""
    standing: str = ""
    leads: bool | None = None
    overview: Mapping[str, Any] = field(default_factory=dict)


def ask(client: Client, containers: Sequence[str], script: str, arguments: Sequence[str]) -> Said | None:
    """Ask a member, from the first container that has bash; None where none has.

    Args:
        client: of the engine.
        containers: those that run on the machine, the member's own first. All have the machine's network.
        script: the script.
        arguments: its arguments.
    """
    for container in containers:
        try:
            run = client.exec_create(container, ["bash", "-c", script, "status", *arguments], stderr=False)
            output: bytes = client.exec_start(run["Id"])
            code = client.exec_inspect(run["Id"])["ExitCode"]
        except APIError:
            # It has no bash, or has ended since.
            continue
        if code not in _NO_PROGRAM:
            return read(output.decode(errors="replace"))
    return None


def read(output: str) -> Said:
    """Read what the script printed."""
    head, *answers = re.split(r"^answer (?=/)", output, flags=re.MULTILINE)
    found = dict(line.split("=", 1) for line in head.splitlines() if "=" in line)
    overview: dict[str, Any] = {}
    for answer in answers:
        path, _, content = answer.partition("\n")
        status, _, body = content.replace("\r\n", "\n").partition("\n\n")
        if re.match(r"HTTP/[0-9.]+ 200", status):
            try:
                overview[path] = json.loads(body)
            except ValueError:
                continue
    return Said(
        listens=found.get("listens") == "yes",
        serves=found.get("serves") == "yes",
        release=found.get("release", ""),
        standing=found.get("standing", ""),
        leads=found["leads"] == "yes" if "leads" in found else None,
        overview=overview,
    )
