"""Mesos masters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from constructs import Construct

from cdktf_mesos.container.member import ContainerSpec
from cdktf_mesos.container.names import MASTER
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos import health
from cdktf_mesos.mesos.closed import Closed, check_closing_flags, closed_master, warn_of_required
from cdktf_mesos.mesos.configuration import FlagValue, all_flags, check_flags, configured, log_mounts
from cdktf_mesos.mesos.families import family_of, has_known_repository
from cdktf_mesos.mesos.flags import MINORS
from cdktf_mesos.mesos.upgrades import master_bumps
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role
from cdktf_mesos.security.security import Security
from cdktf_mesos.security.stage import StageCheck, stage_check
from cdktf_mesos.tls.stage import ALL_HAVE_TLS, with_tls
from cdktf_mesos.tls.tls import Tls
from cdktf_mesos.tls.variables import check_tls, tls_variables
from cdktf_mesos.zookeeper.acls import Znodes, add_acls
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble
from cdktf_mesos.zookeeper.login import url_with_login

# The default port of mesos-master.
PORT = 5050

_STAGE = Path(__file__).with_name("masters_stage.sh")

# Flags that the construct sets itself.
_RESERVED_FLAGS = ("zk", "quorum", "registry", "cluster", "ip", "hostname", "port", "work_dir")

# Agents and frameworks read these without a login. All other znodes are ephemeral: a master makes its own with the
# right ACL (src/zookeeper/group.cpp).
_ZNODES = Znodes(below=("log_replicas",), readable=(".",), clients=(".", "log_replicas"))


class MesosMasterSet(Role):
    """The masters of a Mesos cluster, one on each host, with a replicated log as their registry.

    Args:
        scope: where the set's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: an odd number of hosts, which decides the quorum. To grow a running set of three or more, add two hosts
            at a time to the end of the list, and roll one stack after another in the order of the list: every master
            must know the new quorum before the next new one starts. Before a set shrinks, remove the containers of the
            leaving masters. The log of a single master cannot grow. So a set that grows from one master begins with an
            empty log: agents and tasks stay, but quotas, weights and maintenance are lost (Mesos docs, operational
            guide).
        zookeeper: the ensemble in which the masters elect their leader.
        image: such as `mesosphere/mesos-master:1.11.0`. Families: `mesosphere`, `redjack`, `mesoscloud`,
            `containersol`, and `clusterd` for images that you build of Clusterd's packages.
        cluster: the cluster's name, shown by the masters.
        container_name: name of the containers; by default `id_`.
        chroot: the masters' path in ZooKeeper.
        port: port of the masters.
        flags: further flags of mesos-master, such as `{"roles": "web,batch"}`.
        security: the security of the cluster: of the masters, of their agents and of Marathon. By default it is open.
        tls: the TLS of the cluster: of the masters, of their agents and of Marathon's connection to them. By default
            there is none.
        options: settings that every container has: environment, mounts, limits and more.

    Raises:
        ValueError: no hosts, an even number of hosts, or a host twice; a port in use; a malformed chroot; a flag that
            the release does not have or that the construct decides, or that closes the masters; an unknown family, or
            a release for which the family has no image.
    """

    role = MASTER
    listens_on = (
        Port(
            "port",
            PORT,
            {
                "control": "Mesos masters among each other and Marathon",
                "agents": "Agents to masters",
                "bastion": "The UI; and the check that masters serve, before a machine is replaced",
            },
        ),
    )
    http_port = "port"
    releases = MINORS
    has_quorum = True
    # A master stops within a second. The rest is for a slow disk.
    grace_seconds = 10
    bumps = staticmethod(master_bumps)

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        zookeeper: ZookeeperEnsemble,
        image: str | Image,
        cluster: str,
        container_name: str | None = None,
        chroot: str = "/mesos",
        port: int = PORT,
        flags: Mapping[str, FlagValue] | None = None,
        security: Security | None = None,
        tls: Tls | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        self._flags = flags or {}
        self._all_flags = all_flags(self._flags, options.environment)
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=image,
            container_name=container_name,
            ports={"port": port},
            probe=health.probe(port, security, tls),
            uses=[zookeeper],
            security=security,
            tls=tls,
            options=options,
        )
        if not cluster.strip():
            raise invalid(self, "cluster", cluster, "Use a name that is not blank")
        self.zookeeper = zookeeper
        self.port = port
        self.quorum = len(hosts) // 2 + 1
        self.url = zookeeper.url_of(self, chroot)
        self._cluster, self._family = cluster, family_of(self, self.image)
        for flag in self._family.master_flags:
            if flag in self._flags or f"MESOS_{flag.upper()}" in options.environment:
                repository = self.image.repository
                remedy = f"Remove it: the entrypoint of {repository} sets it, and Mesos may exit if it is set twice"
                raise invalid(self, "flags, options.environment", flag, remedy)
        check_flags(
            self, "master", self.release, self._flags, reserved=_RESERVED_FLAGS, environment=options.environment
        )
        check_closing_flags(self, self._flags, options.environment, security)
        if security:
            warn_of_required(self, self.shown_on, "master", self.release, security)
        public = self._family if has_known_repository(self.image) else None
        check_tls(self, tls, options.environment, release=self.release, family=public)
        self.add_members()
        if security:
            for member in self.members:
                add_acls(member, zookeeper, chroot, _ZNODES, security, self.role)

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The master's container on a host."""
        closed = closed_master(self.security, release) if self.security else Closed()
        zk, files = self.url, [*closed.files]
        if self.security and self.security.reaches("used"):
            # From 1.5 on, neither the log nor /flags shows the URL in a file (MESOS-8413).
            files.append(url_with_login(self.security, zk, "/etc/cdktf-mesos.zk", "masters-zk"))
            zk = f"file://{files[-1].path}"
        own_flags = {
            "zk": zk,
            "quorum": str(self.quorum),
            "cluster": self._cluster,
            "ip": host.address,
            "hostname": host.hostname,
            "port": str(self.port),
            "work_dir": "/var/lib/mesos",
            **closed.flags,
        }
        environment, arguments = configured("master", release, own_flags, self._flags)
        certificate, labels = self.tls.files(host) if self.tls else ([], {})
        if self.tls:
            environment |= tls_variables(self.tls, self.options.environment, downgrade=not self.tls.required)
        data = f"{host.data_dir}/{self.container_name}"
        return ContainerSpec(
            environment={**environment, **closed.environment},
            secrets=[*files, *certificate],
            labels=labels,
            # The command replaces that of mesosphere's image, which is --registry=in_memory.
            command=[*self._family.master_words, "--registry=replicated_log", *arguments],
            mounts=[
                # A separate directory: the log of a single master must never become a replica of a set's log.
                Mount(f"{data}/{'work' if len(self.hosts) > 1 else 'work-of-one'}", "/var/lib/mesos"),
                *log_mounts(self, data, self._all_flags, self.options.mounts),
            ],
        )

    @property
    def stage_check(self) -> StageCheck:
        """Masters go one stage at a time, and require nothing before all agents and frameworks authenticate."""
        check = stage_check(_STAGE, self.security, self.addresses(), self.port)
        shows_principals = "yes" if self.release >= Release(0, 28) else "no"
        check = replace(check, environment={**check.environment, "SHOWS_PRINCIPALS": shows_principals})
        return with_tls(check, self.tls, *([ALL_HAVE_TLS] if self.tls and self.tls.required else []))

    @property
    def agent_image(self) -> Image | None:
        """The image for agents of the same family and version; None if the masters' repository is not a family's own.

        Raises:
            ValueError: the masters' version is a bare digest, which the agents' image cannot share.
        """
        agent = family_of(self, self.image).agent
        return self.image.with_repository(agent) if agent is not None and has_known_repository(self.image) else None
