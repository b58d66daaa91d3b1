"""The status as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cdktf_mesos.operations.preview.images import version
from cdktf_mesos.operations.status.agents import Agent
from cdktf_mesos.operations.status.report import Backups, Row, Status

_GOOD = ("healthy", "serves")
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def table(status: Status, now: datetime, *, problems_first: bool = False) -> RenderableType:
    """Members, leaders, agents and what is not well.

    Args:
        status: the status.
        now: the current time, from which ages are computed.
        problems_first: whether what is not well comes first, for a terminal that shows only the first lines.
    """
    parts: list[RenderableType] = [_members(status.members, now), ""]
    if leaders := list(_leaders(status)):
        parts += [*leaders, ""]
    if status.agents is not None:
        parts += [_agents(status.agents, status.members), ""]
    if ends := list(_certificates(status.members)):
        parts += [*ends, ""]
    if backups := [_backup(each, now) for each in status.backups]:
        parts += [*backups, ""]
    found = [Text(f"Unknown: {text}", "yellow") for text in status.unknown]
    found += [Text(f"Not well: {text}", "red") for text in status.problems]
    locked = [Text(f"Locked: {', '.join(hosts)}: {holder}", "yellow") for holder, hosts in status.locked.items()]
    found = locked + (found or [Text("All is well.", "bold green")])
    return Group(*found, "", *parts[:-1]) if problems_first else Group(*parts, *found)


def _members(rows: Sequence[Row], now: datetime) -> Table:
    table = Table(
        "role", "host", "container", "runs", "pinned", "in its set", "for", "health", box=None, pad_edge=False
    )
    last = ""
    for row in rows:
        outdated = row.running and row.running != row.wanted.pinned
        table.add_row(
            Text("" if row.wanted.set == last else row.wanted.role, "bold"),
            Text(row.wanted.host.name),
            Text(row.wanted.container),
            Text(version(row.running) if row.running else "-", "yellow" if outdated else ""),
            Text(version(row.wanted.pinned)),
            Text(_standing(row), "bold" if row.reported and row.reported.leads else ""),
            _age(row, now),
            Text(row.health, "green" if row.health in _GOOD else "yellow" if row.health == "unknown" else "red"),
        )
        last = row.wanted.set
    return table


def _standing(row: Row) -> str:
    parts = [row.standing, _tasks(row.agent.tasks) if row.agent else ""]
    return ", ".join(filter(None, parts)) or "-"


def _tasks(number: int) -> str:
    return f"{number} task{'' if number == 1 else 's'}"


def _age(row: Row, now: datetime) -> str:
    """How long it has been running: `5 d`, `12 min`."""
    if not row.container or not row.container.runs or not row.container.since:
        return "-"
    return _since(row.container.since, now)


def _since(time: str, now: datetime) -> str:
    # Docker writes nanoseconds, and Python 3.10 reads no more than microseconds.
    begin = datetime.fromisoformat(time.partition(".")[0].rstrip("Z")).replace(tzinfo=timezone.utc)
    seconds = max(int((now - begin).total_seconds()), 0)
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "s"))
    return f"{seconds // size} {unit}"


def _backup(backups: Backups, now: datetime) -> Text:
    age = "none yet" if backups.last is None else f"{_since(backups.last, now)} ago"
    return Text(f"Last good backup of {backups.host}: {age}", "yellow" if backups.last is None else "")


def _certificates(rows: Sequence[Row]) -> Iterator[Text]:
    """The days on which certificates end, the first one first, with their members."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.container and row.container.certificate_ends:
            day = row.container.certificate_ends.partition("T")[0]
            found.setdefault(day, []).append(f"{row.wanted.container} on {row.wanted.host.name}")
    for day, members in sorted(found.items()):
        yield Text(f"Certificates end on {day}: {members[0] if len(members) == 1 else f'{len(members)} members'}")


def _leaders(status: Status) -> Iterator[Text]:
    for name, hosts in status.leaders.items():
        yield Text(f"Leader of {name}: {', '.join(hosts) or 'none'}", "" if len(hosts) == 1 else "red")


def _agents(agents: Sequence[Agent], rows: Sequence[Row]) -> Table:
    hosts = {row.wanted.address: row.wanted.host.name for row in rows}
    table = Table("agent", "host", "address", "runs", "state", "tasks", box=None, pad_edge=False)
    for agent in agents:
        style = "" if agent.state == "active" else "yellow"
        cells = (agent.id, hosts.get(agent.address, "not in the program"), agent.address, agent.release)
        table.add_row(*map(Text, cells), Text(agent.state, style), str(agent.tasks))
    return table
