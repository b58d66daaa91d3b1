"""The step that closes a role's znodes, or opens them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos import bindings, scripts
from cdktf_mesos.container.jvm import without_container_support
from cdktf_mesos.container.member import Member
from cdktf_mesos.container.names import ACLS
from cdktf_mesos.container.one_shot import PASSED, SHOWN_SECONDS, name_resource, one_shot_container
from cdktf_mesos.container.options import ContainerOptions
from cdktf_mesos.role.probe import ASK, SURVEY
from cdktf_mesos.security.security import Security
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble
from cdktf_mesos.zookeeper.login import user_and_password

_SCRIPT = Path(__file__).with_suffix(".sh")
_LOGIN = "/etc/cdktf-mesos.zookeeper"

# How long the znodes of a role are opened on, in seconds, when members lose the password: longer than they take to
# stop, start and be elected. Until then one that still has the password makes closed znodes.
_OPENS_FOR_SECONDS = 180


@dataclass(frozen=True)
class Znodes:
    """The znodes of a role.

    Args:
        below: the paths below the role's chroot whose ACLs are set as well; None for all of them.
        readable: the paths that anyone may read when they are closed, or `.` for the chroot.
        clients: the paths in which each client has an ephemeral znode, or `.` for the chroot.
    """

    below: Sequence[str] | None
    readable: Sequence[str]
    clients: Sequence[str]


def add_acls(
    member: Member, zookeeper: ZookeeperEnsemble, chroot: str, znodes: Znodes, security: Security, role: str
) -> bindings.Container:
    """A container beside a member that sets the ACLs of its role's znodes. Terraform waits for it.

    At the stage `required` it closes them, after the member serves and only if all clients of the role have the
    password. At the stages before, it opens them: then it does not wait for the member, because one that has lost the
    password serves only after that.

    Args:
        member: a member of the role.
        zookeeper: the ensemble. The container runs its image, which has `zkCli.sh`.
        chroot: the role's path.
        znodes: the znodes.
        security: the security of the cluster.
        role: the role's name.
    """
    host, is_closed = member.host, security.reaches("required")
    access = "closed" if is_closed else "open"
    # Not one name for both: Terraform makes one of them while it removes the other.
    name = f"{member.name}{ACLS}-{access}"
    host.claims.take("container name", name, member.container, "name")
    seconds = ContainerOptions().wait_seconds
    further = 0 if security.reaches("used") else _OPENS_FOR_SECONDS
    login = security.file(_LOGIN, "zookeeper-login", user_and_password(security))
    container = one_shot_container(
        host,
        name,
        image=zookeeper.image,
        command=scripts.words(
            "acls",
            ASK,
            zookeeper.probe.questions,
            SURVEY,
            _SCRIPT,
            PASSED,
            arguments=[str(SHOWN_SECONDS), str(seconds), str(further)],
        ),
        environment={
            "SERVERS": zookeeper.connect_string,
            "MEMBERS": " ".join(zookeeper.addresses()),
            "PORT": str(zookeeper.client_port),
            "QUORUM": str(len(zookeeper.members) // 2 + 1),
            "CHROOT": chroot,
            "LOGIN_FILE": _LOGIN,
            "ACCESS": access,
            "BELOW": "*" if znodes.below is None else " ".join(znodes.below),
            "READABLE": " ".join(znodes.readable),
            "CLIENTS": " ".join(znodes.clients),
            # bin/zkCli.sh of every release passes it to the virtual machine.
            **without_container_support("CLIENT_JVMFLAGS", ContainerOptions()),
        },
        fingerprint=f"{chroot} {security.stage} {login.digest}",
        mounts=(),
        seconds=seconds,
        secrets=[login],
        user="0",
        after=[member.serves] if is_closed else (),
    )
    name_resource(container, host.stack, f"znodes_of_{role}_are_{access}", member.name)
    return container
