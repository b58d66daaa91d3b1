"""Mesos agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.cdk import ITerraformDependable, TerraformStack
from cdktf_mesos.container.member import ContainerSpec, Member, check_name, run_member
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import invalid, said_of
from cdktf_mesos.host.host import DockerHost, absolute_path
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent import health, survival
from cdktf_mesos.mesos.agent.arguments import OWNED, check_releases, check_values, docker_cli_mounts, executor_image
from cdktf_mesos.mesos.agent.disks import Disk, resources_with
from cdktf_mesos.mesos.agent.info import POLICY
from cdktf_mesos.mesos.agent.resources import Value, attributes_text, ranges
from cdktf_mesos.mesos.configuration import FlagValue, all_flags, check_flags, check_release, configured, needs_password
from cdktf_mesos.mesos.families import family_of
from cdktf_mesos.mesos.flags import MINORS
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.role.checks import check_hosts, check_port, on_stack_of, read_image, require_generation_on

# Of every family: before 1.0 there is no other, and later releases have it as well.
PROGRAM = "mesos-slave"


class MesosAgentPool(Construct):
    """Agents of one kind, one on each host, that run tasks in containers of the host's own engine.

    An agent runs without `privileged`. Its tasks outlive its container, if their framework has them checkpointed; all
    that this takes is in `cdktf_mesos.mesos.agent.survival`. A new container is healthy once the agent is registered
    under the id that it had, and has lost no task that ran when it started; its health check's output says which it
    has.

    Args:
        scope: where the pool's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts.
        masters: the masters to register with.
        image: such as `mesosphere/mesos-slave:1.11.0`; by default what belongs to the masters' image, of the same
            version. Families as for the masters; `mesos-slave` is what is run of it, whatever its entrypoint is.
        container_name: of the containers; by default `id_`. The agent's directories are named after it.
        port: of the agents.
        attributes: such as `{"rack": "a"}`.
        resources: such as `{"cpus": 4, "mem": 4096, "ports": "[31000-32000]"}`, mem and disk in MiB; by default what
            Mesos finds. `cpus(web)` are reserved for the role `web`.
        disks: further disks of the hosts, mounted at the same path; `resources` need `disk` then.
        isolation: Mesos's isolators; by default `cgroups/cpu,cgroups/mem` and, from 1.0, `cgroups/devices`, by which
            command tasks outlive an agent's container, too.
        capabilities: further ones that isolators need, such as `CAP_NET_ADMIN` for `network/port_mapping`; an agent has
            `CAP_SYS_ADMIN` beyond Docker's default.
        containerizers: `docker`, `mesos` or both, in the order in which they are asked.
        executor_registration_timeout: how long an executor may take to register, in Mesos's spelling; pulls count.
        docker_mesos_image: the image that executors of Docker tasks run in; by default the family's own, of the same
            version. Without one a task ends with its agent's container.
        docker_socket: the engine's socket on the host.
        docker_cli: a static docker command on the host, for images without one.
        shares_engine: must be set on each of several pools on one host. They then leave each other's containers
            alone, and need cpus, mem, disk and ports in `resources`, or each would offer the whole machine.
        generation: 1 by default; another number makes other agents of them, each number with a directory of its own,
            when attributes, resources, port or host name change so that the old ones would not start again. The old
            checkpoint stays beside; the tasks of all others must have gone, for which the preflight waits.
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
        disks: Sequence[Disk] = (),
        isolation: str | None = None,
        capabilities: Sequence[str] = (),
        containerizers: str = "docker,mesos",
        executor_registration_timeout: str = "5mins",
        docker_mesos_image: str | Image | None = None,
        docker_socket: str = "/var/run/docker.sock",
        docker_cli: str | None = None,
        shares_engine: bool = False,
        generation: int = 1,
        flags: Mapping[str, FlagValue] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        super().__init__(scope, id_)
        check_hosts(self, hosts)
        if type(generation) is not int or generation < 1:
            raise invalid(self, "generation", generation, "a whole number, 1 or more")
        self.masters = masters
        self.port = port
        said = all_flags(flags or {}, options.environment)
        self.additive = said.get(POLICY) == "additive"
        authenticated = needs_password(said)
        self.probe = health.probe(port, authenticated=authenticated)
        self.image = self.asked_from = self._own_image(masters) if image is None else read_image(self, image)
        if options.gate_image:
            right = "none, as agents need bash in their own image: it looks after their executors"
            raise invalid(self, "options.gate_image", options.gate_image, right)
        name = check_name(self, "container_name", container_name or id_)
        family = family_of(self, self.image)
        release = check_release(self, self.image)
        given = flags or {}
        check_flags(self, "agent", release, given, owned=OWNED, environment=options.environment)
        isolators = isolation or survival.isolation(release)
        check_values(self, isolators, capabilities, containerizers, executor_registration_timeout, said)
        self.executor_image = executor = executor_image(
            self, self.image, family, release, docker_mesos_image, shown_on=hosts[0]
        )
        for kind in ("cpus", "mem", "disk", "ports") if shares_engine else ():
            if kind not in (resources or {}):
                raise invalid(self, "resources", resources, f"{kind} as well, as the pool shares its engine")
        mounts = [
            Mount("/sys/fs/cgroup"),
            Mount(absolute_path(self, "docker_socket", docker_socket)),
            *docker_cli_mounts(self, self.image, docker_cli, family, release),
            *(Mount(disk.path) for disk in disks),
        ]
        check_releases(self, hosts, masters.image, self.image, isolators, containerizers, docker_cli, said)
        common = {
            "master": masters.url,
            "port": str(port),
            "log_dir": "/var/log/mesos",
            "isolation": isolators,
            "containerizers": containerizers,
            "executor_registration_timeout": executor_registration_timeout,
            "docker_socket": docker_socket,
            **survival.FLAGS,
        }
        if attributes:
            common["attributes"] = attributes_text(self, attributes)
        if resources or disks:
            common["resources"] = resources_with(self, release, resources or {}, disks)
        if shares_engine:
            common["docker_kill_orphans"] = "false"
        asked_masters = [member.host.address for member in masters.members]
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
                "work_dir": survival.work_dir(host.data_dir, name, generation),
                # What the runtime keeps of running containers; gone with them when the host restarts.
                "runtime_dir": f"/var/run/cdktf-mesos/{name}",
            }
            needed: list[ITerraformDependable] = [*on_stack_of(host, masters.members)]
            if executor is not None:
                wanted["docker_mesos_image"] = executor.reference(host.stack)
                needed.append(host.pull(executor))

            def configuration(release: Release, wanted: Mapping[str, str] = wanted) -> object:
                own = {"isolation": isolation or survival.isolation(release)}
                return configured("agent", release, {**wanted, **own}, given)

            environment, extra = configured("agent", release, wanted, given)
            work_dir = wanted["work_dir"]
            spec = ContainerSpec(
                role=self.role,
                name=name,
                image=self.image,
                health_test=survival.gated(self.probe, host.address, work_dir, asked_masters, masters.port),
                environment=environment,
                entrypoint=[*survival.entrypoint(work_dir, executor_registration_timeout), PROGRAM],
                command=[*extra],
                mounts=[
                    *mounts,
                    Mount(work_dir),
                    Mount(wanted["runtime_dir"]),
                    Mount(f"{host.data_dir}/{name}/log", "/var/log/mesos"),
                ],
                grace_seconds=survival.GRACE_SECONDS,
                # With the host's process ids the agent is no process 1, so needs no init.
                init=False,
                pid_mode=survival.PID_MODE,
                capabilities=[*survival.CAPABILITIES, *capabilities],
                security_options=survival.SECURITY_OPTIONS,
                host_check=survival.check(work_dir, executor_registration_timeout),
            )
            self.members.append(run_member(self, host, spec, options, depends_on=needed))
            if host.stack not in asked:
                # Hosts differ in what flags say, not in which there are.
                asked.append(host.stack)
                require_generation_on(host, self, self.image, MINORS, configuration)

    def _own_image(self, masters: MesosMasterSet) -> Image:
        with said_of(self):
            own = masters.agent_image
        if own is None:
            right = f"an image, as none is known to belong to the masters' {masters.image}"
            raise invalid(self, "image", None, right)
        return own

    @property
    def images(self) -> list[Image]:
        """What a machine with an agent needs: the agent's image, and that of its executors."""
        return [self.image, *([self.executor_image] if self.executor_image else [])]

    @property
    def urls(self) -> list[str]:
        """Where each agent answers."""
        return [f"http://{member.host.hostname}:{self.port}" for member in self.members]
