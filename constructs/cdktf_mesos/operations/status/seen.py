"""What is on a host: its containers, and what the members report."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docker.errors import NotFound

from cdktf_mesos.container.names import APP_LABEL, BACKUPS_LABEL, ENDS_LABEL, LABEL, LOCK_LABEL
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.engine import Client, engine_of
from cdktf_mesos.operations.status.orphans import find_orphans
from cdktf_mesos.operations.status.self_report import SelfReport, ask
from cdktf_mesos.operations.status.wanted import Wanted

# The time that Docker shows if a container has never been started, or has not ended.
_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Container:
    """A container of the constructs.

    Args:
        name: its name.
        role: the member's role; None if the container only checks or watches something.
        is_watch: whether it watches an app on Marathon.
        makes_backups: whether it makes backups by a timer.
        version: the version in its label.
        state: Docker's word: running, exited, restarting, paused, created, dead.
        health: Docker's word: healthy, unhealthy, starting; empty if it has no health check.
        output: the last line of its health check; of its log, for a check that has failed and a watch that has ended.
        since: when it was started; empty if never.
        restarts: how often the engine has started it again.
        exit_code: its last exit code.
        certificate_ends: when its certificate ends, such as `2027-03-01T12:00:00Z`; empty if it has none.
    """

    name: str
    role: str | None
    is_watch: bool
    makes_backups: bool
    version: str
    state: str
    health: str
    output: str
    since: str
    restarts: int
    exit_code: int
    certificate_ends: str

    @property
    def runs(self) -> bool:
        """Whether its program runs."""
        return self.state == "running"


@dataclass(frozen=True)
class Seen:
    """What is on a host.

    Args:
        version: the version of its engine.
        containers: the containers of the constructs, by name.
        reported: what members report, by the names of their containers; None for a member whose script could not run.
        lock: who holds its lock, in words; empty if nobody does.
        orphans: the containers of tasks that have ended for their agent, by the agent's container.
    """

    version: str
    containers: Mapping[str, Container] = field(default_factory=dict)
    reported: Mapping[str, SelfReport | None] = field(default_factory=dict)
    lock: str = ""
    orphans: Mapping[str, Sequence[str]] = field(default_factory=dict)


def look(host: Host, members: Sequence[Wanted], seconds: float) -> Seen:
    """What is on a host.

    Args:
        host: the host.
        members: the members that should be on it.
        seconds: how long an answer of its engine may take.

    Raises:
        RuntimeError: its engine cannot be reached, or its connection is not known.
    """
    with engine_of(host, seconds) as client:
        version = str(client.version()["Version"])
        containers = {each.name: each for each in _containers(client)}
        running = [name for name, each in containers.items() if each.runs and each.role]
        reported: dict[str, SelfReport | None] = {}
        for member in members:
            if member.script and member.container in running:
                others = [name for name in running if name != member.container]
                reported[member.container] = ask(client, [member.container, *others], member.script, member.arguments)
        locks = client.containers(all=True, filters={"label": [LOCK_LABEL]})
        orphans = find_orphans(
            client, [each.container for each in members if each.runs_tasks and each.container in running]
        )
        return Seen(version, containers, reported, next((_holder(each) for each in locks), ""), orphans)


def _holder(lock: Mapping[str, Any]) -> str:
    return str(lock["Labels"][LOCK_LABEL]).partition(" ")[2]


def _containers(client: Client) -> list[Container]:
    found = []
    for label in (f"{LABEL}role", f"{LABEL}of", APP_LABEL, BACKUPS_LABEL):
        for each in client.containers(all=True, filters={"label": [label]}):
            # One that is being replaced may be gone by now.
            with contextlib.suppress(NotFound):
                found.append(_container(client, client.inspect_container(each["Id"])))
    return found


def _container(client: Client, found: Mapping[str, Any]) -> Container:
    state, labels = found["State"], found["Config"].get("Labels") or {}
    health = state.get("Health") or {}
    checks = health.get("Log") or [{}]
    output = str(checks[-1].get("Output", ""))
    is_check, is_watch = f"{LABEL}of" in labels, APP_LABEL in labels
    if not state.get("Running") and (is_watch or (is_check and state.get("ExitCode"))):
        output = client.logs(found["Id"], tail=1).decode(errors="replace")
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    since = state.get("StartedAt", _NEVER)
    return Container(
        name=found["Name"].lstrip("/"),
        role=labels.get(f"{LABEL}role"),
        is_watch=is_watch,
        makes_backups=BACKUPS_LABEL in labels,
        version=labels.get(f"{LABEL}version", ""),
        state=state.get("Status", ""),
        health="" if health.get("Status") in (None, "none") else health["Status"],
        output=lines[-1] if lines else "",
        since="" if since == _NEVER else since,
        restarts=found.get("RestartCount", 0),
        exit_code=state.get("ExitCode", 0),
        certificate_ends=labels.get(ENDS_LABEL, ""),
    )
