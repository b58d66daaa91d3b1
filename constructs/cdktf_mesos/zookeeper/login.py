"""The login of the cluster's members to ZooKeeper: one user for all, by ZooKeeper's scheme `digest`."""

from __future__ import annotations

from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.security.security import Security


def user_and_password(security: Security) -> str:
    """`user:password`, as ZooKeeper's scheme `digest` wants it.

    It has no second one: a member with another user could not read what Marathon has written with the first.
    """
    own = security.all_of("zookeeper")[0]
    return f"{own.principal}:{own.secret}"


def url_with_login(security: Security, url: str, path: str, name: str, *, mode: str = "0400") -> SecretFile:
    """A file with the URL of a chroot that has the login: `zk://user:password@host:port/chroot`.

    Args:
        security: the security of the cluster.
        url: the URL without a login.
        path: the file's path in the container.
        name: the file's name among the rendered ones.
        mode: its mode in the container.
    """
    text = url.replace("zk://", f"zk://{user_and_password(security)}@", 1)
    return security.file(path, name, text, mode=mode)
