"""Marathon."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from constructs import Construct

from cdktf_mesos.container.member import ContainerSpec
from cdktf_mesos.container.options import ContainerOptions
from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.family import family_name
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon import health
from cdktf_mesos.marathon.flags import RELEASES, why_not
from cdktf_mesos.marathon.upgrades import marathon_bumps
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role

# By default: of its API, and the one on which the masters reach it.
PORT, LIBPROCESS_PORT = 8080, 15101

_FAMILIES = {"mesosphere": ("mesosphere/marathon",)}

_OWNED = ("master", "zk", "hostname", "http_address", "http_port", "mesos_user")


class Marathon(Role):
    """Marathon on one host or several, which elect a leader among themselves.

    Args:
        scope: where Marathon's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts.
        masters: the masters whose framework it is; its state is in their ZooKeeper ensemble.
        image: such as `mesosphere/marathon:v1.11.24`. The only family is `mesosphere`.
        container_name: of the containers; by default `id_`.
        chroot: its path in ZooKeeper.
        port: of its API.
        libprocess_port: on which the masters reach it; random without one, which a firewall would not know.
        mesos_user: as whom tasks run. Marathon's image runs as nobody from 1.5.15 and 1.7, and so would tasks.
        flags: further flags of Marathon, such as `{"failover_timeout": 86400}`; `True` gives `--name`, `False` gives
            `--disable_name`.
        options: what may be said about any container.

    Raises:
        ValueError: no hosts, a host twice; a port in use; a malformed chroot; a flag that the construct decides or
            that is given by its variable as well; a release that does not go with the masters'.
    """

    role = "marathon"
    listens_on = (
        Port(
            "port",
            PORT,
            {
                "control": "Marathon to its leader",
                "bastion": "The UI; and the check that Marathon serves, before a machine is replaced",
            },
        ),
        Port(
            "libprocess_port",
            LIBPROCESS_PORT,
            {
                "control": "Masters to Marathon scheduler (libprocess)",
                "agents": "Agents to Marathon scheduler (libprocess)",
            },
        ),
    )
    http_port = "port"
    releases = RELEASES
    # Before a leader stops, it gives up its leadership and closes its ZooKeeper session.
    grace_seconds = 20
    bumps = staticmethod(marathon_bumps)

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        masters: MesosMasterSet,
        image: str | Image,
        container_name: str | None = None,
        chroot: str = "/marathon",
        port: int = PORT,
        libprocess_port: int = LIBPROCESS_PORT,
        mesos_user: str = "root",
        flags: Mapping[str, str | int | float | bool] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        given = flags or {}
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=image,
            container_name=container_name,
            ports={"port": port, "libprocess_port": libprocess_port},
            probe=health.probe(port, authenticated=_has_password(given, options.environment)),
            uses=[masters],
            options=options,
        )
        family_name(self, self.image, _FAMILIES)
        self.masters = masters
        self.port = port
        self.zk = masters.zookeeper.url_of(self, chroot)
        self._mesos_user, self._flags = mesos_user, given
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The instance of a host."""
        own = {
            "master": self.masters.url,
            "zk": self.zk,
            "hostname": host.hostname,
            "http_address": host.address,
            "http_port": str(self.port),
            "mesos_user": self._mesos_user,
        }
        further = _arguments(self, release, self._flags, self.options.environment)
        return ContainerSpec(
            environment={"LIBPROCESS_IP": host.address, "LIBPROCESS_PORT": str(self.ports["libprocess_port"])},
            # As arguments: up to 1.6 the image breaks variables with blanks or '=' in them.
            command=[word for flag, value in own.items() for word in (f"--{flag}", value)] + further,
        )


def _has_password(flags: Collection[str], environment: Collection[str]) -> bool:
    return "http_credentials" in flags or "MARATHON_HTTP_CREDENTIALS" in environment


def _arguments(
    role: Construct,
    release: Release,
    flags: Mapping[str, str | int | float | bool],
    environment: Collection[str],
) -> list[str]:
    words: list[str] = []
    for name, value in flags.items():
        argument = f"flags[{name!r}]"
        if name.removeprefix("disable_") in _OWNED:
            raise invalid(role, argument, shown(name, value), "an argument of the construct, which decides this flag")
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise invalid(role, argument, shown(name, value), "a flag of Marathon, in lower case, without dashes")
        if why := why_not(name.removeprefix("disable_"), release):
            raise invalid(role, argument, shown(name, value), f"a flag of Marathon {release}; this one {why}")
        if not isinstance(value, str | int | float):
            raise invalid(role, argument, shown(name, value), "text, a number, True or False")
        words += (
            [f"--{name}", str(value)] if not isinstance(value, bool) else [f"--{'' if value else 'disable_'}{name}"]
        )
    for variable in environment:
        flag = variable.removeprefix("MARATHON_").lower()
        if variable.startswith("MARATHON_") and (flag in _OWNED or flag in flags):
            raise invalid(
                role, "options.environment", variable, "flags, or nothing; Marathon refuses a flag given twice"
            )
    return words
