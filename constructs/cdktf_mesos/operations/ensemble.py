"""The ZooKeeper ensemble of a program: its servers, and where each has its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.expressions import evaluate
from cdktf_mesos.operations.preview.changes import pairs
from cdktf_mesos.operations.project import Project
from cdktf_mesos.operations.status.wanted import Wanted

# The directories of snapshots and of logs in a server's container (docker-library, zookeeper).
DATA, LOGS = "/data", "/datalog"

_NAME = "MESOS_CLUSTER="


@dataclass(frozen=True, eq=False)
class Server:
    """A ZooKeeper server of the program.

    Args:
        member: what the program says of it.
        host: its machine.
        image: its image.
        data: the directory of the machine with its snapshots.
        logs: the directory of the machine with its logs.
        my_id: its id.
    """

    member: Wanted
    host: Host
    image: str
    data: str
    logs: str
    my_id: str

    @property
    def name(self) -> str:
        """As the commands show it: `prod-zookeeper on c1`."""
        return f"{self.member.container} on {self.host.name}"


@dataclass(frozen=True)
class Ensemble:
    """An ensemble.

    Args:
        path: the path of its construct.
        cluster: the name of the Mesos cluster that uses it; the path if there are no masters.
        servers: its servers, in the order of the roll.
    """

    path: str
    cluster: str
    servers: Sequence[Server]

    @property
    def addresses(self) -> list[str]:
        """The addresses of its servers, with their ports."""
        return sorted(server.member.address for server in self.servers)


def ensemble_of(project: Project, members: Sequence[Wanted], path: str | None) -> Ensemble:
    """The ensemble of a program.

    Args:
        project: the program.
        members: its members.
        path: which ensemble, if the program has several.

    Raises:
        ValueError: there is none, or there are several and none is named.
        RuntimeError: a server's address is not known yet, or it keeps its data in its container.
    """
    paths = sorted({each.set for each in members if each.role == "zookeeper"})
    if not paths:
        raise ValueError("the program has no ZooKeeper ensemble")
    chosen = [each for each in paths if path in (None, each)]
    if len(chosen) != 1:
        wrong = f"--ensemble {path}: no such ensemble" if path else "the program has several ensembles"
        raise ValueError(f"{wrong}; use --ensemble with one of {', '.join(paths)}")
    servers = [_server(project, each) for each in members if each.set == chosen[0]]
    return Ensemble(chosen[0], _cluster(project) or chosen[0], servers)


def _cluster(project: Project) -> str | None:
    """The name that the masters show."""
    blocks = (block for stack in project.stacks for block in stack.resources("docker_container").values())
    names = {each.removeprefix(_NAME) for block in blocks for each in block.get("env", ()) if each.startswith(_NAME)}
    return names.pop() if len(names) == 1 else None


def _server(project: Project, member: Wanted) -> Server:
    stack = next(each for each in project.stacks if each.name == member.stack)
    blocks = stack.resources("docker_container").values()
    block = next(each for each in blocks if each["name"] == member.container)
    pulled = block["image"].removeprefix("${docker_image.").removesuffix(".name}")
    places = {each["container_path"]: each["host_path"] for each in block.get("volumes", ())}
    environment = pairs(block.get("env"))
    if DATA not in places or LOGS not in places:
        raise RuntimeError(f"{member.container} keeps its data in its container, not on its machine")
    known = [stack.resources("docker_image")[pulled]["name"], places[DATA], places[LOGS], environment["ZOO_MY_ID"]]
    return Server(member, member.host, *evaluate(project.terraform, stack, project.states.get(stack.name, ()), known))
