"""Mesos masters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.container.member import ContainerSpec
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos import health
from cdktf_mesos.mesos.configuration import FlagValue, all_flags, check_flags, configured, log_mounts, needs_password
from cdktf_mesos.mesos.families import family_of, known
from cdktf_mesos.mesos.flags import MINORS
from cdktf_mesos.mesos.upgrades import master_bumps
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble

# Of mesos-master, by default.
PORT = 5050

# What the construct decides.
_OWNED = ("zk", "quorum", "registry", "cluster", "ip", "hostname", "port", "work_dir")


class MesosMasterSet(Role):
    """The masters of a Mesos cluster, one on each host, with a replicated log as their registry.

    Args:
        scope: where the set's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: an odd number of hosts; the quorum follows from it. A running set of three or more grows at the end, two
            at a time, one stack after another in the order of the list: every master must know the new quorum before a
            further one starts. Before it shrinks, the containers of those that leave must be gone. A single master's
            log cannot grow, so a set of several begins with an empty one: agents and tasks stay, but quotas, weights
            and maintenance are lost (Mesos docs, operational guide). With `authenticate_http_readonly` masters do not
            say how many they are, and their preflights refuse to grow, unless overridden.
        zookeeper: the ensemble in which the masters elect their leader.
        image: such as `mesosphere/mesos-master:1.11.0`. Families: `mesosphere`, `redjack`, `mesoscloud`,
            `containersol`.
        cluster: the cluster's name, shown by the masters.
        container_name: of the containers; by default `id_`.
        chroot: the masters' path in ZooKeeper.
        port: of the masters.
        flags: further flags of mesos-master, such as `{"roles": "web,batch"}`.
        options: what may be said about any container.

    Raises:
        ValueError: no hosts, an even number, a host twice; a port in use; a malformed chroot; a flag that the release
            does not have or that the construct decides; an unknown family, or a release that it has no image of.
    """

    role = "master"
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
    # A master that is told to stop is gone within a second; the time is for a slow disk.
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
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        given = flags or {}
        self._said = all_flags(given, options.environment)
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=image,
            container_name=container_name,
            ports={"port": port},
            probe=health.probe(port, authenticated=needs_password(self._said)),
            uses=[zookeeper],
            options=options,
        )
        if not cluster.strip():
            raise invalid(self, "cluster", cluster, "a name")
        self.zookeeper = zookeeper
        self.port = port
        self.quorum = len(hosts) // 2 + 1
        self.url = zookeeper.url_of(self, chroot)
        self._cluster, self._flags, self._family = cluster, given, family_of(self, self.image)
        for flag in self._family.master_flags:
            if flag in given or f"MESOS_{flag.upper()}" in options.environment:
                right = f"none; the entrypoint of {self.image.repository} says it, and Mesos may end at a second"
                raise invalid(self, "flags, options.environment", flag, right)
        check_flags(self, "master", self.release, given, owned=_OWNED, environment=options.environment)
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The master of a host."""
        wanted = {
            "zk": self.url,
            "quorum": str(self.quorum),
            "cluster": self._cluster,
            "ip": host.address,
            "hostname": host.hostname,
            "port": str(self.port),
            "work_dir": "/var/lib/mesos",
        }
        environment, extra = configured("master", release, wanted, self._flags)
        data = f"{host.data_dir}/{self.container_name}"
        return ContainerSpec(
            environment=environment,
            # The registry on the command line, where mesosphere's image has --registry=in_memory.
            command=[*self._family.master_words, "--registry=replicated_log", *extra],
            mounts=[
                # Aside, as the log of one must never become a replica of the log of several.
                Mount(f"{data}/{'work' if len(self.hosts) > 1 else 'work-of-one'}", "/var/lib/mesos"),
                *log_mounts(self, data, self._said, self.options.mounts),
            ],
        )

    @property
    def agent_image(self) -> Image | None:
        """The agents' image that belongs to the masters', of the same version; None where no family says which.

        Raises:
            ValueError: the masters' version is a digest, and the agents' image has another.
        """
        return self.image.beside(family_of(self, self.image).agent) if known(self.image) else None
