"""Moves an agent's tasks to other agents.

It needs only Python, so ssh can run it on a machine that reaches the masters.

`ssh HOST python3 - MASTER AGENT < bare.py` takes the arguments and options of `cdktf-mesos drain`.

From Mesos 1.9 it calls DRAIN_AGENT (Mesos docs, "Performing Node Maintenance"): the master ends the agent's tasks, each
with its grace period, and offers the agent's resources to nobody until `--undo`. Before 1.9 it makes a maintenance
schedule, which asks frameworks to move their tasks. The tasks of frameworks that do not do so are listed at the end.
"""

from __future__ import annotations

import argparse
import json
import ssl
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

Json = dict[str, Any]

# The first minor release whose masters can drain an agent (Mesos CHANGELOG, 1.9.0).
_DRAINS_FROM = (1, 9)

# How long the scheduled maintenance of an agent lasts, in nanoseconds: a day.
_WINDOW = 86_400_000_000_000


class Refused(Exception):  # noqa: N818 (an answer, not a fault)
    """The request cannot be carried out; the message tells the user why."""


class Master:
    """The leading master.

    Args:
        url: the URL of any master, `http://10.0.0.11:5050`, or with https if they have TLS.
        credential: principal and secret, if the masters require them.
        ca: the file of the authority that has signed the masters' certificates; by default the machine's own are used.

    Raises:
        Refused: the master does not answer, or knows no leader.
    """

    def __init__(self, url: str, credential: tuple[str, str] | None = None, ca: Path | None = None) -> None:
        self._url, self._headers, self._open = url.rstrip("/"), headers_of(credential), _opener(ca)
        leader = self.state().get("leader_info")
        if not leader:
            raise Refused(f"{url} knows no leading master")
        self._url = f"{self._url.partition(':')[0]}://{leader['hostname']}:{leader['port']}"

    def state(self) -> Json:
        """The whole state of the cluster."""
        answer: Json = json.loads(self._ask("/state"))
        return answer

    def call(self, kind: str, **body: Json) -> None:
        """A call of the operator API."""
        self._ask("/api/v1", {"type": kind, **body})

    def post(self, path: str, body: object) -> None:
        """A call of the older API."""
        self._ask(path, body)

    def get(self, path: str) -> Json:
        """The JSON document at a path."""
        answer: Json = json.loads(self._ask(path) or b"{}")
        return answer

    def _ask(self, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data, headers=self._headers)
        try:
            with self._open(request, timeout=10) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            raise Refused(f"{self._url}{path}: {error.code}: {error.read().decode(errors='replace')}") from None
        except OSError as error:
            raise Refused(f"{self._url}{path}: {error}") from None


def _opener(ca: Path | None) -> Callable[..., Any]:
    """What opens a request. It uses no proxy: one from the environment would get the masters' password.

    Raises:
        Refused: the file of the authority cannot be read.
    """
    try:
        tls = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise Refused(f"--ca {ca}: {error}") from None
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
    return urllib.request.build_opener(*handlers).open


def headers_of(credential: tuple[str, str] | None) -> dict[str, str]:
    """The headers of a request to a master."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if credential:
        headers["Authorization"] = f"Basic {b64encode(':'.join(credential).encode()).decode()}"
    return headers


def find(state: Json, wanted: str) -> Json:
    """The agent with that id, address or `address:port`.

    Raises:
        Refused: no agent has it, or more than one.
    """
    agents = [each for each in state["slaves"] if each.get("active", True) or each.get("deactivated")]
    found = [
        each
        for each in agents
        if wanted in (each["id"], each["hostname"], f"{each['hostname']}:{each['port']}", _address(each))
    ]
    if len(found) != 1:
        there = ", ".join(sorted(f"{each['hostname']}:{each['port']}" for each in agents))
        raise Refused(f"{len(found)} agents match {wanted}; all agents: {there or 'none'}")
    return dict(found[0])


def is_drained_by_call(state: Json) -> bool:
    """Whether the masters drain agents by a call; otherwise by a schedule for their machines."""
    return _release(state) >= _DRAINS_FROM


def is_drained(master: Master, state: Json, agent: Json) -> bool:
    """Whether an agent gets no tasks because somebody has said so.

    It is drained or deactivated; with masters that drain by a schedule, its machine is in that.
    """
    if is_drained_by_call(state):
        return "drain_info" in agent or bool(agent.get("deactivated"))
    windows = master.get("/maintenance/schedule").get("windows", [])
    return any(_machine(agent) in window["machine_ids"] for window in windows)


def tasks_of(state: Json, agent: str) -> list[str]:
    """The tasks of an agent that have not ended, each with its framework."""
    return sorted(
        f"{task['name']} of {framework['name']} ({task['state']})"
        for framework in state["frameworks"]
        for task in framework["tasks"]
        if task["slave_id"] == agent and task["state"] != "TASK_UNREACHABLE"
    )


def drain(
    master: Master,
    wanted: str,
    *,
    seconds: float,
    grace: float | None,
    tell: Callable[[str], object],
    progress: Callable[[int], object] = lambda left: None,
) -> None:
    """Move an agent's tasks to other agents; returns when it has no tasks left. It may be called again.

    Args:
        master: the leading one.
        wanted: the agent's id or address; if a machine has several agents, the address with the port.
        seconds: how long all tasks may take.
        grace: how long each task may take to end, at most, in seconds; None for its framework's value.
        tell: called with each message.
        progress: called with the number of tasks left, each time that it has been read; by default nothing is called.

    Raises:
        Refused: there is no such agent; tasks are left when the time is over.
    """
    state = master.state()
    agent = find(state, wanted)
    request_drain(master, state, agent, grace)
    await_no_tasks(master, wanted, agent["id"], seconds=seconds, tell=tell, progress=progress)


def request_drain(master: Master, state: Json, agent: Json, grace: float | None) -> None:
    """Have the master move an agent's tasks. It may be called again.

    Args:
        master: the leading one.
        state: the state of the cluster.
        agent: the agent in it.
        grace: how long each task may take to end, at most, in seconds; None for its framework's value.
    """
    if is_drained_by_call(state):
        body: Json = {"agent_id": {"value": agent["id"]}}
        if grace is not None:
            body["max_grace_period"] = {"nanoseconds": int(grace * 1e9)}
        master.call("DRAIN_AGENT", drain_agent=body)
    else:
        schedule = _without(master.get("/maintenance/schedule"), agent)
        window = {"start": {"nanoseconds": time.time_ns()}, "duration": {"nanoseconds": _WINDOW}}
        schedule["windows"].append({"machine_ids": [_machine(agent)], "unavailability": window})
        master.post("/maintenance/schedule", schedule)


def await_no_tasks(
    master: Master,
    wanted: str,
    agent: str,
    *,
    seconds: float,
    tell: Callable[[str], object],
    progress: Callable[[int], object] = lambda left: None,
) -> None:
    """Return when an agent that is drained has no tasks left.

    Args:
        master: the leading one.
        wanted: what messages call the agent.
        agent: its id.
        seconds: how long all tasks may take.
        tell: called with each message.
        progress: called with the number of tasks left, each time that it has been read; by default nothing is called.

    Raises:
        Refused: tasks are left when the time is over.
    """
    deadline, shown = time.monotonic() + seconds, -1
    while left := tasks_of(master.state(), agent):
        progress(len(left))
        if time.monotonic() > deadline:
            raise Refused(f"{wanted} still has {len(left)} tasks after {seconds:g} s: {', '.join(left)}")
        if len(left) != shown:
            shown = len(left)
            tell(f"{wanted}: {shown} tasks left")
        time.sleep(0.5)
    progress(0)
    tell(f"{wanted}, agent {agent}, has no tasks, and gets none")


def undo(master: Master, wanted: str) -> None:
    """Let an agent get tasks again, after a drain.

    Raises:
        Refused: there is no such agent.
    """
    state = master.state()
    agent = find(state, wanted)
    if is_drained_by_call(state):
        master.call("REACTIVATE_AGENT", reactivate_agent={"agent_id": {"value": agent["id"]}})
    else:
        master.post("/maintenance/schedule", _without(master.get("/maintenance/schedule"), agent))


def main() -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="drain", description="Moves an agent's tasks elsewhere.")
    parser.add_argument("master", help="any master: http://10.0.0.11:5050, or https with TLS")
    parser.add_argument("agent", help="its address, with :port if a machine has several agents, or its id")
    parser.add_argument("--seconds", type=float, default=600, help="how long it may take; default: 600")
    parser.add_argument("--grace", type=float, help="seconds for each task to end, at most; default: its framework's")
    parser.add_argument(
        "--credential",
        type=Path,
        metavar="FILE",
        help='if the masters require one: the file `operator` of the secrets, or {"principal": "…", "secret": "…"}',
    )
    parser.add_argument("--ca", type=Path, metavar="FILE", help="for https: the authority of the masters, a PEM file")
    parser.add_argument("--undo", action="store_true", help="let the agent get tasks again")
    arguments = parser.parse_args()
    try:
        credential = read_credential(arguments.credential) if arguments.credential else None
        master = Master(arguments.master, credential, arguments.ca)
        if arguments.undo:
            undo(master, arguments.agent)
        else:
            drain(master, arguments.agent, seconds=arguments.seconds, grace=arguments.grace, tell=print)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def read_credential(path: Path) -> tuple[str, str]:
    """Principal and secret from a file.

    It has the form of the agents' flag `credential` (Mesos docs, authentication), or it is a file of a cluster's
    secrets: its name is the principal, and its text the secret.

    Raises:
        Refused: the file cannot be read, or has another form. The message does not show its content.
    """
    try:
        text = path.read_text()
        if text.isalnum() and text.isascii():
            return path.name, text
        found = json.loads(text)
        return str(found["principal"]), str(found["secret"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = error.strerror if isinstance(error, OSError) else 'not {"principal": "…", "secret": "…"}'
        raise Refused(f"--credential {path}: {what}") from None


def _release(state: Json) -> tuple[int, int]:
    major, minor = state["version"].split(".")[:2]
    return int(major), int(minor)


def _address(agent: Json) -> str:
    """`slave(1)@10.0.0.21:5051` → `10.0.0.21`."""
    return str(agent["pid"]).rpartition("@")[2].rpartition(":")[0]


def _machine(agent: Json) -> Json:
    return {"hostname": agent["hostname"], "ip": _address(agent)}


def _without(schedule: Json, agent: Json) -> Json:
    """A schedule without the agent's machine."""
    windows = []
    for window in schedule.get("windows", []):
        left = [each for each in window["machine_ids"] if each != _machine(agent)]
        if left:
            windows.append({**window, "machine_ids": left})
    return {"windows": windows}


if __name__ == "__main__":
    sys.exit(main())
