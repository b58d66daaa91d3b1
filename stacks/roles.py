"""The roles of a cluster, made from its settings, on the hosts of any platform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from constructs import Construct

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Image,
    Marathon,
    MarathonLb,
    MesosAgentPool,
    MesosMasterSet,
    Pin,
    Role,
    ZookeeperBackups,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import TerraformOutput, TerraformStack
from cdktf_mesos.errors import in_errors, invalid
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.mesos.agent.info import POLICY
from cdktf_mesos.mesos.families import FAMILIES
from cdktf_mesos.mesos_dns.mesos_dns import PORT as DNS_PORT
from cdktf_mesos.mesos_exporter.mesos_exporter import MesosExporter
from stacks.components import ContainerSettings, GatedSettings
from stacks.dns.role import dns_of_tasks, dns_outputs, new_dns
from stacks.load_balancers import SERVICE_PORTS, add_load_balancer
from stacks.monitoring import add_agent_exporter, add_master_exporter, marathon_flags, outputs, zookeeper_port
from stacks.pools import PUBLIC_ATTRIBUTES, PUBLIC_ROLE, Pool, settings_of
from stacks.registries import repository
from stacks.settings import Cluster

# Each agent on an engine gets the next thousand ports, beginning where Mesos's default begins.
PORTS_FROM, PORTS_EACH = 31000, 1000
# Default resources of each agent.
CPUS, MEM_MIB, DISK_MIB = 2, 2048, 10240

# Default images, and the default family of Mesos's images.
_ZOOKEEPER_IMAGE, _MARATHON_IMAGE, _MESOS_FAMILY = "zookeeper", "mesosphere/marathon", "mesosphere"


class Roles:
    """The roles of one cluster.

    Args:
        scope: where the roles' constructs live.
        cluster: the cluster's settings.
        control_plane: the hosts of ZooKeeper, the masters and Marathon.
        marathon: the hosts of Marathon, if they are other constructs for the same machines; by default those of
            `control_plane`.
        dns: the hosts of Mesos-DNS; used only if the settings have it. By default there are none.
        dns_leaving: the hosts on which Mesos-DNS ends; by default there are none.
    """

    def __init__(
        self,
        scope: Construct,
        cluster: Cluster,
        control_plane: Sequence[DockerHost],
        marathon: Sequence[DockerHost] | None = None,
        dns: Sequence[DockerHost] = (),
        dns_leaving: Sequence[DockerHost] = (),
    ) -> None:
        self._scope = scope
        self._cluster = cluster
        zookeeper, masters_, marathon_ = cluster.zookeeper, cluster.masters, cluster.marathon
        self._family = FAMILIES[cluster.mesos_family or _MESOS_FAMILY]
        self.zookeeper = ZookeeperEnsemble(
            scope,
            "zookeeper",
            hosts=control_plane,
            image=Image(
                repository(cluster, zookeeper.image or _ZOOKEEPER_IMAGE),
                Pin("zookeeper_version", cluster.zookeeper_version, zookeeper.release),
                family=zookeeper.family,
            ),
            container_name=f"{cluster.name}-zookeeper",
            client_port=zookeeper.client_port,
            peer_port=zookeeper.peer_port,
            election_port=zookeeper.election_port,
            metrics_port=zookeeper_port(cluster),
            settings=zookeeper.settings,
            java_properties=zookeeper.java_properties,
            security=cluster.security,
            quorum_tls=zookeeper.quorum_tls,
            options=self._options(zookeeper),
        )
        self.backups: ZookeeperBackups | None = None
        if cluster.backup is not None:
            self.backups = ZookeeperBackups(
                scope,
                "backups",
                ensemble=self.zookeeper,
                cluster=cluster.name,
                directory=cluster.backup.directory,
                interval_minutes=cluster.backup.interval_minutes,
                keep=cluster.backup.keep,
                container_name=f"{cluster.name}-backups",
            )
        pin = _pin(cluster, "mesos_master_version", masters_.version, masters_.release)
        self.masters = MesosMasterSet(
            scope,
            "masters",
            hosts=control_plane,
            zookeeper=self.zookeeper,
            cluster=cluster.name,
            image=self._image("Cluster: masters", masters_.image, self._family.master, pin),
            container_name=f"{cluster.name}-master",
            port=masters_.port,
            flags=masters_.flags,
            security=cluster.security,
            tls=cluster.tls,
            options=self._options(masters_),
        )
        self._exporters: dict[Role, Sequence[MesosExporter[Any]]] = {
            self.masters: add_master_exporter(scope, cluster, self.masters)
        }
        self.marathon = Marathon(
            scope,
            "marathon",
            hosts=control_plane if marathon is None else marathon,
            masters=self.masters,
            image=Image(
                repository(cluster, marathon_.image or _MARATHON_IMAGE),
                Pin("marathon_version", cluster.marathon_version, marathon_.release),
                family=marathon_.family,
            ),
            container_name=f"{cluster.name}-marathon",
            port=marathon_.port,
            libprocess_port=marathon_.libprocess_port,
            mesos_user=marathon_.mesos_user,
            flags={
                **(SERVICE_PORTS if cluster.load_balancer else {}),
                **marathon_flags(cluster),
                **marathon_.flags,
            },
            principal=marathon_.principal,
            https=marathon_.https,
            https_port=marathon_.https_port,
            options=self._options(marathon_),
        )
        self.dns = (
            new_dns(scope, cluster, cluster.dns, self.masters, dns, dns_leaving, self._options(cluster.dns))
            if cluster.dns
            else None
        )
        self.load_balancer: MarathonLb | None = None

    @property
    def name_servers(self) -> list[str]:
        """The name servers for apps on the host's network; empty if these use the host's own."""
        settings = self._cluster.dns
        # Docker has no setting for another port.
        is_usable = (
            self.dns is not None and settings is not None and settings.container_dns and settings.port == DNS_PORT
        )
        return self.dns.addresses() if self.dns is not None and is_usable else []

    def add_load_balancer(self, hosts: Sequence[DockerHost], leaving: Sequence[DockerHost] = ()) -> MarathonLb | None:
        """Add a load balancer on each of the hosts, if the cluster has load balancers."""
        cluster = self._cluster
        if cluster.load_balancer is not None:
            self.load_balancer = add_load_balancer(
                self._scope, cluster, cluster.load_balancer, self.marathon, hosts, leaving
            )
        return self.load_balancer

    def agents(
        self,
        hosts: Sequence[DockerHost],
        *,
        leaving: Sequence[DockerHost] = (),
        number: int | None = None,
        pool: Pool | None = None,
    ) -> MesosAgentPool:
        """Add one agent to each of the hosts. `number` distinguishes several agents on the same host."""
        cluster, index = self._cluster, (number or 1) - 1
        settings, is_public = settings_of(pool, cluster.agents), pool is not None and pool.public
        first = PORTS_FROM + PORTS_EACH * index
        name = agent_name(pool, number)
        image = self.agent_image(pool)
        executor = None
        if settings.docker_mesos_image:
            where = f"Pool {pool.name}" if pool else "Cluster: agents"
            with in_errors(f"{where}: docker_mesos_image"):
                executor = image.of_same_version(repository(cluster, settings.docker_mesos_image))
        role = settings.default_role or (PUBLIC_ROLE if is_public else None)
        # Settings without a value get the construct's own default.
        optional = {
            "incarnation": settings.incarnation,
            "executor_registration_timeout": settings.executor_registration_timeout,
            "docker_socket": settings.docker_socket,
        }
        given: dict[str, Any] = {argument: value for argument, value in optional.items() if value is not None}
        agents = MesosAgentPool(
            self._scope,
            name,
            hosts=hosts,
            leaving=leaving,
            masters=self.masters,
            image=image,
            container_name=f"{cluster.name}-{name}",
            port=settings.first_port + index,
            attributes={**(PUBLIC_ATTRIBUTES if is_public else {}), **settings.attributes},
            resources={
                "cpus": CPUS if settings.cpus is None else settings.cpus,
                "mem": MEM_MIB if settings.mem_mib is None else settings.mem_mib,
                "disk": DISK_MIB if settings.disk_mib is None else settings.disk_mib,
                "ports": f"[{first}-{first + PORTS_EACH - 1}]",
                **settings.resources,
            },
            disks=settings.disks,
            isolation=settings.isolation,
            capabilities=settings.capabilities,
            docker_mesos_image=executor,
            docker_cli=settings.docker_cli,
            docker_cli_sha256=settings.docker_cli_sha256,
            default_container_dns=dns_of_tasks(cluster, self.dns, settings, image.parsed_release(), [*hosts, *leaving]),
            # Always True, because agents checkpoint it: so a second agent does not change the first.
            shares_engine=True,
            flags={
                **settings.flags,
                **({"default_role": role} if role else {}),
                **({POLICY: "additive"} if settings.additive else {}),
            },
            options=self._options(settings),
            **given,
        )
        self._exporters[agents] = add_agent_exporter(self._scope, cluster, agents, name, index)
        return agents

    def exporters_of(self, role: Role) -> Sequence[MesosExporter[Any]]:
        """The exporters of masters or agents; empty without exporters."""
        return self._exporters[role]

    def agent_image(self, pool: Pool | None = None) -> Image:
        """The image of the agents of a pool, or of those in no pool."""
        agents = self._cluster.agents
        pin = _pin(self._cluster, "mesos_agent_version", agents.version, agents.release)
        if pool and pool.version:
            pin = Pin(pool.variable, pool.version, pool.release)
        where = f"Pool {pool.name}" if pool and pool.image else "Cluster: agents"
        return self._image(where, (pool and pool.image) or agents.image, self._family.agent, pin)

    def _image(self, where: str, own: str | None, usual: str | None, pin: Pin) -> Image:
        """An image of Mesos: the usual one of the family, or the user's own that is configured like it."""
        cluster = self._cluster
        if own:
            return Image(repository(cluster, own), pin, family=cluster.mesos_family)
        if usual is None:
            remedy = f"Set it: there are no public images of the family {cluster.mesos_family!r}"
            raise invalid(where, "image", own, remedy)
        return Image(repository(cluster, usual), pin)

    def _options(self, component: ContainerSettings) -> ContainerOptions:
        """The options of a component's containers. Agents have no gate image: their checks run in their own image."""
        cluster = self._cluster
        gate = component.gate_image or cluster.gate_image if isinstance(component, GatedSettings) else None
        return component.options(cluster.wait_seconds, repository(cluster, gate) if gate else None)

    def add_outputs(self, stack: TerraformStack, pools: Sequence[MesosAgentPool]) -> None:
        """Add the cluster's URLs and connect string as outputs of a stack."""
        for name, value in {
            "zookeeper_connect_string": self.zookeeper.connect_string,
            "master_urls": self.masters.urls,
            "agent_urls": [url for pool in pools for url in pool.urls],
            "marathon_urls": self.marathon.urls,
            **dns_outputs(self._cluster, self.dns),
            **outputs(self._cluster, self, pools),
            **({"load_balancer_urls": self.load_balancer.urls} if self.load_balancer else {}),
        }.items():
            TerraformOutput(stack, name, value=value)


def agent_name(pool: Pool | None, number: int | None = None) -> str:
    """The name of an agent, from its pool, and its number if the machine has several."""
    return f"agent-{pool.name}" + (f"-{number}" if number else "") if pool else f"agent-{number or 1}"


def _pin(cluster: Cluster, variable: str, version: str | None, release: str | None) -> Pin:
    """The pin of masters or agents: their own or the common one, with a release if its version does not have one."""
    if version is None:
        variable, version = "mesos_version", cluster.mesos_version
    if release is None and said_release(version) is None:
        release = cluster.mesos_release
    return Pin(variable, version, release)
