"""The status as a whole: members, leaders, agents, and what is not well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cdktf_mesos.operations.status.agents import Agent
from cdktf_mesos.operations.status.seen import Container
from cdktf_mesos.operations.status.self_report import SelfReport
from cdktf_mesos.operations.status.wanted import Wanted

# The version of the JSON document. It changes when a field is renamed or removed, or gets another meaning.
FORMAT = 1


@dataclass(frozen=True)
class Row:
    """A member of the program, and what was found of it.

    Args:
        wanted: what the program wants.
        container: its container on the host; None if it is missing, or the host cannot be reached.
        reported: what the member reports about itself; None if its script could not run.
        agent: what the leading master knows of it, if it is an agent.
        forgotten: whether it is an agent and the leading master does not know it.
        unknown: why nothing is known; empty if its host could be reached.
    """

    wanted: Wanted
    container: Container | None
    reported: SelfReport | None
    agent: Agent | None
    forgotten: bool = False
    unknown: str = ""

    @property
    def state(self) -> str:
        """Docker's word for its container's state, or why there is none."""
        if self.unknown:
            return "unknown"
        if self.container is None:
            return "not deployed" if self.wanted.deployed is None else "missing"
        return self.container.state

    @property
    def running(self) -> str:
        """The version of its container; empty if it does not run."""
        return self.container.version if self.container and self.container.runs else ""

    @property
    def health(self) -> str:
        """The result of Docker's health check; without one, whether it serves; if it does not run, its state."""
        if self.container is None or not self.container.runs:
            return self.state
        if self.container.health:
            return self.container.health
        return "unknown" if self.reported is None else "serves" if self.reported.serves else "does not serve"

    @property
    def standing(self) -> str:
        """Its role in its set; for an agent that is not active, its state on the leading master."""
        reported = self.reported.standing if self.reported else ""
        return self.agent.state if self.agent and self.agent.state != "active" else reported

    def as_json(self) -> dict[str, Any]:
        """The member as a part of the document."""
        return {
            "stack": self.wanted.stack,
            "host": self.wanted.host.name,
            "set": self.wanted.set,
            "role": self.wanted.role,
            "container": self.wanted.container,
            "address": self.wanted.address,
            "pinned": self.wanted.pinned,
            "in_state": self.wanted.deployed,
            "running": self.running or None,
            "release": (self.reported and self.reported.release) or None,
            "state": self.state,
            "standing": self.standing or None,
            "leads": self.reported.leads if self.reported else None,
            "since": (self.container and self.container.since) or None,
            "restarts": self.container.restarts if self.container else None,
            "health": self.health,
            "tasks": self.agent.tasks if self.agent else None,
            "certificate_ends": (self.container and self.container.certificate_ends) or None,
        }


@dataclass(frozen=True)
class HostReport:
    """A host: the version of its engine, or why it cannot be reached."""

    name: str
    engine: str
    version: str | None
    error: str | None


@dataclass(frozen=True)
class Backups:
    """The backups that a timer makes on a host.

    Args:
        host: the host.
        container: the container that makes them.
        last: the time of the last good one, such as `2026-11-29T06:50:00Z`; None if there is none.
    """

    host: str
    container: str
    last: str | None


@dataclass(frozen=True)
class Status:
    """The whole status.

    Args:
        members: in the order of the roll.
        hosts: all hosts.
        agents: the agents that the leading masters know; None if no master lists them.
        unknown: what could not be found out, in plain words.
        problems: what is not well.
        locked: the machines whose lock somebody holds, by who holds it, in words.
        backups: the backups that timers make.
    """

    members: Sequence[Row]
    hosts: Sequence[HostReport]
    agents: Sequence[Agent] | None
    unknown: Sequence[str]
    problems: Sequence[str]
    locked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    backups: Sequence[Backups] = ()

    @property
    def leaders(self) -> Mapping[str, Sequence[str]]:
        """The hosts of the members that lead, by set. Sets of roles that never have leaders are left out."""
        found: dict[str, list[str]] = {}
        for row in self.members:
            if row.reported and row.reported.leads is not None:
                found.setdefault(row.wanted.set, []).extend([row.wanted.host.name] if row.reported.leads else [])
        return found

    def exit_code(self) -> int:
        """0: all is well, 1: something could not be found out, 2: something is not well."""
        return 2 if self.problems else 1 if self.unknown else 0

    def as_json(self) -> dict[str, Any]:
        """The status as a document."""
        return {
            "format": FORMAT,
            "well": not self.problems and not self.unknown,
            "complete": not self.unknown,
            "problems": list(self.problems),
            "unknown": list(self.unknown),
            "locked": {holder: list(hosts) for holder, hosts in self.locked.items()},
            "leaders": {name: list(hosts) for name, hosts in self.leaders.items()},
            "members": [row.as_json() for row in self.members],
            "agents": None if self.agents is None else [asdict(agent) for agent in self.agents],
            "backups": [asdict(each) for each in self.backups],
            "hosts": [asdict(host) for host in self.hosts],
        }
