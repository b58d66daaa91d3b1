"""The check that the other members serve, before a machine's containers are replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from weakref import WeakKeyDictionary

from constructs import Construct

from cdktf_mesos import bindings, scripts
from cdktf_mesos.cdk import DefaultTokenResolver, StringConcat, TerraformStack, TerraformVariable, Tokenization
from cdktf_mesos.container.member import HostCheck, Member, check_name
from cdktf_mesos.container.one_shot import PASSED, SHOWN_SECONDS, name_resource, one_shot_container
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.expressions import written_out
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.role.probe import MAY_FOLLOW
from cdktf_mesos.role.role import Role

# How long a failed preflight keeps running, in seconds, so that its log can be read. Used only if the engine removes
# the container when it ends.
_READ_SECONDS = 600

OVERRIDE = "override_preflight"

# The reference to that variable on each stack. Calls of jsii for it would take some milliseconds for each check.
_overrides: WeakKeyDictionary[TerraformStack, str] = WeakKeyDictionary()

# The largest set without a quorum in which a preflight checks all other members. In a larger set it checks only those
# that are near in the roll; their own preflights have checked those before them. Otherwise the number of checks in a
# roll would grow with the square of the number of members.
_ALL_CHECKED_UP_TO = 64

_SCRIPT = Path(__file__).with_suffix(".sh")

PATIENCE_SECONDS = 60
"""How long other members may take to serve by default, in seconds: long enough for a restart."""


class Preflight(Construct):
    """Stops a deploy before it replaces a member of a degraded set.

    It is one container for each role on the machine, in the stack that is deployed before the members' stack. The
    container becomes healthy, and then ends, once both are true:

    * every other member of the set serves, the set is being formed, or the member on this machine does not run anyway;
    * the member's condition on its host holds (`HostCheck`), if it has one.

    If the program changes the size of the set, the preflight compares the new set with the set that runs. It refuses an
    unsafe change: a member that still runs but is no longer in the list, a member at another place in the list, or a
    new version in the same deploy. It also refuses a change of release that the role's rules forbid, and a stage of
    security that must not follow those that run (`Role.stage_check`). The members themselves say what they run.

    A label of the container has a fingerprint of the machine's members. So each change of these members runs the check
    again. A deploy that does not change them does not run it, even if other members join the set. The resource is
    called `every_other_<role>_is_healthy`, because the provider's error says only that a container did not become
    healthy. The container's log names the member that does not serve. The variable `override_preflight` lets a repair
    pass.

    Args:
        scope: where the construct lives; its containers live in the scope of the host. A stack with several machines
            needs one preflight in the scope of each host; the resource's name then ends in `_for_<host>`.
        id_: unique in the scope.
        host: the machine, in the stack that is deployed before the members' stack.
        roles: the roles that have a member on the machine (a host with the same address).
        name: prefix of the names of its containers.
        patience_seconds: how long the other members may take to serve, in seconds; by default 60.
        leaving: whether the members on the machine are no longer in the program, so that the deploy ends them. Then all
            other members must serve, and the role's condition for leaving must hold (`Role.check_before_leaving`). By
            default False.
        without: addresses of members that are not checked, such as those that are replaced at the same time; by default
            there are none.
        near: addresses of the only members that are checked in a set of more than 64 whose members serve alone; by
            default all are checked.
        host_check: what else must be true on the machine; by default the condition of the member or the role.
        allow_bump: whether a change of release passes that the component's project forbids; by default it does not.

    Raises:
        ValueError: there are no roles; a role has no member on the machine, or has one although it is `leaving`; the
            name is invalid or another container has it; `patience_seconds` is not a whole number, 1 or more.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        host: DockerHost,
        roles: Sequence[Role],
        name: str,
        patience_seconds: int = PATIENCE_SECONDS,
        leaving: bool = False,
        without: Collection[str] = (),
        near: Collection[str] | None = None,
        host_check: HostCheck | None = None,
        allow_bump: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        check_whole(self, "patience_seconds", patience_seconds)
        if not roles:
            raise invalid(self, "roles", roles, "Pass the roles that have a member on the machine")
        for each in roles:
            if leaving is bool(each.members_on(host.address)):
                remedy = f"Pass only roles that have {'no' if leaving else 'a'} member on {host.address}"
                raise invalid(self, "roles", each.role, remedy)
        check_name(self, "name", name)
        for each in roles:
            host.claims.take("container name", f"{name}-{each.role}", self, "name")
        fingerprint = fingerprint_of(host, roles)
        # Two resources of a stack cannot have the same name.
        suffix = f"_for_{host.node.id}" if scope is host else ""
        self.containers = [
            _add_container(
                host,
                each,
                f"{name}-{each.role}",
                patience_seconds,
                fingerprint,
                _checked_addresses(each, without, near),
                host_check or _own_check(host, each, leaving=leaving),
                leaving=leaving,
                environment={} if leaving or allow_bump else _release_check(host, each),
                suffix=suffix,
            )
            for each in roles
        ]


def declare_override(stack: TerraformStack) -> str:
    """Declare the stack's variable that lets all checks pass, and return a reference to it.

    The members' stack declares it, too, although it has no checks: so `--var` can be given for all stacks of a wave.
    """
    if stack in _overrides:
        return _overrides[stack]
    variable = stack.node.try_find_child(OVERRIDE)
    if not isinstance(variable, TerraformVariable):
        variable = TerraformVariable(
            stack,
            OVERRIDE,
            type="bool",
            default=False,
            description="Let all preflights and machine checks pass, to repair a degraded cluster.",
        )
    return _overrides.setdefault(stack, str(variable.string_value))


def _add_container(
    host: DockerHost,
    role: Role,
    name: str,
    patience: int,
    fingerprint: str,
    addresses: Sequence[str],
    own: HostCheck | None,
    *,
    leaving: bool,
    environment: Mapping[str, str],
    suffix: str,
) -> bindings.Container:
    release = role.release
    numbers = f"{release.major}.{release.minor}.{release.patch}" if release.patch is not None else None
    files, arguments = role.probe.may_be_replaced(host.address, addresses, numbers)
    stage = None if leaving else role.stage_check
    # The engine removes this container when it ends (`rm` below), and its log with it.
    hold = _READ_SECONDS if leaving else 0
    command = scripts.words(
        "preflight",
        *files,
        MAY_FOLLOW,
        *(stage.files if stage else []),
        *([own.script] if own else []),
        _SCRIPT,
        PASSED,
        arguments=[str(SHOWN_SECONDS), role.role, str(patience), str(hold), *arguments],
    )
    further = {**(stage.environment if stage else {}), **environment, **(own.environment if own else {})}
    container = one_shot_container(
        host,
        name,
        image=role.image_for_checks,
        command=command,
        environment={"OVERRIDE": declare_override(host.stack), **further},
        fingerprint=fingerprint,
        mounts=own.mounts if own else (),
        seconds=patience,
        secrets=[*role.probe.secrets, *(stage.secrets if stage else [])],
        # When the machine's stacks are dropped, nothing removes a container from it. Until then, each deploy makes the
        # container again, and so runs the check again.
        rm=leaving,
    )
    name_resource(container, host.stack, f"every_other_{role.role}_is_healthy{suffix}", name)
    return container


def _release_check(host: DockerHost, role: Role) -> dict[str, str]:
    """The environment variables that `role/may_follow.sh` reads."""
    if not role.forbidden_before:
        return {}
    return {
        "FORBIDDEN": role.forbidden_before,
        "PINNED": role.image.default_version(),
        "VERSION": role.image.shown_version(host.stack),
        "RELEASE_PATH": role.probe.release_path or "",
    }


def _checked_addresses(role: Role, without: Collection[str], near: Collection[str] | None) -> list[str]:
    addresses = role.addresses(without)
    # Whether a set has a quorum, or another number of members that it needs, can be seen only from all of them.
    if near is None or role.probe.forms_with or len(role.members) <= _ALL_CHECKED_UP_TO:
        return addresses
    return [address for address in addresses if address in near]


def _own_check(host: DockerHost, role: Role, *, leaving: bool) -> HostCheck | None:
    return role.check_before_leaving(host) if leaving else role.members_on(host.address)[0].host_check


def fingerprint_of(host: DockerHost, roles: Sequence[Role], *further: str) -> str:
    """The fingerprint of a machine's members: their versions, and a digest of their definitions and of further text."""
    members = [member for each in roles for member in each.members_on(host.address)]
    return fingerprint_of_members(host, roles, members, *further)


def fingerprint_of_members(host: DockerHost, roles: Sequence[Role], members: Sequence[Member], *further: str) -> str:
    """The fingerprint of some members of the roles, for a check on a host."""
    text = written_out("\n".join([*(member.definition for member in members), *further]))
    versions = [each.image.shown_version(host.stack) for each in roles]
    if "${TfToken[" in text:
        # cdktf numbers its tokens, so the number of one changes with unrelated parts of the program.
        resolver = DefaultTokenResolver(StringConcat())
        text = str(Tokenization.resolve(text, scope=host.stack, resolver=resolver, preparing=False))
    return " ".join([*versions, sha256(text.encode()).hexdigest()[:12]])
