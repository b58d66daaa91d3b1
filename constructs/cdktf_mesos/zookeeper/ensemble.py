"""ZooKeeper ensembles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.cdk import ITerraformDependable
from cdktf_mesos.container.jvm import without_container_support
from cdktf_mesos.container.member import ContainerSpec, HostCheck, Member
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.role.ports import PROMETHEUS, Port
from cdktf_mesos.role.role import Role
from cdktf_mesos.security.security import Security
from cdktf_mesos.security.stage import StageCheck, skips_stages
from cdktf_mesos.zookeeper import health
from cdktf_mesos.zookeeper.families import Official, Server, family_of
from cdktf_mesos.zookeeper.quorum_settings import SWITCHES, stage_in
from cdktf_mesos.zookeeper.quorum_tls import STAGES, QuorumTls
from cdktf_mesos.zookeeper.settings import checked_java_properties, checked_settings
from cdktf_mesos.zookeeper.upgrades import zookeeper_bumps

if TYPE_CHECKING:
    from cdktf_mesos.roll.deployed import DeployedMember

# The default ports: for clients, for followers that connect to the leader, for elections.
CLIENT_PORT, PEER_PORT, ELECTION_PORT = 2181, 2888, 3888

# The default port of ZooKeeper's Prometheus provider (ZooKeeper administrator's guide, metricsProvider.httpPort).
METRICS_PORT = 7000

_DATA, _STAGE = (Path(__file__).with_name(name) for name in ("data.sh", "quorum_stage.sh"))

# Variables that the official image's entrypoint reads. The construct decides them all, also where it leaves one unset.
_RESERVED_VARIABLES = (
    "ZOO_CONF_DIR",
    "ZOO_DATA_DIR",
    "ZOO_DATA_LOG_DIR",
    "ZOO_LOG_DIR",
    "ZOO_MY_ID",
    "ZOO_PORT",
    "ZOO_SERVERS",
)


class ZookeeperEnsemble(Role):
    """A ZooKeeper ensemble: one server on each host, and the connect string for its clients.

    Args:
        scope: where the ensemble's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: an odd number of hosts, in the order of their servers' ids, which begin with 1. To grow a running
            ensemble (from 3.5), add two hosts at a time to the end of the list. Roll one stack after another in the
            order of the list, each with a `Preflight`: servers that start empty must not outvote those that have the
            data. An ensemble shrinks at the end of the list, too; remove the containers of the leaving servers first.
            A server that will never start again may be replaced: put a host with another address in its place.
        image: such as `zookeeper:3.9.4`. Families: `zookeeper` (the official image), `containersol`, and
            `containersol-first-node` for the revision of that image that takes no id.
        container_name: name of the containers; by default `id_`.
        client_port: port for clients.
        peer_port: port for followers that connect to the leader.
        election_port: port for elections of the leader.
        metrics_port: port at which servers give their metrics to Prometheus, at `/metrics`, from 3.6 on in the official
            image; usually 7000. Up to 3.7 a server listens on all addresses of its host. By default there is none.
        settings: further lines of `zoo.cfg`, such as `{"maxSessionTimeout": 60000}` (from 3.5.9 in the official image).
            The words in `4lw.commands.whitelist` are added to those that the construct needs:
            `{"4lw.commands.whitelist": "stat,dump"}`.
        java_properties: properties of the servers' Java virtual machine that cannot be set in `zoo.cfg`, such as
            `{"jute.maxbuffer": 4194304}`; only in the official image.
        security: the security of the cluster; by default it is open.
        quorum_tls: TLS between the servers, from 3.5.9 on in the official image; by default there is none.
        options: settings that every container has: environment, mounts, limits and more.

    Raises:
        ValueError: no hosts, an even number of hosts, or a host twice; a port in use; a setting that the construct or
            the image decides, or that has no effect; an unknown family; a certificate that ZooKeeper could not use.
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
        Port("metrics_port", METRICS_PORT, {PROMETHEUS: "Metrics of ZooKeeper"}, optional=True),
    )
    releases = ((3, 4), (3, 5), (3, 6), (3, 7), (3, 8), (3, 9))
    has_quorum = True
    # A server stops within a second or two. The rest is for a slow disk.
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
        metrics_port: int | None = None,
        settings: Mapping[str, str | int] | None = None,
        java_properties: Mapping[str, str | int] | None = None,
        security: Security | None = None,
        quorum_tls: QuorumTls | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        ports = {"client_port": client_port, "peer_port": peer_port, "election_port": election_port}
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=image,
            container_name=container_name,
            ports=ports if metrics_port is None else {**ports, "metrics_port": metrics_port},
            probe=health.probe(client_port),
            security=security,
            options=options,
        )
        self.client_port = client_port
        self._family = family_of(self, self.image, shown_on=self.shown_on)
        if security and not isinstance(self._family, Official):
            remedy = "Use the official image, zookeeper: this one wipes its data, and the ACLs of the cluster with them"
            raise invalid(self, "image", str(self.image), remedy)
        if quorum_tls and len(hosts) == 1:
            remedy = "Remove it: a single server has no connections to other servers"
            raise invalid(self, "quorum_tls", quorum_tls.stage, remedy)
        self.quorum_tls = quorum_tls
        self._settings = checked_settings(self, settings or {})
        self._java_properties = checked_java_properties(self, java_properties or {}, self._settings)
        for variable in options.environment:
            if variable in _RESERVED_VARIABLES:
                raise invalid(self, "options.environment", variable, "Remove it: the construct sets this variable")
        self._chroots: dict[str, str] = {}
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The server's container on a host. The server's id is the host's place in the list of hosts."""
        addresses = [each.address for each in self.hosts]
        server = Server(
            my_id=self.hosts.index(host) + 1,
            addresses=addresses,
            **self.ports,
            settings=self._settings,
            java_properties=self._java_properties,
            quorum_tls=self.quorum_tls,
        )
        environment, command, directories = self._family.configure(self, server, release)
        files, labels = self.quorum_tls.files(host) if self.quorum_tls else ([], {})
        data = f"{host.data_dir}/{self.container_name}"
        mounts = [Mount(f"{data}/{directory}", path) for directory, path in directories.items()]
        # A gate is outside the server's container, so it cannot check the directories in it.
        checks_data = "data" in directories and not self.options.gate_image
        data_path = f"{directories['data']}/version-2" if checks_data else None
        return ContainerSpec(
            # bin/zkServer.sh of every release passes SERVER_JVMFLAGS to the virtual machine.
            environment={**environment, **without_container_support("SERVER_JVMFLAGS", self.options)},
            command=command,
            mounts=mounts,
            secrets=files,
            labels=labels,
            host_check=_data_check(server, data) if directories else None,
            health_test=self.probe.health_test(host.address, addresses, data_path),
        )

    def starts_after(self, host: DockerHost) -> list[ITerraformDependable]:
        """The servers before it in the list, for an image whose servers must start one after another."""
        if not self._family.one_after_another:
            return []
        return [member.serves for member in self.members if member.host.stack is host.stack]

    @property
    def stage_check(self) -> StageCheck | None:
        """The check that servers do not skip a stage of TLS; None without `quorum_tls`.

        The check connects to the election ports of the other servers, and keeps each busy for about a second. So
        ensembles without `quorum_tls` do not have it.
        """
        if self.quorum_tls is None:
            return None
        environment = {
            "QUORUM_TLS": self.quorum_tls.stage,
            "SERVERS": " ".join(self.addresses()),
            "ELECTION_PORT": str(self.ports["election_port"]),
        }
        return StageCheck([_STAGE], environment)

    def refuse_redeploy(self, member: Member, deployed: DeployedMember) -> str | None:
        """A server must not skip a stage of TLS."""
        running, wanted = stage_in(deployed.environment), self.quorum_tls.stage if self.quorum_tls else STAGES[0]
        return skips_stages("quorum_tls", STAGES, running, wanted) if self._has_stages else None

    @property
    def _has_stages(self) -> bool:
        """Whether the program decides about TLS between the servers, of which there are several."""
        own = isinstance(self._family, Official) and self.release >= Release(3, 5) and len(self.hosts) > 1
        return own and not {*SWITCHES} & {*self._settings}

    @property
    def connect_string(self) -> str:
        """`host:port,host:port`, the form that ZooKeeper's own clients take."""
        return ",".join(f"{member.host.address}:{self.client_port}" for member in self.members)

    def url(self, chroot: str = "") -> str:
        """`zk://host:port,host:port/chroot`, the form that Mesos and its frameworks take."""
        return f"zk://{self.connect_string}{chroot}"

    def url_of(self, role: Construct, chroot: str) -> str:
        """The URL for a role, whose chroot no other role of this ensemble may use.

        Raises:
            ValueError: a chroot that is malformed, that belongs to ZooKeeper itself, or that another role uses.
        """
        _check_chroot(role, chroot)
        holder = self._chroots.setdefault(chroot, role.node.path)
        if holder != role.node.path:
            remedy = f"Use another path: {holder} uses this one, and each would take the other's members for its own"
            raise invalid(role, "chroot", chroot, remedy)
        return self.url(chroot)


def _data_check(server: Server, directory: str) -> HostCheck:
    """The check of the data on a server's host, before the server's container is created or replaced."""
    variables = {
        "DATA": f"{directory}/data",
        "MY_ID": str(server.my_id),
        "SERVER": server.address,
        "PORT": str(server.client_port),
    }
    return HostCheck(scripts.joined(_DATA), [Mount(directory, read_only=True)], variables)


def _check_chroot(role: Construct, chroot: str) -> None:
    if not re.fullmatch(r"(/[^/\s:@,]+)+", chroot) or {"/.", "/.."} & {f"/{part}" for part in chroot.split("/")}:
        remedy = "Use a path that begins with '/' and does not end in one, such as '/mesos'"
        raise invalid(role, "chroot", chroot, remedy)
    if chroot == "/zookeeper" or chroot.startswith("/zookeeper/"):
        raise invalid(role, "chroot", chroot, "Use a path outside '/zookeeper', which ZooKeeper itself uses")
