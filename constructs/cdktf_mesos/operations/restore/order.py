"""The order in which a restored cluster starts: Marathon last, when the masters list the agents again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.engine import engine
from cdktf_mesos.operations.listed_agents import listed_agents
from cdktf_mesos.operations.project import Project
from cdktf_mesos.operations.restore.install import runs
from cdktf_mesos.operations.status.wanted import Wanted

_PAUSE_SECONDS = 2.0


def first_stacks(project: Project, members: Sequence[Wanted]) -> list[str]:
    """The stacks with ZooKeeper and masters, and those that these need, in the order of the roll."""
    needed = {each.stack for each in members if each.role in ("zookeeper", "master")}
    for stack in reversed(project.stacks):
        if stack.name in needed:
            needed.update(stack.dependencies)
    return [stack.name for stack in project.stacks if stack.name in needed]


def running_marathons(members: Sequence[Wanted], seconds: float) -> list[str]:
    """The instances of Marathon that run, or whose machine cannot be asked, each with the reason."""

    def job(member: Wanted) -> bool:
        if member.host.connection is None:
            return False
        with engine(member.host.connection, seconds) as client:
            return runs(client, member.container)

    instances = [each for each in members if each.role == "marathon"]
    answers = at_once({f"{each.container} on {each.host.name}": partial(job, each) for each in instances}, seconds)
    return [
        f"{name}: {answer if isinstance(answer, Exception) else 'it runs'}"
        for name, answer in answers.items()
        if answer
    ]


def await_agents(
    members: Sequence[Wanted], wanted: Mapping[str, str], seconds: float, limit: float, tell: Callable[[str], None]
) -> list[str]:
    """Wait until the leading master lists agents as active; returns the addresses of those that it does not list.

    Args:
        members: all members.
        wanted: the ids of the agents, by address; an empty id for any.
        seconds: how long a machine may take to answer.
        limit: how long to wait.
        tell: gets a line each time that the number of missing agents changes.
    """
    deadline, last = time.monotonic() + limit, -1
    while True:
        agents = listed_agents(members, seconds) or ()
        listed = {each.address: each.id for each in agents if each.state == "active"}
        missing = [place for place, name in wanted.items() if place not in listed or name not in ("", listed[place])]
        if len(missing) != last:
            last = len(missing)
            tell(f"{len(wanted) - last} of {len(wanted)} agents are back")
        if not missing or time.monotonic() > deadline:
            return missing
        time.sleep(_PAUSE_SECONDS)
