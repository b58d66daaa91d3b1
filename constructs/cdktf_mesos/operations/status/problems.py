"""Describes what is not well, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta, timezone

from cdktf_mesos.container.names import GATE
from cdktf_mesos.operations.preview.images import version
from cdktf_mesos.operations.status.report import Row
from cdktf_mesos.operations.status.seen import Container, Seen

# How long before its end a certificate is a problem: time enough for a roll by hand.
_SOON = timedelta(days=14)


def member_problems(row: Row) -> Iterator[str]:
    """What is not well with a member."""
    wanted, container = row.wanted, row.container
    name = f"{wanted.container} on {wanted.host.name}"
    if row.unknown:
        if row.forgotten:
            yield f"{name}: {_forgotten(row)}"
        return
    if container is None:
        yield (
            f"{name} is not deployed yet: {wanted.stack} comes with the next deploy"
            if wanted.deployed is None
            else f"{name} is missing, though the state of {wanted.stack} has it: the next deploy makes it again"
        )
        return
    if wanted.deployed is None:
        yield (
            f"{name} is not in the state of {wanted.stack}: a deploy runs, or was killed, or the state was lost. If no "
            "deploy runs, let the state have the container before the next one: cdktf-mesos adopt"
        )
    if wanted.failed:
        yield f"{name}: its last start failed, as the state of {wanted.stack} shows: the next deploy replaces it"
    if not container.runs:
        ended = f", exit code {container.exit_code}" if container.state == "exited" else ""
        yield f"{name} does not run: its container is {container.state}{ended}"
    if container.version != wanted.pinned and wanted.deployed is not None:
        yield f"{name} has {version(container.version)}, pinned is {version(wanted.pinned)}: {_behind(row)}"
    # A container that was adopted, and not replaced since, has no version in the state.
    elif wanted.deployed not in (None, "", container.version):
        yield f"{name} has {container.version}, but the state of {wanted.stack} has {wanted.deployed}"
    if container.runs:
        yield from _health(row, container, name)
    if container.certificate_ends:
        yield from _certificate(container.certificate_ends, name)


def _certificate(ends: str, name: str) -> Iterator[str]:
    left = datetime.fromisoformat(ends.rstrip("Z")).replace(tzinfo=timezone.utc) - datetime.now(timezone.utc)
    if left < _SOON:
        when = f"ends in {left.days} d" if left > timedelta() else "has ended"
        yield f"{name}: its certificate {when} ({ends}): replace its files, and deploy"


def _behind(row: Row) -> str:
    if row.wanted.deployed == row.wanted.pinned:
        return f"the state of {row.wanted.stack} has the pinned version; the next deploy compares the two"
    return f"the roll has not come to {row.wanted.stack}"


def _health(row: Row, container: Container, name: str) -> Iterator[str]:
    if container.health == "unhealthy":
        yield f"{name} is unhealthy" + (f": {container.output}" if container.output else "")
    elif container.health == "starting":
        yield f"{name} is starting"
    elif row.reported and not row.reported.serves:
        yield f"{name} does not serve" + ("" if row.reported.listens else f": nothing listens on {row.wanted.address}")
    if row.forgotten:
        yield f"{name}: {_forgotten(row)}"
    elif row.agent and row.agent.state != "active":
        yield f"{name}: the agent is {row.agent.state}, with {row.agent.tasks} tasks" + _way_back(row.agent.state)


def _forgotten(row: Row) -> str:
    return f"the leading master does not know an agent at {row.wanted.address}"


def _way_back(state: str) -> str:
    return "; `cdktf-mesos drain --undo` lets it have tasks again" if state in ("draining", "drained") else ""


def set_problems(rows: Sequence[Row]) -> Iterator[str]:
    """What is not well with the set of these members."""
    leads = [row.reported.leads for row in rows if row.reported and row.reported.leads is not None]
    reported = [row.reported for row in rows if row.reported]
    if leads and not any(leads) and len(reported) == len(rows):
        yield f"{rows[0].wanted.set}: no {rows[0].wanted.role} leads"
    if sum(leads) > 1:
        yield f"{rows[0].wanted.set}: {sum(leads)} members say that they lead"


def host_problems(host: str, seen: Seen, members: Collection[str], ours: Collection[str]) -> Iterator[str]:
    """What an unfinished roll, a program that has changed, or an executor left on a host.

    Args:
        host: its name.
        seen: what is on it.
        members: the names of the containers of the members that should be on it.
        ours: the names of the containers of the program and of its states. Any other container belongs to another
            project on the same engine.
    """
    for name, container in sorted(seen.containers.items()):
        if name not in ours:
            continue
        if container.role is not None:
            if name not in members:
                yield f"{name} on {host} is not in the program: its container is {container.state}"
        elif container.makes_backups:
            if not container.runs:
                yield f"{name} on {host} is {container.state}, so it makes no backups"
            elif container.health == "unhealthy":
                yield f"{name} on {host}: {container.output}"
        elif container.runs:
            # A check that has passed keeps running for a while, and is healthy. The container that removes old images
            # has no health check.
            if container.health in ("", "healthy"):
                continue
            what = "waits for its member" if name.endswith(GATE) else "runs"
            yield f"{name} on {host} {what}: a deploy is under way, or was broken off"
        elif container.is_watch:
            if container.since and not container.exit_code:
                yield f"{name} on {host}: the app was changed, but not by a deploy: {container.output}"
            else:
                yield f"{name} on {host} is {container.state}, so nobody notices if the app is changed by hand"
        elif container.exit_code:
            why = container.output or f"exit code {container.exit_code}"
            yield f"{name} on {host} refused: {why}"
    for agent, orphans in seen.orphans.items():
        names = ", ".join(orphans)
        yield (
            f"{agent} on {host}: tasks have ended for this agent, but their containers still run: {names}. "
            "The agent offers their resources to other tasks. Remove them with docker rm --force if nobody needs them"
        )
