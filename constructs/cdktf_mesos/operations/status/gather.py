"""Gathers the status from synthesised stacks, states, engines and members."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.deployed import read_deployed
from cdktf_mesos.operations.leftovers import leftovers
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.stack_states import Resources
from cdktf_mesos.operations.status.agents import Agent, read_agents
from cdktf_mesos.operations.status.problems import host_problems, member_problems, set_problems
from cdktf_mesos.operations.status.report import Backups, HostReport, Row, Status
from cdktf_mesos.operations.status.seen import Seen, look
from cdktf_mesos.operations.status.wanted import Wanted
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.states import read_resources


def gather(directory: Path, stacks: Sequence[Stack], processes: Processes, seconds: float) -> Status:
    """The status.

    Args:
        directory: where cdktf.json is.
        stacks: what was synthesised.
        processes: runs Terraform, if it is needed.
        seconds: how long a host may take.

    Raises:
        RuntimeError: a state cannot be read; the synthesised output lacks what status needs.
        ValueError: a state is cut off.
    """
    deployed = read_deployed(stacks, processes)
    hosts, members = deployed.hosts, deployed.members
    jobs = {host: partial(look, host, [each for each in members if each.host is host], seconds) for host in hosts}
    answers = at_once(jobs, seconds)
    seen = {host: answer for host, answer in answers.items() if isinstance(answer, Seen)}
    errors = {host: str(answer) for host, answer in answers.items() if isinstance(answer, Exception)}
    agents = _agents(seen.values())
    rows = [_row(each, seen, errors, agents) for each in members]
    ours = _ours(directory, stacks, deployed.states)
    return Status(
        members=rows,
        hosts=[
            HostReport(
                host.name,
                host.connection.engine if host.connection else "",
                seen[host].version if host in seen else None,
                errors.get(host),
            )
            for host in hosts
        ],
        agents=None if agents is None else list(agents.values()),
        unknown=_unknown(rows, errors),
        problems=_problems(rows, seen, ours, leftovers(directory, stacks)),
        locked=_locked(seen),
        backups=list(_backups(seen, ours)),
    )


def _locked(seen: Mapping[Host, Seen]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for host, here in seen.items():
        if here.lock:
            found.setdefault(here.lock, []).append(host.name)
    return found


def _agents(seen: Iterable[Seen]) -> dict[str, Agent] | None:
    """The agents that all leading masters list, by address; None if no master lists its agents."""
    found: dict[str, Agent] | None = None
    for each in seen:
        for reported in each.reported.values():
            if reported and (agents := read_agents(reported.overview)) is not None:
                found = {**(found or {}), **{agent.address: agent for agent in agents}}
    return found


def _backups(seen: Mapping[Host, Seen], ours: Collection[str]) -> Iterator[Backups]:
    """What the timers' health checks say. The name of an archive ends with its time, `20261129T065000Z`."""
    for host, here in seen.items():
        for name, container in sorted(here.containers.items()):
            if container.makes_backups and name in ours:
                found = re.search(r"-(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)[.]tar[.]gz", container.output)
                last = "{}-{}-{}:{}:{}".format(*found.groups()) if found else None
                yield Backups(host.name, name, last)


def _row(
    member: Wanted, seen: Mapping[Host, Seen], errors: Mapping[Host, str], agents: Mapping[str, Agent] | None
) -> Row:
    agent = (agents or {}).get(member.address)
    forgotten = member.runs_tasks and agents is not None and agent is None
    if member.host in errors:
        return Row(member, None, None, agent, forgotten, errors[member.host])
    here = seen[member.host]
    return Row(member, here.containers.get(member.container), here.reported.get(member.container), agent, forgotten)


def _unknown(rows: Sequence[Row], errors: Mapping[Host, str]) -> list[str]:
    found = [f"{host.name}: {why}" for host, why in errors.items()]
    silent = (row for row in rows if row.container and row.container.runs and row.reported is None)
    return found + [
        f"{row.wanted.container} on {row.wanted.host.name} cannot report its state: {_why(row)}" for row in silent
    ]


def _why(row: Row) -> str:
    return "no container of the host has bash" if row.wanted.script else "its address is not known"


def _problems(
    rows: Sequence[Row],
    seen: Mapping[Host, Seen],
    ours: Collection[str],
    left: Sequence[str],
) -> list[str]:
    found = [text for row in rows for text in member_problems(row)]
    by_set = sorted(rows, key=lambda row: row.wanted.set)
    for _, members in groupby(by_set, lambda row: row.wanted.set):
        found += set_problems(list(members))
    for host, here in seen.items():
        # Several hosts of the program may be one machine: a container on it may belong to any of them.
        there = [row.wanted.container for row in rows if row.wanted.host.name == host.name]
        found += host_problems(host.name, here, there, ours)
    found += [
        f"{state} is the state of a stack that is no longer in the program: what it made is still there"
        for state in left
    ]
    return list(dict.fromkeys(found))


def _ours(directory: Path, stacks: Sequence[Stack], states: Mapping[str, Resources]) -> set[str]:
    """The names of all containers in the program and its states, also in states of stacks that it no longer has."""
    left = [read_resources(directory / file) for file in leftovers(directory, stacks)]
    found = {name for state in (*states.values(), *left) for name in _containers(state)}
    return found | {block["name"] for stack in stacks for block in stack.resources("docker_container").values()}


def _containers(state: Resources) -> Iterator[str]:
    for resource in state:
        if resource.get("type") == "docker_container":
            yield from (each.get("attributes", {}).get("name", "") for each in resource.get("instances", ()))
