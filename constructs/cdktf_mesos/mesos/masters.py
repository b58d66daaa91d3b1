"""Mesos masters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.compatibility.check import guard
from cdktf_mesos.compatibility.rule import Facts
from cdktf_mesos.container.member import ContainerSpec, Member, check_name, run_member
from cdktf_mesos.container.options import ContainerOptions, Mount, asked_from
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos import health
from cdktf_mesos.mesos.configuration import FlagValue, all_flags, check_flags, check_release, configured, needs_password
from cdktf_mesos.mesos.families import family_of, known
from cdktf_mesos.mesos.flags import MINORS
from cdktf_mesos.role.checks import check_hosts, check_odd, check_port, on_stack_of, read_image, require_generation_on
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble

# A master that is told to stop is gone within a second; the time is for a slow disk.
GRACE_SECONDS = 10

# What the construct decides.
_OWNED = ("zk", "quorum", "registry", "cluster", "ip", "hostname", "port", "work_dir", "log_dir")


class MesosMasterSet(Construct):
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
        image: such as `mesosphere/mesos-master:1.11.0`. Families: `mesosphere` (also taken for an image of no known
            family), `redjack`, `mesoscloud`, `containersol`.
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
        port: int = 5050,
        flags: Mapping[str, FlagValue] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(scope, id_)
        check_hosts(self, hosts)
        check_odd(self, hosts)
        if not cluster.strip():
            raise invalid(self, "cluster", cluster, "a name")
        self.image = read_image(self, image)
        self.asked_from = asked_from(self, options, self.image)
        self.zookeeper = zookeeper
        self.port = port
        self.probe = health.probe(port, authenticated=needs_password(all_flags(flags or {}, options.environment)))
        self.quorum = len(hosts) // 2 + 1
        self.url = zookeeper.url_of(self, chroot)
        name = check_name(self, "container_name", container_name or id_)
        family = family_of(self, self.image)
        release = check_release(self, self.image)
        check_flags(self, "master", release, flags or {}, owned=_OWNED, environment=options.environment)
        for flag in family.master_flags:
            if flag in (flags or {}) or f"MESOS_{flag.upper()}" in options.environment:
                right = f"none; the entrypoint of {self.image.repository} says it, and Mesos may end at a second"
                raise invalid(self, "flags, options.environment", flag, right)
        facts = Facts(zookeeper=zookeeper.image.parsed_release(), masters=release, repository=self.image.repository)
        guard(self, "image", str(self.image), facts, "masters", shown_on=hosts[0])
        addresses = [host.address for host in hosts]
        self.members: list[Member] = []
        for host in hosts:
            check_port(self, host, "port", port)
            wanted = {
                "zk": self.url,
                "quorum": str(self.quorum),
                "cluster": cluster,
                "ip": host.address,
                "hostname": host.hostname,
                "port": str(port),
                "work_dir": "/var/lib/mesos",
                "log_dir": "/var/log/mesos",
            }

            def configuration(release: Release, wanted: Mapping[str, str] = wanted) -> object:
                return configured("master", release, wanted, flags or {})

            environment, extra = configured("master", release, wanted, flags or {})
            spec = ContainerSpec(
                role=self.role,
                name=name,
                image=self.image,
                health_test=self.probe.health_test(host.address, addresses),
                environment=environment,
                # The registry on the command line, where mesosphere's image has --registry=in_memory.
                command=[*family.master_words, "--registry=replicated_log", *extra],
                mounts=[
                    # Aside, as the log of one must never become a replica of the log of several.
                    Mount(f"{host.data_dir}/{name}/{'work' if len(hosts) > 1 else 'work-of-one'}", "/var/lib/mesos"),
                    Mount(f"{host.data_dir}/{name}/log", "/var/log/mesos"),
                ],
                grace_seconds=GRACE_SECONDS,
            )
            servers = on_stack_of(host, zookeeper.members)
            self.members.append(run_member(self, host, spec, options, depends_on=servers))
            require_generation_on(host, self, self.image, MINORS, configuration)

    @property
    def images(self) -> list[Image]:
        """What a machine with a member needs."""
        return [self.image]

    @property
    def agent_image(self) -> Image | None:
        """The agents' image that belongs to the masters', of the same version; None where no family says which.

        Raises:
            ValueError: the masters' version is a digest, and the agents' image has another.
        """
        return self.image.beside(family_of(self, self.image).agent) if known(self.image) else None

    @property
    def urls(self) -> list[str]:
        """Where each master answers; those that do not lead redirect to the one that does."""
        return [f"http://{member.host.hostname}:{self.port}" for member in self.members]
