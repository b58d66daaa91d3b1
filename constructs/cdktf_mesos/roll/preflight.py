"""What must be true of a machine's members before its containers are touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from constructs import Construct

from cdktf_mesos import bindings, scripts
from cdktf_mesos.cdk import DefaultTokenResolver, StringConcat, TerraformStack, TerraformVariable, Tokenization
from cdktf_mesos.container.asking import PASSED, SHOWN_SECONDS, asking_container, name_resource
from cdktf_mesos.container.member import HostCheck, check_name
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import written_out
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.role.probe import MAY_FOLLOW
from cdktf_mesos.role.role import Role

# How long the log of one that was refused can be read, where the container is removed when it ends.
_READ_SECONDS = 600

OVERRIDE = "override_preflight"

# Up to so many members of a set whose members serve alone, each asks all others before it is replaced. Of larger ones
# each asks only those near it in the roll, which asked those near them: what is asked would grow with the square.
_MANY = 64

_SCRIPT = Path(__file__).with_suffix(".sh")

PATIENCE_SECONDS = 60
"""How long other members may take to serve by default, in seconds: enough for one that restarts."""


class Preflight(Construct):
    """Refuses to go on into a degraded set: a container on the machine for each of its roles, in a stack of its own.

    It turns healthy once every other member of the set serves, or this one does not run anyway, and what the member
    asks of its host is true (`HostCheck`), and then ends. A set that changes its size is taken from the size that runs
    to the one that the program has, and refused where that is not safe: a member that runs and is no longer in the
    list, one that has another place, another version at once. A change from the release that the member runs, as it
    says itself, is refused where the role's rules forbid it.

    As its labels say what the machine's members are made of, every change of them replaces it, so that it asks again;
    without one it costs nothing, also where others join the set. The resource is called
    `every_other_<role>_is_healthy`, since the provider's own message says only that a container failed to get healthy;
    the container's log says who does not serve. The variable `override_preflight` lets a repair pass.

    Args:
        scope: where the construct lives; its containers live in the scope of the host. In the scope of the host itself,
            as it must be where a stack has several, the resource's name ends in `_for_<host>`.
        id_: unique in the scope.
        host: the machine, in the stack that is deployed before the one with the members.
        roles: those that have a member on the machine (the same address).
        name: what the names of its containers begin with.
        patience_seconds: how long the other members may take to serve; by default 60.
        leaving: whether their members on the machine are no longer in the program, and so end next. Then all others
            must serve, and the role's own condition for it must hold (`Role.check_before_leaving`).
        without: addresses of members that are not asked, such as those that are replaced at the same time.
        near: of a role with more than 64 members, each of which serves alone, only those at these addresses are asked;
            by default all.
        host_check: what must be true on the machine besides; by default what the member or the role says.
        allow_bump: whether a change of release passes that its project forbids; by default it does not.

    Raises:
        ValueError: no roles, one without a member on the machine, or with one that is `leaving`; no name, or one that
            another container has; no patience.
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
        if type(patience_seconds) is not int or patience_seconds < 1:
            raise invalid(self, "patience_seconds", patience_seconds, "a whole number, 1 or more")
        if not roles:
            raise invalid(self, "roles", roles, "the roles that have a member on the machine")
        for each in roles:
            if leaving is bool(each.members_on(host.address)):
                right = f"roles that have {'no' if leaving else 'a'} member on {host.address}"
                raise invalid(self, "roles", each.role, right)
        check_name(self, "name", name)
        for each in roles:
            host.claims.take("container name", f"{name}-{each.role}", self, "name")
        changes = changes_of(host, roles)
        # Several machines in a stack need a resource each.
        tail = f"_for_{host.node.id}" if scope is host else ""
        self.containers = [
            _ask(
                host,
                each,
                f"{name}-{each.role}",
                patience_seconds,
                changes,
                _asked(each, without, near),
                host_check or _own_check(host, each, leaving=leaving),
                leaving=leaving,
                environment={} if leaving or allow_bump else _release_check(host, each),
                tail=tail,
            )
            for each in roles
        ]


def declare_override(stack: TerraformStack) -> str:
    """The variable on `stack` that lets a preflight pass; also beside one, so that `--var` suits both stacks."""
    declared = stack.node.try_find_child(OVERRIDE)
    if not isinstance(declared, TerraformVariable):
        declared = TerraformVariable(
            stack,
            OVERRIDE,
            type="bool",
            default=False,
            description="Touch members of a set though others of it do not serve: to repair a degraded cluster.",
        )
    return str(declared.string_value)


def _ask(
    host: DockerHost,
    role: Role,
    name: str,
    patience: int,
    changes: str,
    asked: Sequence[str],
    own: HostCheck | None,
    *,
    leaving: bool,
    environment: Mapping[str, str],
    tail: str,
) -> bindings.Container:
    release = role.release
    numbers = f"{release.major}.{release.minor}.{release.patch}" if release.patch is not None else None
    files, arguments = role.probe.may_be_replaced(host.address, asked, numbers)
    # A container that is removed when it ends takes its log along.
    hold = _READ_SECONDS if leaving else 0
    command = scripts.words(
        "preflight",
        *files,
        MAY_FOLLOW,
        *([own.script] if own else []),
        _SCRIPT,
        PASSED,
        arguments=[str(SHOWN_SECONDS), role.role, str(patience), str(hold), *arguments],
    )
    container = asking_container(
        host,
        name,
        image=role.asked_from,
        command=command,
        environment={"OVERRIDE": declare_override(host.stack), **environment, **(own.environment if own else {})},
        changes=changes,
        mounts=own.mounts if own else (),
        seconds=patience,
        # Nothing of a machine that leaves stays there, as its stacks are gone then; until then it asks each time.
        rm=leaving,
    )
    name_resource(container, host.stack, f"every_other_{role.role}_is_healthy{tail}", name)
    return container


def _release_check(host: DockerHost, role: Role) -> dict[str, str]:
    """What `role/may_follow.sh` reads."""
    if not role.forbidden_before:
        return {}
    return {
        "FORBIDDEN": role.forbidden_before,
        "PINNED": role.image.default_version(),
        "VERSION": role.image.shown_version(host.stack),
        "RELEASE_PATH": role.probe.release_path or "",
    }


def _asked(role: Role, without: Collection[str], near: Collection[str] | None) -> list[str]:
    addresses = role.addresses(without)
    # A set that has a quorum, or another condition on how many serve, is always asked as a whole.
    if near is None or role.probe.forms_with or len(role.members) <= _MANY:
        return addresses
    return [address for address in addresses if address in near]


def _own_check(host: DockerHost, role: Role, *, leaving: bool) -> HostCheck | None:
    return role.check_before_leaving(host) if leaving else role.members_on(host.address)[0].host_check


def changes_of(host: DockerHost, roles: Sequence[Role], *further: str) -> str:
    """What a machine's members are made of: their versions, and in a few characters the rest and what is asked."""
    made = [member.made_of for each in roles for member in each.members_on(host.address)]
    text, versions = written_out("\n".join([*made, *further])), [each.image.shown_version(host.stack) for each in roles]
    if "${TfToken[" in text:
        # The numbers of cdktf's tokens change with whatever else is in the program.
        resolver = DefaultTokenResolver(StringConcat())
        text = str(Tokenization.resolve(text, scope=host.stack, resolver=resolver, preparing=False))
    return " ".join([*versions, sha256(text.encode()).hexdigest()[:12]])
