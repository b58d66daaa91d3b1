"""What must not follow what is deployed: forbidden changes of release, members that would not start again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cdktf_mesos.cdk import Annotations, TerraformStack
from cdktf_mesos.container.member import Member
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.deployed import DeployedMember, keeps_state_here, read_members


def check_redeploy(
    roles: Sequence[Role], stacks: Sequence[TerraformStack], directory: Path, *, allow_bump: bool
) -> None:
    """Refuse what cannot follow what is deployed, machine by machine, as a roll may have ended half-way.

    What is deployed is read from the states in the directory. Of a state that is elsewhere nothing is known and
    nothing is refused. A deployed digest without a tag says nothing about its release and is taken at its word. A
    member that never served is passed over: to put its pin or settings back is how a roll that stopped is repaired.

    Args:
        roles: the roles of the program.
        stacks: the stacks with their members.
        directory: where the states are.
        allow_bump: whether to warn only of changes of release that their project forbids.

    Raises:
        ValueError: with what to deploy first, where the project says so, or what else to do.
    """
    deployed = [
        each
        for stack in stacks
        if keeps_state_here(stack)
        for each in read_members(directory, stack.node.id)
        if not each.failed
    ]
    sizes = Counter(each.role for each in deployed)
    warned: set[tuple[str, str]] = set()
    for each in deployed:
        for role in roles:
            if role.role == each.role and role.container_name == each.name:
                _check_bump(role, each, sizes[each.role] > 1, warned, allow_bump=allow_bump)
                _check_member(role, each)


def _check_bump(
    role: Role, deployed: DeployedMember, rolling: bool, warned: set[tuple[str, str]], *, allow_bump: bool
) -> None:
    release = said_release(deployed.version)
    found = release and role.judge_bump(release, role.release, rolling=rolling)
    if not found:
        return
    where = deployed.machine or deployed.stack
    what = f"{deployed.version} is deployed on {where}, {role.release} is wanted"
    if found.severity == "error" and not allow_bump:
        raise ValueError(f"{role.node.path}: {what}: {found}. allow_bump=True lets it pass")
    if (role.role, deployed.version) not in warned:
        warned.add((role.role, deployed.version))
        Annotations.of(role.shown_on).add_warning(f"{role.role}: {what}: {found}")


def _check_member(role: Role, deployed: DeployedMember) -> None:
    problem = next(
        (
            problem
            for member in role.members
            if _same_place(member, deployed) and (problem := role.refuse_redeploy(member, deployed))
        ),
        None,
    )
    if problem:
        raise ValueError(f"{role.node.path}: {problem}")


def _same_place(member: Member, deployed: DeployedMember) -> bool:
    """Whether it is the same container on the same machine."""
    same_stack = member.host.stack.node.id == deployed.stack
    return same_stack and (deployed.machine in (None, member.host.alias))
