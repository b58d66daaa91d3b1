"""Compares the program's containers with those on the hosts, and with the states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from cdktf_mesos.operations.adopt.engines import Container
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.expressions import has_expressions, literal
from cdktf_mesos.operations.stack_states import Resources
from cdktf_mesos.operations.synthesis import Stack

Outcome = Literal["adopt", "adopted", "failed", "in its state", "not there", "refused", "unknown"]

_CONTAINER = "docker_container"

# Directories that are empty after a reboot (Filesystem Hierarchy Standard).
_RUN = ("/run", "/var/run")

Seen = Mapping[Host, Mapping[str, Container] | Exception]
"""What is on each host: its containers by name, or why that is not known."""


@dataclass(frozen=True)
class Found:
    """A container of the program, and what is on its host under the same name.

    Args:
        stack: the stack that has it.
        address: its address in the stack's state.
        host: the name of its host.
        name: its name.
        outcome: `adopt` if the state lacks it and can have it; then `adopted` or `failed`.
        reason: why it is refused, not known, or has failed.
        id: the id of the container on the host; empty if there is none.
        image: the image of the container on the host; empty if there is none.
        state: Docker's word for what that container does; empty if there is none.
    """

    stack: str
    address: str
    host: str
    name: str
    outcome: Outcome
    reason: str = ""
    id: str = ""
    image: str = ""
    state: str = ""


@dataclass(frozen=True)
class Missing:
    """A resource of the program, other than a container or an image, that is not in its stack's state.

    Args:
        stack: the stack that has it.
        address: its address in the stack's state.
        is_made_again: whether the next deploy may make it again without harm: what is only in the state.
    """

    stack: str
    address: str
    is_made_again: bool


def compare(stacks: Sequence[Stack], states: Mapping[str, Resources], seen: Seen) -> list[Found]:
    """All containers of the program, in the order of the roll."""
    return [
        _found(stack, resource, block, states.get(stack.name, ()), seen)
        for stack in stacks
        for resource, block in stack.resources(_CONTAINER).items()
    ]


def missing(stacks: Sequence[Stack], states: Mapping[str, Resources]) -> Iterator[Missing]:
    """What the states lack, except containers and images. A deploy finds images that are on the machine."""
    for stack in stacks:
        known = {(each["type"], each["name"]) for each in states.get(stack.name, ()) if each.get("instances")}
        for kind, blocks in stack.document.get("resource", {}).items():
            for name, block in blocks.items() if kind not in (_CONTAINER, "docker_image") else ():
                # Without apps there is no instance of the resource that removes them.
                if (kind, name) not in known and block.get("for_each") != {}:
                    yield Missing(stack.name, f"{kind}.{name}", kind == "terraform_data")


def not_named(stacks: Sequence[Stack], seen: Seen) -> list[str]:
    """Members on the hosts that the program does not name, such as those of a cluster that had another name."""
    names = {literal(block["name"]) for stack in stacks for block in stack.resources(_CONTAINER).values()}
    found = (
        f"{name} on {host.name} ({container.role}, {container.state})"
        for host, containers in seen.items()
        for name, container in (containers.items() if not isinstance(containers, Exception) else ())
        if container.role and name not in names
    )
    return list(dict.fromkeys(found))


def _found(stack: Stack, resource: str, block: Mapping[str, Any], state: Resources, seen: Seen) -> Found:
    address = f"{_CONTAINER}.{resource}"
    name, host_name, own_id = literal(block["name"]), stack.host(address), _id_in(state, resource)

    def outcome(outcome: Outcome, reason: str = "", container: Container | None = None) -> Found:
        here = (container.id, container.image, container.state) if container else ("", "", "")
        return Found(stack.name, address, host_name, name, outcome, reason, *here)

    if has_expressions(block["name"]):
        return outcome("in its state") if own_id else outcome("unknown", "only Terraform knows its name: import it")
    here = next((each for host, each in seen.items() if host.name == host_name and stack.name in host.stacks), None)
    if here is None or isinstance(here, Exception):
        known = own_id is not None
        return outcome("in its state") if known else outcome("unknown", str(here or "its host is not known"))
    container = here.get(name)
    if container is None or container.id == own_id:
        return outcome("not there" if own_id is None else "in its state", container=container)
    if own_id is not None:
        reason = f"the state has another container, {own_id[:12]}: terraform state rm {address}, if that is gone"
        return outcome("refused", reason, container)
    if not container.is_ours and (lacking := _lacking(name, block, container)):
        reason = f"another program made it, and it does not use {', '.join(lacking)}: its data would stay behind"
        return outcome("refused", reason, container)
    return outcome("adopt", container=container)


def _id_in(state: Resources, resource: str) -> str | None:
    for each in state:
        if each["type"] == _CONTAINER and each["name"] == resource:
            for instance in each.get("instances", ()):
                return str(instance.get("attributes", {}).get("id", ""))
    return None


def _lacking(name: str, block: Mapping[str, Any], container: Container) -> list[str]:
    """The directories with the member's data that a container does not use.

    A directory has the member's data if it is named after the member, or if it is shared, as an agent's is.
    """
    # A volume with a name has no path on the host.
    volumes = (each.get("host_path", "") for each in _list(block.get("volumes")) if not each.get("read_only"))
    own = [path for path in volumes if name in PurePosixPath(path).parts and not _within(path, _RUN)]
    shared = [each["source"] for each in _list(block.get("mounts")) if each.get("type") == "bind"]
    return [path for path in map(literal, (*own, *shared)) if not _within(path, container.directories)]


def _within(path: str, directories: Iterable[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(each) for each in directories if each != "/")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
