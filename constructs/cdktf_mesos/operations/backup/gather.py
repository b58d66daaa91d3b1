"""Gathers the content of an archive: ZooKeeper's data, Terraform's states and what the cluster is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.backup.copying import Copied, copy_data
from cdktf_mesos.operations.backup.manifest import DATA, STATES, Manifest
from cdktf_mesos.operations.backup.snapshot import is_transaction
from cdktf_mesos.operations.backup.source import Member, Position
from cdktf_mesos.operations.engine import engine_of
from cdktf_mesos.operations.ensemble import Ensemble, Server
from cdktf_mesos.operations.listed_agents import listed_agents
from cdktf_mesos.operations.project import Project
from cdktf_mesos.operations.stack_states import local_path, pull_state
from cdktf_mesos.operations.status.wanted import Wanted
from cdktf_mesos.states import read_resources

# Servers in the order in which their data are wanted. A copy costs the leader, too, and so all clients.
_MODES = ("follower", "standalone", "leader")


@dataclass(frozen=True)
class Gathered:
    """The content of an archive.

    Args:
        manifest: what it is, without its parts.
        copied: the copy of ZooKeeper's data.
        owners: users and groups of its files, by their names.
        states: how many states it has.
    """

    manifest: Manifest
    copied: Copied
    owners: Mapping[str, tuple[int, int]]
    states: int


def gather(
    project: Project, ensemble: Ensemble, members: Sequence[Wanted], directory: Path, seconds: float, *, states: bool
) -> Gathered:
    """Gather it in an empty directory.

    Args:
        project: the program.
        ensemble: the ensemble whose data are copied.
        members: all members of the program.
        directory: where it goes.
        seconds: how long an answer of an engine may take.
        states: whether Terraform's states are part of it.

    Raises:
        RuntimeError: no server serves, or none could be copied; a state cannot be read.
        ValueError: a state is cut off.
    """
    positions = _positions(ensemble, seconds)
    # A client's write is acknowledged once the client's own server has applied it.
    acknowledged = max((each.zxid for each in positions.values() if is_transaction(each.zxid)), default=0)
    agents = listed_agents(members, seconds)
    place = directory / Path(DATA).parts[0]
    server, copied = _copy(positions, place, acknowledged, seconds)
    count = _states(project, directory / STATES) if states else 0
    manifest = Manifest(
        cluster=ensemble.cluster,
        ensemble=ensemble.path,
        made=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        release=positions[server].release,
        zxid=f"0x{copied.zxid:x}",
        acknowledged=f"0x{acknowledged:x}",
        source=server.host.name,
        mode=positions[server].mode,
        servers=ensemble.addresses,
        pins=_pins(project),
        agents=None if agents is None else {agent.address: agent.id for agent in agents if agent.state == "active"},
    )
    owners = {f"{place.name}/{name}": owner for name, owner in copied.owners.items()}
    return Gathered(manifest, copied, owners, count)


def _positions(ensemble: Ensemble, seconds: float) -> dict[Server, Position]:
    """The servers that serve."""

    def job(server: Server) -> Position:
        with engine_of(server.host, seconds) as client:
            return Member(client, server).position()

    answers = at_once({server: partial(job, server) for server in ensemble.servers}, seconds)
    found = {each: answer for each, answer in answers.items() if isinstance(answer, Position) and answer.mode in _MODES}
    if not found:
        reasons = (
            f"{each.name}: {answer if isinstance(answer, Exception) else 'it does not serve'}"
            for each, answer in answers.items()
        )
        raise RuntimeError(f"no server of {ensemble.path} serves, so there is nothing to copy; {'; '.join(reasons)}")
    return found


def _copy(positions: Mapping[Server, Position], place: Path, least: int, seconds: float) -> tuple[Server, Copied]:
    """Copy the data of the first server that can be copied."""

    def attempt(server: Server) -> Copied | str:
        try:
            with engine_of(server.host, seconds) as client:
                return copy_data(Member(client, server), place, least)
        except RuntimeError as problem:
            shutil.rmtree(place, ignore_errors=True)
            return f"{server.name}: {problem}"

    reasons = []
    for server in sorted(positions, key=lambda each: _MODES.index(positions[each].mode)):
        if isinstance(found := attempt(server), Copied):
            return server, found
        reasons.append(found)
    raise RuntimeError("; ".join(reasons))


def _pins(project: Project) -> dict[str, str]:
    variables = {name: each for stack in project.stacks for name, each in stack.document.get("variable", {}).items()}
    return {name: str(each["default"]) for name, each in sorted(variables.items()) if name.endswith("_version")}


def _states(project: Project, directory: Path) -> int:
    """Copy the states of all stacks that are deployed; returns how many there are."""
    directory.mkdir(parents=True)
    for stack in project.stacks:
        path = local_path(stack)
        if path is None:
            text = pull_state(stack, project.terraform)
        elif read_resources(path):
            text = path.read_text()
        else:
            continue
        if text.strip():
            (directory / f"terraform.{stack.name}.tfstate").write_text(text)
    return len(list(directory.iterdir()))
