"""What members report about themselves."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docker.errors import APIError
from requests import HTTPError

from cdktf_mesos.operations.engine import Client

# The exit codes of a shell or Docker if a program does not exist.
_NO_PROGRAM = (126, 127)

_HEAD = struct.Struct(">BxxxL")


@dataclass(frozen=True)
class SelfReport:
    """What a member reports about itself (role/status.sh).

    Args:
        listens: whether it accepts connections.
        serves: whether it serves within its set.
        release: the release that it reports; empty if it reports none.
        standing: its role in the set, such as `leader`; empty if it does not report one.
        leads: whether it leads; None if its role never has leaders, or it does not report that.
        overview: further answers over HTTP, as JSON, by their paths.
    """

    listens: bool = False
    serves: bool = False
    release: str = ""
    standing: str = ""
    leads: bool | None = None
    overview: Mapping[str, Any] = field(default_factory=dict)


def ask(client: Client, containers: Sequence[str], script: str, arguments: Sequence[str]) -> SelfReport | None:
    """Run a member's script in the first container that has bash; None if none has it.

    Args:
        client: the client of the engine.
        containers: the containers that run on the machine, the member's own first. All use the machine's network.
        script: the script.
        arguments: the script's arguments.
    """
    outputs = (run_script(client, container, script, ["status", *arguments]) for container in containers)
    output = next((each for each in outputs if each is not None), None)
    return None if output is None else read(output)


def run_script(client: Client, container: str, script: str, words: Sequence[str]) -> str | None:
    """What a bash script prints in a container; None if the container has no bash, or does not run.

    Args:
        client: the client of the engine.
        container: the container.
        script: the script.
        words: the script's name, and its arguments.
    """
    try:
        run = client.exec_create(container, ["bash", "-c", script, *words], stderr=False)["Id"]
        output = _output(client, run)
        code = client.exec_inspect(run)["ExitCode"]
    except (APIError, HTTPError):
        return None
    return None if code in _NO_PROGRAM else output.decode(errors="replace")


def _output(client: Client, run: str) -> bytes:
    """What a command in a container writes to standard output.

    The client's own `exec_start` is not used: it has no time limit, and loses data that comes in the same packet as the
    head of the answer (docker-py, APIClient._get_raw_response_socket).
    """
    url = f"{client.base_url}/v{client.api_version}/exec/{run}/start"
    answer = client.post(url, json={"Detach": False, "Tty": False}, timeout=client.timeout)
    answer.raise_for_status()
    stream, parts = answer.content, []
    # Before each part are its kind, which is 1 for standard output, and its length (Docker Engine API, attach).
    while len(stream) >= _HEAD.size:
        kind, length = _HEAD.unpack_from(stream)
        parts.append(stream[_HEAD.size : _HEAD.size + length] if kind == 1 else b"")
        stream = stream[_HEAD.size + length :]
    return b"".join(parts)


def read(output: str) -> SelfReport:
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
    return SelfReport(
        listens=found.get("listens") == "yes",
        serves=found.get("serves") == "yes",
        release=found.get("release", ""),
        standing=found.get("standing", ""),
        leads=found["leads"] == "yes" if "leads" in found else None,
        overview=overview,
    )
