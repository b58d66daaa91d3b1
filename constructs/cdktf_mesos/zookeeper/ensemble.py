"""ZooKeeper ensembles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.cdk import ITerraformDependable
from cdktf_mesos.container.member import ContainerSpec, HostCheck
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role
from cdktf_mesos.zookeeper import health
from cdktf_mesos.zookeeper.families import Server, family_of
from cdktf_mesos.zookeeper.settings import checked_java_properties, checked_settings
from cdktf_mesos.zookeeper.upgrades import zookeeper_bumps

# By default: for clients, for followers to reach the leader, for elections.
CLIENT_PORT, PEER_PORT, ELECTION_PORT = 2181, 2888, 3888

_DATA = Path(__file__).with_name("data.sh")

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


class ZookeeperEnsemble(Role):
    """A ZooKeeper ensemble: one server on each host, and the connect string for those who use it.

    Args:
        scope: where the ensemble's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: an odd number of hosts, in the order of their ids, which begin with 1. A running ensemble (from 3.5)
            grows at the end, two at a time, one stack after another in the order of the list, each behind a
            `Preflight`: servers that start empty must not outvote those that have the data. Before it shrinks, at the
            end as well, the containers of those that leave must be gone. One that has ended for good may be replaced at
            its place by one at another address.
        image: such as `zookeeper:3.9.4`. Families: `zookeeper` (the official image), `containersol`, and
            `containersol-first-node` for its revision that takes no id.
        container_name: of the containers; by default `id_`.
        client_port: for clients.
        peer_port: for followers to reach the leader.
        election_port: for the election of a leader.
        settings: further lines of `zoo.cfg`, such as `{"maxSessionTimeout": 60000}` (from 3.5.9 in the official image).
            `4lw.commands.whitelist` adds to what the construct needs: `{"4lw.commands.whitelist": "stat,dump"}`.
        java_properties: properties of the servers' Java virtual machine that `zoo.cfg` cannot have, such as
            `{"jute.maxbuffer": 4194304}`; in the official image.
        options: what may be said about any container.

    Raises:
        ValueError: no hosts, an even number, a host twice; a port in use; a setting that the construct or the image
            decides, or that has no effect; an unknown family.
    """

    role = "zookeeper"
    listens_on = (
        Port(
            "client_port",
            CLIENT_PORT,
            {
                "control": "ZooKeeper for masters and Marathon",
                "agents": "ZooKeeper for agents that look for the leading master",
                "bastion": "The check that ZooKeeper serves, before a machine is replaced",
            },
        ),
        Port("peer_port", PEER_PORT, {"control": "ZooKeeper followers to their leader"}),
        Port("election_port", ELECTION_PORT, {"control": "ZooKeeper elections"}),
    )
    releases = ((3, 4), (3, 5), (3, 6), (3, 7), (3, 8), (3, 9))
    has_quorum = True
    # A server that is told to stop is gone within a second or two; the time is for a slow disk.
    grace_seconds = 30
    bumps = staticmethod(zookeeper_bumps)

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        image: str | Image,
        container_name: str | None = None,
        client_port: int = CLIENT_PORT,
        peer_port: int = PEER_PORT,
        election_port: int = ELECTION_PORT,
        settings: Mapping[str, str | int] | None = None,
        java_properties: Mapping[str, str | int] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=image,
            container_name=container_name,
            ports={"client_port": client_port, "peer_port": peer_port, "election_port": election_port},
            probe=health.probe(client_port),
            options=options,
        )
        self.client_port = client_port
        self._family = family_of(self, self.image, shown_on=self.shown_on)
        self._settings = checked_settings(self, settings or {})
        self._java_properties = checked_java_properties(self, java_properties or {}, self._settings)
        for variable in options.environment:
            if variable in _OWNED_VARIABLES:
                raise invalid(self, "options.environment", variable, "another variable; the construct decides this one")
        self._chroots: dict[str, str] = {}
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The server of a host; its id is its place in the list of hosts."""
        addresses = [each.address for each in self.hosts]
        server = Server(
            my_id=self.hosts.index(host) + 1,
            addresses=addresses,
            **self.ports,
            settings=self._settings,
            java_properties=self._java_properties,
        )
        environment, command, directories = self._family.configure(self, server, release)
        data = f"{host.data_dir}/{self.container_name}"
        mounts = [Mount(f"{data}/{directory}", path) for directory, path in directories.items()]
        # From outside nobody sees what is in the container.
        kept = None if self.options.gate_image or "data" not in directories else f"{directories['data']}/version-2"
        return ContainerSpec(
            environment=environment,
            command=command,
            mounts=mounts,
            host_check=_data_check(server, data) if directories else None,
            health_test=self.probe.health_test(host.address, addresses, kept),
        )

    def starts_after(self, host: DockerHost) -> list[ITerraformDependable]:
        """The servers before it, where the image wants them to start one after another."""
        if not self._family.one_after_another:
            return []
        return [member.serves for member in self.members if member.host.stack is host.stack]

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


def _data_check(server: Server, directory: str) -> HostCheck:
    """What must be true of the data on a server's host before its container is made or replaced."""
    variables = {
        "DATA": f"{directory}/data",
        "MY_ID": str(server.my_id),
        "SERVER": server.addresses[server.my_id - 1],
        "PORT": str(server.client_port),
    }
    return HostCheck(scripts.joined(_DATA), [Mount(directory, read_only=True)], variables)


def _check_chroot(role: Construct, chroot: str) -> None:
    if not re.fullmatch(r"(/[^/\s:@,]+)+", chroot) or {"/.", "/.."} & {f"/{part}" for part in chroot.split("/")}:
        raise invalid(role, "chroot", chroot, "a path that begins with a slash and does not end in one: '/mesos'")
    if chroot == "/zookeeper" or chroot.startswith("/zookeeper/"):
        raise invalid(role, "chroot", chroot, "a path outside '/zookeeper', which is the ensemble's own")
