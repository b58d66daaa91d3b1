"""Mesos agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable, TerraformStack
from constructs import Construct

from cdktf_mesos import health
from cdktf_mesos.agent_arguments import OWNED, check_releases, check_values, docker_cli_mounts, executor_image
from cdktf_mesos.container import ContainerSpec, Member, check_name, run_member
from cdktf_mesos.errors import invalid
from cdktf_mesos.host import DockerHost, absolute_path
from cdktf_mesos.image import Image
from cdktf_mesos.masters import MesosMasterSet
from cdktf_mesos.members import check_hosts, check_port, on_stack_of, read_image, require_generation_on
from cdktf_mesos.mesos import FlagValue, check_flags, check_release, configured, needs_password
from cdktf_mesos.mesos_families import family_of
from cdktf_mesos.mesos_flags import MINORS
from cdktf_mesos.options import ContainerOptions, Mount
from cdktf_mesos.release import Release
from cdktf_mesos.resources import Value, attributes_text, ranges, resources_text

# Enough to register, to run Docker tasks and to isolate with cgroups; measured, instead of `privileged`.
CAPABILITIES = ("CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE")

# The engine itself adds the last to a container with the host's process ids; unsaid, every plan would replace it.
SECURITY_OPTIONS = ("apparmor=unconfined", "seccomp=unconfined", "label=disable")

# An agent that is told to stop is gone within a second, and tasks go on without it; the time is for a slow disk.
GRACE_SECONDS = 10


class MesosAgentPool(Construct):
    """Agents of one kind, one on each host, that run tasks in containers of the host's own engine.

    An agent runs without `privileged`. Its directories are mounted at the same path as on the host, since the engine
    mounts tasks' sandboxes from there; its process ids are the host's, so that a new container finds the tasks of the
    one before; executors of Docker tasks run in containers of their own, so that they outlive it, if their framework
    has its tasks checkpointed.

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
        isolation: Mesos's isolators. With `cgroups/devices` besides, from 1.0, command tasks outlive an agent's
            container, too.
        containerizers: `docker`, `mesos` or both, in the order in which they are asked.
        executor_registration_timeout: how long an executor may take to register, in Mesos's spelling; pulls count.
        docker_mesos_image: the image that executors of Docker tasks run in; by default the family's own, of the same
            version. Without one a task ends with its agent's container.
        docker_socket: the engine's socket on the host.
        docker_cli: a static docker command on the host, for images without one.
        shares_engine: must be set on each of several pools on one host. They then leave each other's containers
            alone, and need cpus, mem, disk and ports in `resources`, or each would offer the whole machine.
        flags: further flags of mesos-agent, such as `{"max_completed_executors_per_framework": 50}`.
        options: what may be said about any container.

    Raises:
        ValueError: no hosts, a host twice; a port or name in use; resources or attributes that Mesos would refuse; a
            flag that the release does not have or that the construct decides; an unknown family; an image without a
            docker command; a release that does not go with the masters' or with a host's engine.
    """

    role = "agent"

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
        self.probe = health.agent(port, authenticated=needs_password(flags or {}))
        addresses = [host.address for host in hosts]
        self.image = self._own_image(masters) if image is None else read_image(self, image)
        name = check_name(self, "container_name", container_name or id_)
        family = family_of(self, self.image)
        release = check_release(self, self.image)
        given = flags or {}
        check_flags(self, "agent", release, given, owned=OWNED, environment=options.environment)
        check_values(self, isolation, containerizers, executor_registration_timeout, given)
        self.executor_image = executor = executor_image(self, self.image, family, release, docker_mesos_image)
        for kind in ("cpus", "mem", "disk", "ports") if shares_engine else ():
            if kind not in (resources or {}):
                raise invalid(self, "resources", resources, f"{kind} as well, as the pool shares its engine")
        mounts = [
            Mount("/sys/fs/cgroup"),
            Mount(absolute_path(self, "docker_socket", docker_socket)),
            *docker_cli_mounts(self, self.image, docker_cli, family, release),
        ]
        check_releases(self, hosts, masters.image, self.image, containerizers, docker_cli, given)
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
        self.members: list[Member] = []
        asked: list[TerraformStack] = []
        for host in hosts:
            host.claims.run_agents(self, shares_engine=shares_engine)
            check_port(self, host, "port", port)
            for first, last in ranges(str((resources or {}).get("ports", ""))):
                host.claims.offer(first, last, self)
            wanted = {
                **common,
                "ip": host.address,
                "hostname": host.hostname,
                "work_dir": f"{host.data_dir}/{name}/work",
                # What the runtime keeps of running containers; gone with them when the host restarts.
                "runtime_dir": f"/var/run/cdktf-mesos/{name}",
            }
            needed: list[ITerraformDependable] = [*on_stack_of(host, masters.members)]
            if executor is not None:
                wanted["docker_mesos_image"] = executor.reference(host.stack)
                needed.append(host.pull(executor))

            def configuration(release: Release, wanted: Mapping[str, str] = wanted) -> object:
                return configured("agent", release, wanted, given)

            environment, extra = configured("agent", release, wanted, given)
            spec = ContainerSpec(
                role=self.role,
                name=name,
                image=self.image,
                health_test=self.probe.health_test(host.address, addresses),
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
            self.members.append(run_member(self, host, spec, options, depends_on=needed))
            if host.stack not in asked:
                # Hosts differ in what flags say, not in which there are.
                asked.append(host.stack)
                require_generation_on(host, self, self.image, MINORS, configuration)

    def _own_image(self, masters: MesosMasterSet) -> Image:
        if masters.agent_image is None:
            right = f"an image, as none is known to belong to the masters' {masters.image}"
            raise invalid(self, "image", None, right)
        return masters.agent_image

    @property
    def images(self) -> list[Image]:
        """What a machine with an agent needs: the agent's image, and that of its executors."""
        return [self.image, *([self.executor_image] if self.executor_image else [])]

    @property
    def urls(self) -> list[str]:
        """Where each agent answers."""
        return [f"http://{member.host.hostname}:{self.port}" for member in self.members]
