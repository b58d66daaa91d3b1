"""The members that the program wants, and what the states have of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf_mesos.container.names import FOR_COMMANDS, LABEL
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.expressions import evaluate
from cdktf_mesos.operations.preview.changes import pairs
from cdktf_mesos.operations.stack_states import Resources
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform


@dataclass(frozen=True)
class Wanted:
    """A member of the program.

    Args:
        stack: the stack that has its container.
        host: its machine.
        role: the name of its role.
        set: the path of its role's construct. Members with the same path are one set.
        runs_tasks: whether it is an agent, which the leading master must know.
        container: the container's name.
        pinned: the version that the program wants.
        release: the release of that version.
        address: where it listens, `10.0.0.11:5050`; empty if that is not known yet.
        script: the script that gets its status; empty if its address is not known.
        arguments: the script's arguments.
        deployed: the version in the state; None if the member is not in the state.
        failed: whether its last start failed, as the state shows.
        place: its place in the list of its set's members; None in the output of an older cdktf-mesos.
        forms_with: the probe's `forms_with`, for the size of the set; 0 if each member serves alone.
        waits: the probe's `waits`.
        tls: the stage of its TLS; empty if it has none.
    """

    stack: str
    host: Host
    role: str
    set: str
    runs_tasks: bool
    container: str
    pinned: str
    release: str
    address: str
    script: str
    arguments: Sequence[str]
    deployed: str | None
    failed: bool
    place: int | None = None
    forms_with: int = 0
    waits: bool = False
    tls: str = ""


def wanted_members(
    stacks: Sequence[Stack], hosts: Sequence[Host], states: Mapping[str, Resources], terraform: Terraform
) -> list[Wanted]:
    """All members. The sets are in the order of the roll, and so are the members of each set.

    Raises:
        RuntimeError: an older cdktf-mesos wrote the output, so it lacks what status needs.
    """
    found: list[Wanted] = []
    for stack in stacks:
        for name, block in stack.resources("docker_container").items():
            role = pairs(block.get("labels")).get(f"{LABEL}role")
            if role is None:
                continue
            known = block.get("//", {}).get(FOR_COMMANDS)
            if known is None:
                raise RuntimeError("cdktf.out was written by an older cdktf-mesos: synthesise again, or use --synth")
            host_name = stack.host(f"docker_container.{name}")
            host = next(each for each in hosts if each.name == host_name and stack.name in each.stacks)
            address, arguments = known["address"], known["arguments"]
            try:
                address, arguments = evaluate(terraform, stack, states.get(stack.name, ()), [address, arguments])
                script = known["script"]
            except RuntimeError:
                address, arguments, script = "", [], ""
            deployed, failed = _in_state(states.get(stack.name, ()), name)
            found.append(
                Wanted(
                    stack=stack.name,
                    host=host,
                    role=role,
                    set=known["set"],
                    runs_tasks=known["runs_tasks"],
                    container=block["name"],
                    pinned=known["version"],
                    release=known.get("release", known["version"]),
                    address=address,
                    script=script,
                    arguments=arguments,
                    deployed=deployed,
                    failed=failed,
                    place=known.get("place"),
                    forms_with=known.get("forms_with", 0),
                    waits=known.get("waits", False),
                    tls=known.get("tls", ""),
                )
            )
    first: dict[str, int] = {}
    steps = {stack.name: stack.step for stack in stacks}
    for member in found:
        first.setdefault(member.set, steps[member.stack])
    return sorted(found, key=lambda member: (first[member.set], member.set))


def _in_state(state: Resources, name: str) -> tuple[str | None, bool]:
    for resource in state:
        if resource["type"] == "docker_container" and resource["name"] == name:
            for each in resource.get("instances", ()):
                version = pairs(each.get("attributes", {}).get("labels")).get(f"{LABEL}version", "")
                return version, each.get("status") == "tainted"
    return None, False
