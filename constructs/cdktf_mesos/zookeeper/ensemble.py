"""ZooKeeper ensembles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.container.member import ContainerSpec, Member, check_name, run_member
from cdktf_mesos.container.options import ContainerOptions, Mount, asked_from
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.checks import check_hosts, check_odd, check_port, on_stack_of, read_image, require_generation_on
from cdktf_mesos.zookeeper import health
from cdktf_mesos.zookeeper.families import Server, family_of

RELEASES = ((3, 4), (3, 5), (3, 6), (3, 7), (3, 8), (3, 9))

# A server that is told to stop is gone within a second or two; the time is for a slow disk.
GRACE_SECONDS = 30

# What the official images' entrypoint reads and the construct decides, set by it or not.
_OWNED_VARIABLES = (
    "ZOO_CONF_DIR",
    "ZOO_DATA_DIR",
    "ZOO_DATA_LOG_DIR",
    "ZOO_LOG_DIR",
    "ZOO_MY_ID",
    "ZOO_PORT",
    "ZOO_SERVERS",
)


class ZookeeperEnsemble(Construct):
    """A ZooKeeper ensemble: one server on each host, and the connect string for those who use it.

    Args:
        scope: where the ensemble's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: an odd number of hosts, in the order of their ids, which begin with 1. A running ensemble (from 3.5)
            grows at the end, two at a time, one stack after another in the order of the list, each behind a
            `Preflight`: servers that start empty must not outvote those that have the data. Before it shrinks, at the
            end as well, the containers of those that leave must be gone. One that has ended for good may be replaced at
            its place by one at another address.
        image: such as `zookeeper:3.9.4`. Families: `zookeeper` (the official image; also taken for an image of no
            known family), `containersol`, and `containersol-first-node` for its revision that takes no id.
        container_name: of the containers; by default `id_`.
        client_port: for clients.
        peer_port: for followers to reach the leader.
        election_port: for the election of a leader.
        settings: further lines of `zoo.cfg`, such as `{"maxSessionTimeout": 60000}` (from 3.5 in the official image).
        options: what may be said about any container.

    Raises:
        ValueError: no hosts, an even number, a host twice; a port in use; a setting that the construct or the image
            decides; an unknown family.
    """

    role = "zookeeper"

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        image: str | Image,
        container_name: str | None = None,
        client_port: int = 2181,
        peer_port: int = 2888,
        election_port: int = 3888,
        settings: Mapping[str, str | int] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(scope, id_)
        check_hosts(self, hosts)
        check_odd(self, hosts)
        self.image = read_image(self, image)
        self.asked_from = asked_from(self, options, self.image)
        self.client_port = client_port
        self.probe = health.probe(client_port)
        name = check_name(self, "container_name", container_name or id_)
        ports = {"client_port": client_port, "peer_port": peer_port, "election_port": election_port}
        release = self.image.parsed_release()
        if (release.major, release.minor) < RELEASES[0]:
            raise invalid(self, "image", str(self.image), f"release 3.4 or later, not {release}")
        family = family_of(self, self.image, shown_on=hosts[0])
        settings = _settings(self, settings or {})
        for variable in options.environment:
            if variable in _OWNED_VARIABLES:
                raise invalid(self, "options.environment", variable, "another variable; the construct decides this one")
        addresses = [host.address for host in hosts]
        self._chroots: dict[str, str] = {}
        self.members: list[Member] = []
        for my_id, host in enumerate(hosts, start=1):
            for argument, port in ports.items():
                check_port(self, host, argument, port)
            server = Server(my_id, addresses, client_port, peer_port, election_port)

            def configuration(release: Release, server: Server = server) -> object:
                try:
                    return family.configure(self, server, release, settings)
                except ValueError as refusal:  # a release that could not be configured so is of another generation
                    return str(refusal)

            environment, command, directories = family.configure(self, server, release, settings)
            spec = ContainerSpec(
                role=self.role,
                name=name,
                image=self.image,
                health_test=self.probe.health_test(host.address, addresses),
                environment=environment,
                command=command,
                mounts=[Mount(f"{host.data_dir}/{name}/{directory}", path) for directory, path in directories.items()],
                grace_seconds=GRACE_SECONDS,
            )
            before = on_stack_of(host, self.members) if family.one_after_another else []
            self.members.append(run_member(self, host, spec, options, depends_on=before))
            require_generation_on(host, self, self.image, RELEASES, configuration)

    @property
    def images(self) -> list[Image]:
        """What a machine with a member needs."""
        return [self.image]

    @property
    def connect_string(self) -> str:
        """`host:port,host:port`, as ZooKeeper's own clients want it."""
        return ",".join(f"{member.host.address}:{self.client_port}" for member in self.members)

    def url(self, chroot: str = "") -> str:
        """`zk://host:port,host:port/chroot`, as Mesos and its frameworks want it."""
        return f"zk://{self.connect_string}{chroot}"

    def url_of(self, role: Construct, chroot: str) -> str:
        """The url of a role that has a chroot to itself.

        Raises:
            ValueError: one that ZooKeeper would not take, that is ZooKeeper's own, or that another role has.
        """
        _check_chroot(role, chroot)
        holder = self._chroots.setdefault(chroot, role.node.path)
        if holder != role.node.path:
            right = f"another path; {holder} has this one, and each would take the other for a part of itself"
            raise invalid(role, "chroot", chroot, right)
        return self.url(chroot)


def _check_chroot(role: Construct, chroot: str) -> None:
    if not re.fullmatch(r"(/[^/\s:@,]+)+", chroot) or {"/.", "/.."} & {f"/{part}" for part in chroot.split("/")}:
        raise invalid(role, "chroot", chroot, "a path that begins with a slash and does not end in one: '/mesos'")
    if chroot == "/zookeeper" or chroot.startswith("/zookeeper/"):
        raise invalid(role, "chroot", chroot, "a path outside '/zookeeper', which is the ensemble's own")


# What the construct or the image's entrypoint writes into zoo.cfg (ZooKeeper administrator's guide).
_OWNED = ("dataDir", "dataLogDir", "clientPort", "clientPortAddress", "admin.enableServer", "4lw.commands.whitelist")


def _settings(role: Construct, settings: Mapping[str, str | int]) -> dict[str, str]:
    for name, value in settings.items():
        if name in _OWNED or name.startswith("server."):
            raise invalid(role, "settings", name, "another setting; this one is decided by the construct")
        if not re.fullmatch("[A-Za-z][A-Za-z0-9._]*", name):
            raise invalid(role, "settings", name, "the name of a setting of zoo.cfg")
        if re.search(r"\s", str(value)) or value == "":
            raise invalid(role, f"settings[{name!r}]", value, "a value without white space; the image splits there")
    return {name: str(value) for name, value in settings.items()}
