"""The settings of each component: its image, its containers, its flags and its ports."""

from __future__ import annotations

from msgspec import field

from cdktf_mesos import ContainerOptions, Disk, Mount, QuorumTls
from cdktf_mesos.container.options import HEALTH_INTERVAL_SECONDS, RestartPolicy
from cdktf_mesos.marathon import marathon
from cdktf_mesos.marathon.https import HTTPS_PORT, HttpsStage
from cdktf_mesos.mesos import masters
from cdktf_mesos.mesos.agent import pool
from cdktf_mesos.zookeeper import ensemble
from stacks.model import Settings

# The types of an attribute or a resource, and of a flag.
Value = str | int | float
FlagValue = str | int | float | bool


class ContainerSettings(Settings):
    """Settings of the containers of any component.

    Args:
        image: the repository of the image; by default the component's usual one.
        release: the release of the pinned version, if its tag does not begin with one (a digest alone, a tag of your
            own); by default read from the tag.
        environment: further environment variables; those that the component itself sets are refused. By default there
            are none.
        labels: further labels; by default there are none.
        mounts: further directories of the host, such as `{"host_path": "/srv", "read_only": true}`; by default there
            are none.
        memory_mib: the container's memory limit in MiB, swap included; by default there is no limit.
        cpu_shares: relative CPU weight; by default the engine's, 1024.
        log_driver: the engine's log driver; by default `json-file`.
        log_options: options of the log driver; by default three files of 10 MB for drivers that keep files.
        restart: the engine's restart policy; by default `unless-stopped`.
        grace_seconds: how long a container may take to stop before it is killed, in seconds; by default the component's
            own time.
        wait_seconds: how long a new container may take to serve before the deploy fails, in seconds; by default
            `Cluster.wait_seconds`.
        health_interval_seconds: the time between two health checks, in seconds; by default 3.
    """

    image: str | None = None
    release: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    memory_mib: int | None = None
    cpu_shares: int | None = None
    log_driver: str | None = None
    log_options: dict[str, str] | None = None
    restart: RestartPolicy | None = None
    grace_seconds: int | None = None
    wait_seconds: int | None = None
    health_interval_seconds: int | None = None

    def options(self, wait_seconds: int, gate_image: str | None = None) -> ContainerOptions:
        """The options of the component's containers.

        Args:
            wait_seconds: the value of `wait_seconds` if the component has none.
            gate_image: the image in which its checks run; by default the component's own.
        """
        default = ContainerOptions()
        return ContainerOptions(
            environment=self.environment,
            labels=self.labels,
            mounts=self.mounts,
            memory_mib=self.memory_mib,
            cpu_shares=self.cpu_shares,
            log_driver=default.log_driver if self.log_driver is None else self.log_driver,
            log_options=self.log_options,
            restart=self.restart or default.restart,
            grace_seconds=self.grace_seconds,
            wait_seconds=wait_seconds if self.wait_seconds is None else self.wait_seconds,
            health_interval_seconds=HEALTH_INTERVAL_SECONDS
            if self.health_interval_seconds is None
            else self.health_interval_seconds,
            gate_image=gate_image,
        )


class GatedSettings(ContainerSettings):
    """Settings of the containers of ZooKeeper, masters and Marathon.

    Args:
        gate_image: needed only if the component's image has no shell: an image with bash, grep and coreutils, in which
            its checks run; by default `Cluster.gate_image`.
    """

    gate_image: str | None = None


class ZookeeperSettings(GatedSettings):
    """The ZooKeeper ensemble.

    Args:
        family: the way in which the image is configured: `zookeeper` (as the official image), `containersol` or
            `containersol-first-node`. By default it follows from the repository; give it for an image of your own.
        settings: further lines of `zoo.cfg`, such as `{"maxSessionTimeout": 60000}`; by default there are none.
            `4lw.commands.whitelist` adds to the commands that servers always answer: `srvr,mntr,ruok,conf`.
        java_properties: Java properties of the servers that cannot be in `zoo.cfg`, such as
            `{"jute.maxbuffer": 4194304}`; by default there are none.
        client_port: the port for clients; by default 2181.
        peer_port: the port at which followers reach the leader; by default 2888.
        election_port: the port for the election of a leader; by default 3888.
        quorum_tls: TLS between the servers: how far it is, and where its certificates are, such as
            `{"stage": "prepared", "certificates": "certificates"}`. By default there is none.
    """

    family: str | None = None
    settings: dict[str, str | int] = field(default_factory=dict)
    java_properties: dict[str, str | int] = field(default_factory=dict)
    client_port: int = ensemble.CLIENT_PORT
    peer_port: int = ensemble.PEER_PORT
    election_port: int = ensemble.ELECTION_PORT
    quorum_tls: QuorumTls | None = None


class MastersSettings(GatedSettings):
    """The Mesos masters.

    Args:
        version: the pinned version of the masters, with its own variable `mesos_master_version`; by default
            `Cluster.mesos_version`.
        flags: further flags of mesos-master, such as `{"max_completed_frameworks": 20}`; by default there are none.
        port: the port of the masters; by default 5050.
    """

    version: str | None = None
    flags: dict[str, FlagValue] = field(default_factory=dict)
    port: int = masters.PORT


class MarathonSettings(GatedSettings):
    """Marathon.

    Args:
        family: the way in which the image is configured; the only one is `mesosphere`. By default it follows from the
            repository; give it for an image of your own.
        flags: further flags of Marathon, such as `{"failover_timeout": 86400}`. `true` gives `--name`, `false` gives
            `--disable_name`. By default there are none.
        port: the port of its API; by default 8080.
        libprocess_port: the port at which the masters reach it; by default 15101.
        mesos_user: the user that tasks run as; by default `root`.
        principal: its principal in Mesos, such as `marathon`; from 1.1 on. By default it has none, and in a cluster
            with `security` it is `marathon`. Set it in a new cluster, from the first deploy on: a Marathon that masters
            know can neither get a principal nor change it.
        https: the stage of its own https, `used` or `required`; needs `tls`. By default it has none.
        https_port: the port for https; by default 8443.
    """

    family: str | None = None
    flags: dict[str, FlagValue] = field(default_factory=dict)
    port: int = marathon.PORT
    libprocess_port: int = marathon.LIBPROCESS_PORT
    mesos_user: str = "root"
    principal: str | None = None
    https: HttpsStage | None = None
    https_port: int = HTTPS_PORT


class AgentsSettings(ContainerSettings):
    """The Mesos agents. These settings are for all agents; a pool may override them.

    Args:
        version: the pinned version of the agents, with its own variable `mesos_agent_version`; by default
            `Cluster.mesos_version`. In `tag@digest`, the digest is that of the agents' image; their executors' image
            has the same tag.
        flags: further flags of mesos-agent, such as `{"max_completed_executors_per_framework": 50}`; by default there
            are none.
        port: the port of an agent; by default 5051. On the platform `local` it is the port of agent 1, and agent n has
            this port plus n - 1.
        cpus: number of CPUs that each agent offers; by default 2.
        mem_mib: memory that each agent offers, in MiB; by default 2048.
        disk_mib: disk space that each agent offers, in MiB; by default 10240.
        resources: further resources, such as `{"cpus(web)": 2, "gpus": 1}`. A role in parentheses reserves a resource
            for that role. By default there are none.
        attributes: attributes of the agents, such as `{"rack": "a", "level": 3}`; by default there are none.
        disks: further disks of the machines, such as `Disk("/mnt/a", 100_000, kind="MOUNT")`; by default there are
            none.
        default_role: the role for which all resources without a role are reserved; by default they are not reserved.
        additive: whether attributes and resources may be added to existing agents (`reconfiguration_policy`, from 1.5).
            Once true, it must stay true. By default false.
        incarnation: another number makes new agents, without tasks. It is needed for changes after which Mesos would
            not let the old agents start again. By default 1.
        isolation: Mesos's isolators; by default `cgroups/cpu,cgroups/mem` and, from 1.0, `cgroups/devices`. On a host
            with cgroup v2 only, the default is `posix/cpu,posix/mem`.
        capabilities: further Linux capabilities that isolators need, such as `CAP_NET_ADMIN`; by default there are
            none.
        executor_registration_timeout: how long an executor may take to register, in the notation of Mesos; by default
            `5mins`.
        docker_mesos_image: the repository of the image that executors of Docker tasks run in, with the same version; by
            default that of the image's family. If no image is known, such tasks end with their agent's container.
        docker_socket: the engine's socket on the host, with the path that the engine's `hosts` have; by default
            `/var/run/docker.sock`.
        docker_cli: the path of a static docker command on the host, for images that have no docker command; by default
            there is none.
        docker_cli_sha256: the SHA-256 digest of `docker_cli`. Before an agent is replaced, the machine check compares
            it. By default it is not checked. Not available on the platform `local`, which does not check machines.
    """

    version: str | None = None
    flags: dict[str, FlagValue] = field(default_factory=dict)
    port: int | None = None
    cpus: int | float | None = None
    mem_mib: int | None = None
    disk_mib: int | None = None
    resources: dict[str, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)
    disks: list[Disk] = field(default_factory=list)
    default_role: str | None = None
    additive: bool | None = None
    incarnation: int | None = None
    isolation: str | None = None
    capabilities: list[str] = field(default_factory=list)
    executor_registration_timeout: str | None = None
    docker_mesos_image: str | None = None
    docker_socket: str | None = None
    docker_cli: str | None = None
    docker_cli_sha256: str | None = None

    @property
    def first_port(self) -> int:
        """The port of the first agent on a machine."""
        return pool.PORT if self.port is None else self.port
