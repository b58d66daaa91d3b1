"""Mesos agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import Annotations
from constructs import Construct

from cdktf_mesos import health
from cdktf_mesos.container import ContainerOptions, ContainerSpec, Member, Mount, check_name, run_member
from cdktf_mesos.errors import invalid
from cdktf_mesos.host import DockerHost, absolute_path
from cdktf_mesos.image import Image
from cdktf_mesos.masters import MesosMasterSet
from cdktf_mesos.members import check_hosts, check_port, require_generation_on
from cdktf_mesos.mesos import MINORS, FlagValue, check_flags, check_release, configured
from cdktf_mesos.mesos_families import MesosFamily, family_of, known
from cdktf_mesos.release import Release
from cdktf_mesos.resources import Value, attributes_text, resources_text

# Enough to register, to run Docker tasks and to isolate with cgroups; measured, instead of `privileged`.
CAPABILITIES = ("CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE")

# The engine itself adds the last to a container with the host's process ids; unsaid, every plan would replace it.
SECURITY_OPTIONS = ("apparmor=unconfined", "seccomp=unconfined", "label=disable")

# Long enough for an agent to write its last checkpoint; tasks go on without it.
GRACE_SECONDS = 10


class MesosAgentPool(Construct):
    """Agents of one kind, one on each host, that run tasks in containers of the host's own engine.

    An agent runs without `privileged`. Its directories are mounted at the same path as on the host, since the engine
    mounts tasks' sandboxes from there; its process ids are the host's, so that a new container finds the tasks of the
    one before; its executors run in containers of their own, so that they outlive it.

    Args:
        scope: where the pool's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts.
        masters: the masters to register with.
        image: such as `mesosphere/mesos-slave:1.11.0`; by default what belongs to the masters' image, of the same
            version. Families as for the masters.
        container_name: of the containers; by default `id_`. The agent's directories are named after it.
        port: of the agents.
        attributes: such as `{"rack": "a"}`.
        resources: such as `{"cpus": 4, "mem": 4096, "ports": "[31000-32000]"}`, mem and disk in MiB; by default what
            Mesos finds.
        isolation: Mesos's isolators.
        containerizers: Mesos's containerizers, in the order in which they are asked.
        executor_registration_timeout: how long an executor may take to register, in Mesos's spelling; pulls count.
        docker_mesos_image: the image that executors of Docker tasks run in; by default the family's own, of the same
            version. Without one a task ends with its agent's container.
        docker_socket: the engine's socket on the host.
        docker_cli: a static docker command on the host, for images without one.
        shares_engine: must be set on each of several pools on one host. They then leave each other's containers
            alone, and need `resources`, or each would offer the whole machine.
        flags: further flags of mesos-agent, such as `{"max_completed_executors_per_framework": 50}`.
        options: what may be said about any container.

    Raises:
        ValueError: no hosts, a host twice; a port or name in use; resources or attributes that Mesos would refuse; a
            flag that the release does not have or that the construct decides; an unknown family; an image without a
            docker command.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        masters: MesosMasterSet,
        image: str | Image | None = None,
        container_name: str | None = None,
        port: int = 5051,
        attributes: Mapping[str, Value] | None = None,
        resources: Mapping[str, Value] | None = None,
        isolation: str = "cgroups/cpu,cgroups/mem",
        containerizers: str = "docker,mesos",
        executor_registration_timeout: str = "5mins",
        docker_mesos_image: str | Image | None = None,
        docker_socket: str = "/var/run/docker.sock",
        docker_cli: str | None = None,
        shares_engine: bool = False,
        flags: Mapping[str, FlagValue] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(scope, id_)
        check_hosts(self, hosts)
        self.masters = masters
        self.port = port
        self.image = masters.agent_image if image is None else Image.of(image)
        name = check_name(self, "container_name", container_name or id_)
        family = family_of(self, self.image)
        release = check_release(self, self.image)
        executor = _executor_image(self, self.image, family, docker_mesos_image)
        if shares_engine and not resources:
            raise invalid(self, "resources", resources, "cpus, mem and ports, as the pool shares its engine")
        mounts = [
            Mount("/sys/fs/cgroup"),
            Mount(absolute_path(self, "docker_socket", docker_socket)),
            *_docker_cli(self, docker_cli, family, release),
        ]
        common = {
            "master": masters.url,
            "port": str(port),
            "log_dir": "/var/log/mesos",
            "isolation": isolation,
            "containerizers": containerizers,
            "executor_registration_timeout": executor_registration_timeout,
            "docker_socket": docker_socket,
            # There is no systemd in the container to ask for slices (Mesos docs, agent flags).
            "systemd_enable_support": "false",
        }
        if attributes:
            common["attributes"] = attributes_text(self, attributes)
        if resources:
            common["resources"] = resources_text(self, resources)
        if shares_engine:
            common["docker_kill_orphans"] = "false"
            common["cgroups_root"] = f"mesos_{name}"
        self.members: list[Member] = []
        for host in hosts:
            _share(self, host, shares_engine)
            check_port(self, host, "port", port)
            wanted = {
                **common,
                "ip": host.address,
                "hostname": host.hostname,
                "work_dir": f"{host.data_dir}/{name}/work",
                # What the runtime keeps of running containers; gone with them when the host restarts.
                "runtime_dir": f"/var/run/cdktf-mesos/{name}",
            }
            depends_on = [member.container for member in masters.members if member.host.stack == host.stack]
            if executor is not None:
                wanted["docker_mesos_image"] = host.pull(executor).name
            check_flags(self, "agent", release, flags or {}, owned=wanted, environment=options.environment)

            def configuration(release: Release, wanted: Mapping[str, str] = wanted) -> object:
                return configured("agent", release, wanted, flags or {})

            environment, extra = configured("agent", release, wanted, flags or {})
            spec = ContainerSpec(
                role="agent",
                name=name,
                image=self.image,
                health_test=health.agent(host.address, port),
                environment=environment,
                command=[*family.agent_words, *extra],
                mounts=[
                    *mounts,
                    Mount(wanted["work_dir"]),
                    Mount(wanted["runtime_dir"]),
                    Mount(f"{host.data_dir}/{name}/log", "/var/log/mesos"),
                ],
                grace_seconds=GRACE_SECONDS,
                # With the host's process ids the agent is no process 1, so needs no init.
                init=False,
                pid_mode="host",
                capabilities=CAPABILITIES,
                security_options=SECURITY_OPTIONS,
            )
            self.members.append(run_member(self, host, spec, options, depends_on=depends_on))
            require_generation_on(host, self, self.image, MINORS, configuration)

    @property
    def urls(self) -> list[str]:
        """Where each agent answers."""
        return [f"http://{member.host.hostname}:{self.port}" for member in self.members]


def _executor_image(pool: MesosAgentPool, image: Image, family: MesosFamily, given: str | Image | None) -> Image | None:
    if given is not None:
        return Image.of(given)
    if family.executor is not None and known(image):
        return image.beside(family.executor)
    Annotations.of(pool).add_warning(
        f"{image.repository}: no docker_mesos_image is known for it, so Docker tasks end when their agent is replaced"
    )
    return None


def _docker_cli(pool: MesosAgentPool, docker_cli: str | None, family: MesosFamily, release: Release) -> list[Mount]:
    if docker_cli is not None:
        return [Mount(absolute_path(pool, "docker_cli", docker_cli), "/usr/bin/docker", read_only=True)]
    if known(pool.image) and not family.has_docker_cli(release):
        right = "the path of a static docker command on the host; this image has none, and Docker tasks need it"
        raise invalid(pool, "docker_cli", None, right)
    return []


def _share(pool: MesosAgentPool, host: DockerHost, shares_engine: bool) -> None:
    """Refuse a second pool on a host unless each of them leaves the others' containers alone."""
    for other, other_shares in host.agent_pools.items():
        if not (shares_engine and other_shares):
            right = f"True on this pool and on {other}, which runs on host {host.node.path} as well"
            raise invalid(pool, "shares_engine", shares_engine, right)
    host.agent_pools[pool.node.path] = shares_engine
