"""Mesos agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.cdk import ITerraformDependable
from cdktf_mesos.container.member import ContainerSpec, HostCheck, Member
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import in_errors, invalid
from cdktf_mesos.host.host import DockerHost, path_without_blanks
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent import health, survival
from cdktf_mesos.mesos.agent.arguments import OWNED, check_engines, check_values, docker_cli_mounts, executor_image
from cdktf_mesos.mesos.agent.checkpoint import wanted_info
from cdktf_mesos.mesos.agent.disks import Disk, resources_with
from cdktf_mesos.mesos.agent.info import POLICY, POLICY_FROM, WAYS_OUT, AgentInfo, judge_change
from cdktf_mesos.mesos.agent.resources import Value, attributes_text, ranges
from cdktf_mesos.mesos.configuration import FlagValue, all_flags, check_flags, configured, log_mounts, needs_password
from cdktf_mesos.mesos.families import family_of
from cdktf_mesos.mesos.flags import MINORS
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.mesos.upgrades import mesos_bumps
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.deployed import DeployedMember

# Of mesos-agent, by default.
PORT = 5051

_CGROUPS_ROOT = "cgroups_root"

# Of every family: before 1.0 there is no other, and later releases have it as well.
PROGRAM = "mesos-slave"


class MesosAgentPool(Role):
    """Agents of one kind, one on each host, that run tasks in containers of the host's own engine.

    An agent runs without `privileged`. Its tasks outlive its container, if their framework has them checkpointed; all
    that this takes is in `cdktf_mesos.mesos.agent.survival`. A new container is healthy once the agent is registered
    under the id that it had, and has lost no task that ran when it started; its health check's output says which it
    has.

    Args:
        scope: where the pool's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts.
        leaving: hosts whose agents end with the next deploy. They get no container, and their preflights check that the
            agents have no tasks.
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
        docker_cli_sha256: its SHA-256 digest, which the machine check compares; by default it does not.
        shares_engine: must be set on each of several pools on one host. They then leave each other's containers and
            cgroups alone, and need cpus, mem, disk and ports in `resources`, or each would offer the whole machine.
        incarnation: 1 by default; another number makes other agents of them, each number with a directory of its own,
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
    machines = "agents"
    listens_on = (
        Port(
            "port",
            PORT,
            {
                "control": "Masters to agents",
                "agents": "The check that all other agents serve, before one is replaced",
                "bastion": "The UI of the masters gets sandboxes from agents, by a tunnel",
            },
        ),
        # What agents offer by default is theirs, too, but no member listens on it: tasks do.
        Port(
            "task_ports",
            31000,
            {"control": "Marathon health checks of tasks", "agents": "Tasks among each other"},
            last=31999,
        ),
    )
    http_port = "port"
    releases = MINORS
    runs_tasks = True
    grace_seconds = survival.GRACE_SECONDS
    bumps = staticmethod(mesos_bumps)

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Sequence[DockerHost],
        leaving: Sequence[DockerHost] = (),
        masters: MesosMasterSet,
        image: str | Image | None = None,
        container_name: str | None = None,
        port: int = PORT,
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
        docker_cli_sha256: str | None = None,
        shares_engine: bool = False,
        incarnation: int = 1,
        flags: Mapping[str, FlagValue] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        self._given = flags or {}
        said = self._said = all_flags(self._given, options.environment)
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=_own_image(f"{scope.node.path}/{id_}", masters) if image is None else image,
            container_name=container_name,
            ports={"port": port},
            probe=health.probe(port, authenticated=needs_password(said)),
            uses=[masters],
            leaving=leaving,
            options=options,
        )
        if type(incarnation) is not int or incarnation < 1:
            raise invalid(self, "incarnation", incarnation, "a whole number, 1 or more")
        if options.gate_image:
            right = "none, as agents need bash in their own image: it looks after their executors"
            raise invalid(self, "options.gate_image", options.gate_image, right)
        self.masters, self.port, self.additive = masters, port, said.get(POLICY) == "additive"
        self._infos: dict[DockerHost, str] = {}
        self._said, self._attributes, self._resources, self._disks = said, attributes or {}, resources or {}, disks
        self._incarnation, self._isolation, self._capabilities = incarnation, isolation, capabilities
        self._registration_timeout, self._shares_engine = executor_registration_timeout, shares_engine
        self._docker_cli, self._docker_cli_sha256, self._containerizers = docker_cli, docker_cli_sha256, containerizers
        family = family_of(self, self.image)
        check_flags(self, "agent", self.release, self._given, owned=OWNED, environment=options.environment)
        isolators = self._isolators(self.release)
        check_values(self, isolators, capabilities, containerizers, executor_registration_timeout, said)
        self.executor_image = executor_image(
            self, self.image, family, self.release, docker_mesos_image, shown_on=self.shown_on
        )
        for kind in ("cpus", "mem", "disk", "ports") if shares_engine else ():
            if kind not in (resources or {}):
                raise invalid(self, "resources", resources, f"{kind} as well, as the pool shares its engine")
        self._mounts = [
            Mount(survival.CGROUPS),
            Mount(path_without_blanks(self, "docker_socket", docker_socket)),
            *docker_cli_mounts(self, self.image, docker_cli, docker_cli_sha256, family, self.release),
            *(Mount(disk.path) for disk in disks),
        ]
        check_engines(self, self.hosts, self.release, self.features())
        self._common = {
            "master": masters.url,
            "port": str(port),
            "containerizers": containerizers,
            "executor_registration_timeout": executor_registration_timeout,
            "docker_socket": docker_socket,
            **survival.FLAGS,
        }
        if attributes:
            self._common["attributes"] = attributes_text(self, attributes)
        if resources or disks:
            self._common["resources"] = resources_with(self, self.release, resources or {}, disks)
        if shares_engine:
            self._common["docker_kill_orphans"] = "false"
        self._offers = ranges(str((resources or {}).get("ports", "")))
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The agent of a host."""
        work_dir, runtime_dir = self.work_dir(host), f"/var/run/cdktf-mesos/{self.container_name}"
        # That isolator makes mounts of its own of the work directory, which it expects to have for itself.
        alone = "filesystem/linux" in self._isolators(release).split(",")
        wanted = {
            **self._common,
            "isolation": self._isolators(release),
            "ip": host.address,
            "hostname": host.hostname,
            "work_dir": work_dir,
            # What the runtime keeps of running containers; gone with them when the host restarts.
            "runtime_dir": runtime_dir,
        }
        if self.executor_image is not None:
            wanted["docker_mesos_image"] = self.executor_image.reference(host.stack)
        environment, extra = configured("agent", release, wanted, self._given)
        return ContainerSpec(
            environment=environment,
            entrypoint=[*survival.entrypoint(work_dir, self._registration_timeout, self._own_cgroups()), PROGRAM],
            command=extra,
            mounts=[
                *self._mounts,
                *([Mount(work_dir)] if alone else []),
                Mount(runtime_dir),
                *log_mounts(self, f"{host.data_dir}/{self.container_name}", self._said, self.options.mounts),
            ],
            # Not the work directory alone: an agent's own directory is not there before the agent.
            shared=[] if alone else [host.data_dir],
            # With the host's process ids the agent is no process 1, so needs no init.
            init=False,
            pid_mode=survival.PID_MODE,
            capabilities=[*survival.CAPABILITIES, *self._capabilities],
            security_options=survival.SECURITY_OPTIONS,
            host_check=survival.check(work_dir, self._registration_timeout, self._info(host, release)),
            health_test=survival.gated(self.probe, host.address, work_dir, self.masters.addresses(), self.masters.port),
        )

    def claim(self, host: DockerHost) -> None:
        """Note its ports, the ports that it offers to tasks, and that it runs tasks on the engine."""
        host.claims.run_agents(self, shares_engine=self._shares_engine)
        if root := self._said.get(_CGROUPS_ROOT):
            host.claims.take("root of cgroups", root, self, f"flags[{_CGROUPS_ROOT!r}]")
        super().claim(host)
        for first, last in self._offers:
            host.claims.offer(first, last, self)

    def starts_after(self, host: DockerHost) -> list[ITerraformDependable]:
        """The masters in the same stack, and the image of executors, which must not be pulled while a task waits."""
        pulled = [host.pull(self.executor_image)] if self.executor_image else []
        return [*super().starts_after(host), *pulled]

    def features(self) -> frozenset[str]:
        """What rules about releases look at: containerizers, isolators, the host's docker command, the policy."""
        containerizers, isolators = self._containerizers.split(","), self._isolators(self.release).split(",")
        used = {
            "docker": "docker" in containerizers,
            "mesos": "mesos" in containerizers,
            "docker_cli": self._docker_cli is not None,
            "cgroups/devices": not {"cgroups/devices", "cgroups/all"}.isdisjoint(isolators),
            f"{POLICY}=additive": self.additive,
        }
        return frozenset(feature for feature, is_used in used.items() if is_used)

    def check_before_leaving(self, host: DockerHost) -> HostCheck:
        """An agent that leaves must have no tasks."""
        return survival.has_none(self.work_dir(host), host.address, self.port)

    def refuse_redeploy(self, member: Member, deployed: DeployedMember) -> str | None:
        """An agent ends at once that says something else of itself than what its work directory remembers."""
        if deployed.environment.get("MESOS_IP") != member.host.address:
            # Another machine has taken its name.
            return None
        before = AgentInfo(deployed.environment, f"--{POLICY}=additive" in deployed.command)
        wanted = AgentInfo(member.environment, self.additive)
        problem = judge_change(before, wanted, self.release)
        return problem and f"the agent {member.host.address} would end at once: {problem}. {WAYS_OUT}"

    def work_dir(self, host: DockerHost) -> str:
        """The agent's work directory on a host."""
        return survival.work_dir(host.data_dir, self.container_name, self._incarnation)

    @property
    def images(self) -> list[Image]:
        """The agent's image, and that of its executors."""
        return [self.image, *([self.executor_image] if self.executor_image else [])]

    @property
    def docker_cli(self) -> str | None:
        """The docker command of the host that agents use; None where they use their image's."""
        return self._docker_cli

    @property
    def files(self) -> Mapping[str, str]:
        """The docker command with its digest, where one is given."""
        if self._docker_cli is None or self._docker_cli_sha256 is None:
            return {}
        return {self._docker_cli: self._docker_cli_sha256}

    def _info(self, host: DockerHost, release: Release) -> dict[str, str]:
        """What the preflight compares with what the agent's predecessor wrote down."""
        if host not in self._infos:
            # The port that an agent says may be another one than it has (Mesos docs, agent flags; libprocess options).
            says = "advertise_port" not in self._said and "LIBPROCESS_ADVERTISE_PORT" not in self.options.environment
            self._infos[host] = wanted_info(
                hostname=host.hostname,
                port=self.port if says else None,
                attributes=self._attributes,
                resources=self._resources,
                disks=self._disks,
                default_role=self._said.get("default_role"),
                domain=self._said.get("domain"),
            )
        additive = self.additive and release >= POLICY_FROM
        return {"INFO": self._infos[host], "ADDITIVE": "yes" if additive else "no", "WAYS_OUT": WAYS_OUT}

    def _own_cgroups(self) -> str | None:
        """The root of the agents' cgroups; Mesos's own default, `mesos`, where nobody else is on the engine."""
        return f"mesos-{self.container_name}" if self._shares_engine and _CGROUPS_ROOT not in self._said else None

    def _isolators(self, release: Release) -> str:
        return self._isolation or survival.isolation(release)


def _own_image(path: str, masters: MesosMasterSet) -> Image:
    """The agents' image that belongs to the masters'."""
    with in_errors(path):
        own = masters.agent_image
    if own is None:
        right = f"an image, as none is known to belong to the masters' {masters.image}"
        raise invalid(path, "image", None, right)
    return own
