"""Changes that are refused because of what is deployed: forbidden changes of release, members that would not start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cdktf_mesos.cdk import Annotations, TerraformStack
from cdktf_mesos.container.member import Member
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.deployed import DeployedMember, keeps_state_here, read_members
from cdktf_mesos.security.security import STAGES
from cdktf_mesos.security.stage import skips_stages
from cdktf_mesos.tls.tls import STAGES as TLS_STAGES


def check_redeploy(
    roles: Sequence[Role], stacks: Sequence[TerraformStack], directory: Path, *, allow_bump: bool
) -> None:
    """Refuse changes that cannot follow what is deployed, machine by machine: a roll may have stopped half-way.

    The states in the directory say what is deployed. If a state is elsewhere, nothing is refused. Three kinds of
    members are not checked: those in such a state; those whose image is a digest without a tag, since their release is
    unknown; and those that never served, since putting back their pin or settings repairs a roll that stopped.

    Args:
        roles: the roles of the program.
        stacks: the stacks with their members.
        directory: the directory with the states.
        allow_bump: whether a change of release that the component's project forbids is only a warning.

    Raises:
        ValueError: a change is refused. The message says what to do, and which releases to deploy first if the project
            names them.
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
            if _same_place(member, deployed)
            and (problem := _skips_stages(role, deployed) or role.refuse_redeploy(member, deployed))
        ),
        None,
    )
    if problem:
        raise ValueError(f"{role.node.path}: {problem}")


def _skips_stages(role: Role, deployed: DeployedMember) -> str | None:
    stage = role.security.stage if role.security else STAGES[0]
    tls = role.tls.stage if role.tls else TLS_STAGES[0]
    security = skips_stages("security", STAGES, deployed.stage or STAGES[0], stage)
    return security or skips_stages("tls", TLS_STAGES, deployed.tls or TLS_STAGES[0], tls)


def _same_place(member: Member, deployed: DeployedMember) -> bool:
    """Whether it is the same container on the same machine."""
    same_stack = member.host.stack.node.id == deployed.stack
    return same_stack and (deployed.machine in (None, member.host.alias))
