"""Mesos agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.cdk import ITerraformDependable
from cdktf_mesos.container.member import ContainerSpec, HostCheck, Member
from cdktf_mesos.container.options import ContainerOptions, Mount
from cdktf_mesos.errors import check_whole, in_errors, invalid
from cdktf_mesos.host.host import DockerHost, path_without_blanks
from cdktf_mesos.image.image import Image
from cdktf_mesos.image.release import Release
from cdktf_mesos.mesos.agent import cgroups, health, survival
from cdktf_mesos.mesos.agent.arguments import (
    RESERVED_FLAGS,
    check_engines,
    check_values,
    docker_cli_mounts,
    executor_image,
)
from cdktf_mesos.mesos.agent.checkpoint import info_to_report
from cdktf_mesos.mesos.agent.container_dns import FLAG, ContainerDns, check_container_dns
from cdktf_mesos.mesos.agent.disks import Disk, resources_with
from cdktf_mesos.mesos.agent.info import POLICY, POLICY_FROM, WAYS_OUT, AgentInfo, judge_change
from cdktf_mesos.mesos.agent.resources import Value, attributes_text, ranges
from cdktf_mesos.mesos.closed import Closed, check_closing_flags, closed_agent, warn_of_required
from cdktf_mesos.mesos.configuration import FlagValue, all_flags, check_flags, configured, log_mounts
from cdktf_mesos.mesos.families import family_of, has_known_repository, is_known_executor
from cdktf_mesos.mesos.flags import MINORS
from cdktf_mesos.mesos.masters import MesosMasterSet
from cdktf_mesos.mesos.upgrades import mesos_bumps
from cdktf_mesos.role.docker_command import DockerCommand
from cdktf_mesos.role.ports import Port
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.deployed import DeployedMember
from cdktf_mesos.security.stage import FOLLOWS_MASTERS, StageCheck, stage_check
from cdktf_mesos.tls.stage import TLS_FOLLOWS_MASTERS, with_tls
from cdktf_mesos.tls.variables import check_tls, tls_variables

# The default port of mesos-agent.
PORT = 5051

_CGROUPS_ROOT = "cgroups_root"


class MesosAgentPool(Role):
    """Agents of one kind, one on each host, that run tasks in containers of the host's own engine.

    An agent runs without `privileged`. Its tasks outlive its container if their framework has checkpointing on;
    `cdktf_mesos.mesos.agent.survival` explains what else this takes. A new container is healthy when the agent is
    registered with the same id as before and has lost no task that ran when it started. If it has lost one, the
    output of the health check names it.

    Args:
        scope: where the pool's construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        hosts: the hosts.
        leaving: hosts whose agents the next deploy removes. They get no container, and their preflights check that
            these agents have no tasks.
        masters: the masters to register with.
        image: such as `mesosphere/mesos-slave:1.11.0`; by default the agents' image of the same family and version as
            the masters'. Families as for the masters. The container runs its `mesos-slave` (Clusterd: `mesos-agent`),
            whatever the image's entrypoint is.
        container_name: name of the containers; by default `id_`. The agent's directories are named after it.
        port: port of the agents.
        attributes: such as `{"rack": "a"}`.
        resources: such as `{"cpus": 4, "mem": 4096, "ports": "[31000-32000]"}`, mem and disk in MiB; by default what
            Mesos finds on the host. `cpus(web)` are reserved for the role `web`.
        disks: further disks of the hosts, mounted at the same path. They need `disk` in `resources`.
        isolation: Mesos's isolators; by default `cgroups/cpu,cgroups/mem` and, from 1.0, `cgroups/devices`, which lets
            command tasks outlive an agent's container, too. On a host with cgroup v2 only, the default is
            `posix/cpu,posix/mem`, and isolators that need cgroup v1 are refused.
        capabilities: further capabilities that isolators need, such as `CAP_NET_ADMIN` for `network/port_mapping`. An
            agent always has `CAP_SYS_ADMIN` in addition to Docker's default.
        containerizers: `docker`, `mesos` or both, in the order in which Mesos tries them.
        executor_registration_timeout: how long an executor may take to register, as a duration in Mesos's form. The
            time for pulling its image counts.
        docker_mesos_image: the image for the executors of Docker tasks; by default the family's image of the same
            version. Without such an image, a task ends with its agent's container.
        docker_socket: the engine's socket on the host. Write its path exactly as in the engine's setting `hosts`. With
            another path to the same socket, the engine may replace the socket by a directory while it stops. Then it
            cannot start again (moby issue 41392).
        docker_cli: path of a static docker command on the host, for images that have no docker command.
        docker_cli_sha256: SHA-256 digest of that command, for the machine check to compare. Without it the machine
            check does not compare.
        default_container_dns: the name servers of tasks' containers that have a network of their own, such as
            `dns.container_dns` of a `MesosDns`, from 1.4 on; by default those of the machine. A change makes no new
            agent, and is for new containers only.
        shares_engine: must be set on each pool if there are several pools on one host. Then they leave each other's
            containers and cgroups alone. They need cpus, mem, disk and ports in `resources`: otherwise each would
            offer the whole machine.
        incarnation: 1 by default. Another number makes new agents, with new ids and a separate directory. Use it if
            attributes, resources, port or host name change so that the old agents would exit at once. The old
            agents' directory stays on the host. The preflight waits until no tasks of other incarnations are left.
        flags: further flags of mesos-agent, such as `{"max_completed_executors_per_framework": 50}`.
        options: settings that every container has: environment, mounts, limits and more.

    Raises:
        ValueError: no hosts, or a host twice; a port or name in use; resources or attributes that Mesos would refuse;
            a flag that the release does not have or that the construct decides, or that closes the agents; an unknown
            family; an image without a docker command; a release that is not compatible with the masters' release or
            with a host's engine.
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
        # The ports that agents offer by default. Tasks listen on them, not the agent itself.
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
        default_container_dns: ContainerDns | None = None,
        shares_engine: bool = False,
        incarnation: int = 1,
        flags: Mapping[str, FlagValue] | None = None,
        options: ContainerOptions = ContainerOptions(),  # noqa: B008 (frozen)
    ) -> None:
        self._flags = flags or {}
        self._all_flags = all_flags(self._flags, options.environment)
        super().__init__(
            scope,
            id_,
            hosts=hosts,
            image=_own_image(f"{scope.node.path}/{id_}", masters) if image is None else image,
            container_name=container_name,
            ports={"port": port},
            probe=health.probe(port, masters.security, masters.tls),
            uses=[masters],
            leaving=leaving,
            security=masters.security,
            tls=masters.tls,
            options=options,
        )
        check_whole(self, "incarnation", incarnation)
        if options.gate_image:
            remedy = "Remove it: agents need bash in their own image, for the script that protects their executors"
            raise invalid(self, "options.gate_image", options.gate_image, remedy)
        self.masters, self.port, self.additive = masters, port, self._all_flags.get(POLICY) == "additive"
        self._infos: dict[DockerHost, str] = {}
        self._attributes, self._resources, self._disks = attributes or {}, resources or {}, disks
        self._incarnation, self._isolation, self._capabilities = incarnation, isolation, capabilities
        self._registration_timeout, self._shares_engine = executor_registration_timeout, shares_engine
        self._docker_cli, self._docker_cli_sha256, self._containerizers = docker_cli, docker_cli_sha256, containerizers
        self._runs_docker = "docker" in containerizers.split(",")
        family = family_of(self, self.image)
        self._program, self._knows_v2 = family.agent_program, family.knows_cgroup_v2
        self._needs_v1 = "" if self._knows_v2 else cgroups.needs_v1(isolation, self._all_flags)
        self._variables_on_v2 = "" if self._knows_v2 else cgroups.variables_on_v2(isolation, self._all_flags)
        check_flags(self, "agent", self.release, self._flags, reserved=RESERVED_FLAGS, environment=options.environment)
        check_closing_flags(self, self._flags, options.environment, self.security)
        if self.security:
            warn_of_required(self, self.shown_on, "agent", self.release, self.security)
        public = family if has_known_repository(self.image) else None
        check_tls(self, self.tls, options.environment, release=self.release, family=public)
        isolators = self._isolators(self.release)
        check_values(self, isolators, capabilities, containerizers, executor_registration_timeout, self._all_flags)
        self.executor_image = executor_image(
            self, self.image, family, self.release, docker_mesos_image, shown_on=self.shown_on
        )
        for kind in ("cpus", "mem", "disk", "ports") if shares_engine else ():
            if kind not in (resources or {}):
                raise invalid(self, "resources", resources, f"Add {kind}: the pool shares its engine with others")
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
        if default_container_dns is not None:
            check_container_dns(self, default_container_dns, self.release, has_flag=FLAG in self._all_flags)
            self._common[FLAG] = default_container_dns.flag(containerizers)
        self._container_dns = default_container_dns
        if shares_engine:
            self._common["docker_kill_orphans"] = "false"
        self._offers = ranges(str((resources or {}).get("ports", "")))
        self.add_members()

    def container(self, host: DockerHost, release: Release) -> ContainerSpec:
        """The agent's container on a host."""
        work_dir, runtime_dir = self.work_dir(host), f"/var/run/cdktf-mesos/{self.container_name}"
        # This isolator mounts the work directory itself, and needs it as a separate mount.
        own_mount = "filesystem/linux" in self._isolators(release).split(",")
        closed = closed_agent(self.security, release) if self.security else Closed()
        own_flags = {
            **self._common,
            "isolation": self._isolators(release),
            "ip": host.address,
            "hostname": host.hostname,
            "work_dir": work_dir,
            # Mesos's state of running containers. It is lost when the host restarts, as they are.
            "runtime_dir": runtime_dir,
            **closed.flags,
        }
        if self.executor_image is not None:
            own_flags["docker_mesos_image"] = self.executor_image.reference(host.stack)
        environment, arguments = configured("agent", release, own_flags, self._flags)
        certificate, labels = self.tls.files(host) if self.tls else ([], {})
        if self.tls:
            # Executors never have TLS: agents do not pass their variables on, and the image of executors has no
            # certificate. An agent without downgrade loses their tasks.
            environment |= tls_variables(self.tls, self.options.environment, downgrade=True)
        start = survival.entrypoint(
            work_dir,
            self._registration_timeout,
            self._own_cgroups(),
            variables_on_v2=self._variables_on_v2,
            needs_v1=self._needs_v1,
        )
        return ContainerSpec(
            environment={**environment, **closed.environment},
            secrets=[*closed.files, *certificate],
            labels=labels,
            entrypoint=[*start, self._program],
            command=arguments,
            mounts=[
                *self._mounts,
                *([Mount(work_dir)] if own_mount else []),
                Mount(runtime_dir),
                *log_mounts(self, f"{host.data_dir}/{self.container_name}", self._all_flags, self.options.mounts),
            ],
            # The whole data directory, as the agent's own directory does not exist before the agent's first start.
            shared=[] if own_mount else [host.data_dir],
            # With the host's process ids, the agent is not process 1 and needs no init.
            init=False,
            pid_mode=survival.PID_MODE,
            cgroupns_mode=survival.CGROUPNS_MODE,
            capabilities=[*survival.CAPABILITIES, *self._capabilities],
            security_options=survival.SECURITY_OPTIONS,
            host_check=survival.replacement_check(work_dir, self._registration_timeout, self._info(host, release)),
            health_test=survival.health_test(
                self.probe, host.address, work_dir, self.masters.addresses(), self.masters.port
            ),
        )

    def claim(self, host: DockerHost) -> None:
        """Claim the pool's ports, the ports that it offers to tasks, its root of cgroups, and the use of the engine."""
        host.claims.run_agents(self, shares_engine=self._shares_engine)
        if root := self._all_flags.get(_CGROUPS_ROOT):
            host.claims.take("root of cgroups", root, self, f"flags[{_CGROUPS_ROOT!r}]")
        super().claim(host)
        for first, last in self._offers:
            host.claims.offer(first, last, self)

    def starts_after(self, host: DockerHost) -> list[ITerraformDependable]:
        """The masters in the same stack, and the pull of the executors' image, so that no task waits for it."""
        pulled = [host.pull(self.executor_image)] if self.executor_image else []
        return [*super().starts_after(host), *pulled]

    def features(self) -> frozenset[str]:
        """The features that the compatibility rules check: `Facts.features` lists them."""
        isolators = self._isolators(self.release).split(",")
        used = {
            "docker": self._runs_docker,
            "mesos": "mesos" in self._containerizers.split(","),
            "docker_cli": self._docker_cli is not None,
            "image_docker": self._docker_cli is None and has_known_repository(self.image),
            "executor_docker": self.executor_image is not None and is_known_executor(self.executor_image),
            "needs_cgroup_v1": self._needs_v1 != "",
            "cgroup_v2": self._knows_v2,
            "cgroups/devices": not {"cgroups/devices", "cgroups/all"}.isdisjoint(isolators),
            f"{POLICY}=additive": self.additive,
        }
        return frozenset(feature for feature, is_used in used.items() if is_used)

    @property
    def stage_check(self) -> StageCheck:
        """Agents follow when all masters are at the stage."""
        check = stage_check(FOLLOWS_MASTERS, self.security, self.masters.addresses(), self.masters.port)
        return with_tls(check, self.tls, TLS_FOLLOWS_MASTERS)

    def check_before_leaving(self, host: DockerHost) -> HostCheck:
        """An agent that leaves must have no tasks."""
        return survival.no_tasks_check(self.work_dir(host), host.address, self.port)

    def refuse_redeploy(self, member: Member, deployed: DeployedMember) -> str | None:
        """An agent exits at once if it would report something else than its work directory has on record."""
        if deployed.environment.get("MESOS_IP") != member.host.address:
            # The container belongs to another machine, which had the same name.
            return None
        before = AgentInfo(deployed.environment, f"--{POLICY}=additive" in deployed.command)
        after = AgentInfo(member.environment, self.additive)
        problem = judge_change(before, after, self.release)
        return problem and f"the agent {member.host.address} would exit at once: {problem}. {WAYS_OUT}"

    def work_dir(self, host: DockerHost) -> str:
        """The agent's work directory on a host."""
        return survival.work_dir(host.data_dir, self.container_name, self._incarnation)

    @property
    def images(self) -> list[Image]:
        """The agent's image, and the image of its executors."""
        return [self.image, *([self.executor_image] if self.executor_image else [])]

    @property
    def docker_commands(self) -> list[DockerCommand]:
        """The docker commands of the agents, and of their executors if these run in an image of their own."""
        if not self._runs_docker:
            return []
        socket = self._common["docker_socket"]
        own = DockerCommand("agents", self.image, socket, self._docker_cli)
        return [own, *([DockerCommand("executors", self.executor_image, socket)] if self.executor_image else [])]

    @property
    def needs_cgroup(self) -> Mapping[int, str]:
        """What needs cgroup v1: something that the user has set, or Docker tasks of old releases. Clusterd needs v2."""
        if self._knows_v2:
            return {2: f"Clusterd {self.release}"}
        return cgroups.needs(self.release, self._needs_v1, runs_docker=self._runs_docker)

    @property
    def name_servers(self) -> list[str]:
        """The name servers of the tasks' containers, which must not be the engine's."""
        return list(self._container_dns.name_servers) if self._container_dns else []

    @property
    def files(self) -> Mapping[str, str]:
        """The path of the docker command with its digest, if both are given."""
        if self._docker_cli is None or self._docker_cli_sha256 is None:
            return {}
        return {self._docker_cli: self._docker_cli_sha256}

    def _info(self, host: DockerHost, release: Release) -> dict[str, str]:
        """The preflight's variables: what the agent is to report, for comparison with its predecessor's report."""
        if host not in self._infos:
            # An agent may advertise another port than its own (Mesos docs, agent flags; libprocess options).
            advertises = "advertise_port" in self._all_flags or "LIBPROCESS_ADVERTISE_PORT" in self.options.environment
            self._infos[host] = info_to_report(
                hostname=host.hostname,
                port=None if advertises else self.port,
                attributes=self._attributes,
                resources=self._resources,
                disks=self._disks,
                default_role=self._all_flags.get("default_role"),
                domain=self._all_flags.get("domain"),
            )
        additive = self.additive and release >= POLICY_FROM
        return {"INFO": self._infos[host], "ADDITIVE": "yes" if additive else "no", "WAYS_OUT": WAYS_OUT}

    def _own_cgroups(self) -> str | None:
        """The root of the agents' cgroups; None for Mesos's default, `mesos`, or if a flag sets it."""
        sets_root = self._shares_engine and _CGROUPS_ROOT not in self._all_flags
        return f"mesos-{self.container_name}" if sets_root else None

    def _isolators(self, release: Release) -> str:
        return self._isolation or survival.isolation(release)


def _own_image(path: str, masters: MesosMasterSet) -> Image:
    """The image for agents of the same family and version as the masters' image."""
    with in_errors(path):
        own = masters.agent_image
    if own is None:
        remedy = f"Set the agents' image: none is known to belong to the masters' image {masters.image}"
        raise invalid(path, "image", None, remedy)
    return own
