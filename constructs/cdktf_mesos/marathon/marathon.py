"""Marathon."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from constructs import Construct

from cdktf_mesos.compatibility.check import guard
from cdktf_mesos.compatibility.rule import Facts
from cdktf_mesos.container.member import ContainerSpec, Member, check_name, run_member
from cdktf_mesos.container.options import ContainerOptions, asked_from
from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon import health
from cdktf_mesos.marathon.flags import RELEASES, why_not
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.role.checks import check_hosts, check_port, on_stack_of, read_image, require_generation_on

# A leader hands over and leaves its ZooKeeper session when it is asked to stop.
GRACE_SECONDS = 20

_OWNED = ("master", "zk", "hostname", "http_address", "http_port", "mesos_user")


class Marathon(Construct):
    """Marathon on one host or several, which elect a leader among themselves.

    Args:
        scope: where Marathon's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts.
        masters: the masters whose framework it is; its state is in their ZooKeeper ensemble.
        image: such as `mesosphere/marathon:v1.11.24`; an image of another repository is taken to want the same.
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
        port: int = 8080,
        libprocess_port: int = 15101,
        mesos_user: str = "root",
        flags: Mapping[str, str | int | float | bool] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(scope, id_)
        check_hosts(self, hosts)
        self.image = read_image(self, image)
        self.asked_from = asked_from(self, options, self.image)
        self.masters = masters
        self.port = port
        self.probe = health.probe(port, authenticated=_has_password(flags or {}, options.environment))
        addresses = [host.address for host in hosts]
        self.zk = masters.zookeeper.url_of(self, chroot)
        name = check_name(self, "container_name", container_name or id_)
        release = self.image.parsed_release()
        if (release.major, release.minor) < RELEASES[0]:
            raise invalid(self, "image", str(self.image), f"release 0.8 or later, not {release}")
        facts = Facts(
            zookeeper=masters.zookeeper.image.parsed_release(), masters=masters.image.parsed_release(), marathon=release
        )
        guard(self, "image", str(self.image), facts, "marathon", shown_on=hosts[0])
        extra = _arguments(self, release, flags or {}, options.environment)
        self.members: list[Member] = []
        for host in hosts:
            check_port(self, host, "port", port)
            check_port(self, host, "libprocess_port", libprocess_port)
            own = {
                "master": masters.url,
                "zk": self.zk,
                "hostname": host.hostname,
                "http_address": host.address,
                "http_port": str(port),
                "mesos_user": mesos_user,
            }
            spec = ContainerSpec(
                role=self.role,
                name=name,
                image=self.image,
                health_test=self.probe.health_test(host.address, addresses),
                environment={"LIBPROCESS_IP": host.address, "LIBPROCESS_PORT": str(libprocess_port)},
                # As arguments: up to 1.6 the image breaks variables with blanks or '=' in them.
                command=[word for flag, value in own.items() for word in (f"--{flag}", value)] + extra,
                mounts=[],
                grace_seconds=GRACE_SECONDS,
            )
            masters_here = on_stack_of(host, masters.members)
            self.members.append(run_member(self, host, spec, options, depends_on=masters_here))
            require_generation_on(host, self, self.image, RELEASES, lambda release: _refused(release, flags or {}))

    @property
    def images(self) -> list[Image]:
        """What a machine with a member needs."""
        return [self.image]

    @property
    def urls(self) -> list[str]:
        """Where each instance answers."""
        return [f"http://{member.host.hostname}:{self.port}" for member in self.members]


def _has_password(flags: Collection[str], environment: Collection[str]) -> bool:
    return "http_credentials" in flags or "MARATHON_HTTP_CREDENTIALS" in environment


def _refused(release: Release, flags: Collection[str]) -> list[str]:
    """Of these flags, those that the release does not take."""
    return [name for name in flags if why_not(name.removeprefix("disable_"), release)]


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
