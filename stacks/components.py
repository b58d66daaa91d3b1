"""What can be said about each component: its image, its containers, its flags and its ports."""

from __future__ import annotations

from msgspec import field

from cdktf_mesos import ContainerOptions, Disk, Mount
from cdktf_mesos.container.options import HEALTH_INTERVAL_SECONDS, RestartPolicy
from cdktf_mesos.marathon import marathon
from cdktf_mesos.mesos import masters
from cdktf_mesos.mesos.agent import pool
from cdktf_mesos.zookeeper import ensemble
from stacks.model import Settings

# What a flag, an attribute or a resource may be.
Value = str | int | float
FlagValue = str | int | float | bool


class ContainerSettings(Settings):
    """What can be said about the containers of any component.

    Args:
        image: the repository of the image; by default the component's usual one.
        release: the release that the pin is, where its tag does not say so (a digest alone, a tag of one's own).
        environment: further variables; those that the component needs itself are refused.
        labels: further labels.
        mounts: further directories of the host, `{"host_path": "/srv", "read_only": true}`.
        memory_mib: the container's limit in MiB, swap included; by default none.
        cpu_shares: relative weight; by default the engine's own, 1024.
        log_driver: the engine's log driver; by default `json-file`.
        log_options: its options; by default, for drivers that keep files, three files of 10 MB.
        restart: the engine's restart policy; by default `unless-stopped`.
        grace_seconds: how long a container may take to stop before it is killed; by default the component's own time.
        wait_seconds: how long a new container may take to serve before the deploy fails; by default
            `Cluster.wait_seconds`.
        health_interval_seconds: the time between two health checks; by default 3.
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
            wait_seconds: where the component says none.
            gate_image: the image in which it is asked whether the component serves; by default its own.
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
    """What can be said about the containers of ZooKeeper, masters and Marathon.

    Args:
        gate_image: for an image without a shell: one with bash, grep and coreutils, in which it is asked whether the
            component serves; by default `Cluster.gate_image`.
    """

    gate_image: str | None = None


class ZookeeperSettings(GatedSettings):
    """The ZooKeeper ensemble.

    Args:
        family: how the image wants to be configured: `zookeeper` (as the official image), `containersol` or
            `containersol-first-node`. By default what its repository says; an image of your own needs it.
        settings: further lines of `zoo.cfg`, such as `{"maxSessionTimeout": 60000}`; none by default.
            `4lw.commands.whitelist` adds to the words that servers answer in any case: `srvr,mntr,ruok,conf`.
        java_properties: Java properties of the servers that `zoo.cfg` cannot have, such as
            `{"jute.maxbuffer": 4194304}`; none by default.
        client_port: for clients; by default 2181.
        peer_port: for followers to reach the leader; by default 2888.
        election_port: for the election of a leader; by default 3888.
    """

    family: str | None = None
    settings: dict[str, str | int] = field(default_factory=dict)
    java_properties: dict[str, str | int] = field(default_factory=dict)
    client_port: int = ensemble.CLIENT_PORT
    peer_port: int = ensemble.PEER_PORT
    election_port: int = ensemble.ELECTION_PORT


class MastersSettings(GatedSettings):
    """The Mesos masters.

    Args:
        version: a pin of their own, `mesos_master_version`; by default `Cluster.mesos_version`.
        flags: further flags of mesos-master, such as `{"max_completed_frameworks": 20}`; none by default.
        port: by default 5050.
    """

    version: str | None = None
    flags: dict[str, FlagValue] = field(default_factory=dict)
    port: int = masters.PORT


class MarathonSettings(GatedSettings):
    """Marathon.

    Args:
        family: how the image wants to be configured; there is `mesosphere`. By default what its repository says; an
            image of your own needs it.
        flags: further flags of Marathon, such as `{"failover_timeout": 86400}`; `true` gives `--name`, `false` gives
            `--disable_name`; none by default.
        port: of its API; by default 8080.
        libprocess_port: on which the masters reach it; by default 15101.
        mesos_user: as whom tasks run; by default `root`.
    """

    family: str | None = None
    flags: dict[str, FlagValue] = field(default_factory=dict)
    port: int = marathon.PORT
    libprocess_port: int = marathon.LIBPROCESS_PORT
    mesos_user: str = "root"


class AgentsSettings(ContainerSettings):
    """The Mesos agents, those of pools and others; a pool may say otherwise.

    Args:
        version: a pin of their own, `mesos_agent_version`; by default `Cluster.mesos_version`. The digest in
            `tag@digest` is the agents'; their executors' image has the same tag.
        flags: further flags of mesos-agent, such as `{"max_completed_executors_per_framework": 50}`; none by default.
        port: by default 5051. On the platform `local` the first agent's; the agent n has n - 1 more.
        cpus: processors that each agent offers; by default 2.
        mem_mib: memory that each agent offers, in MiB; by default 2048.
        disk_mib: disk that each agent offers, in MiB; by default 10240.
        resources: further ones, such as `{"cpus(web)": 2, "gpus": 1}`: those of a role are reserved for it.
        attributes: such as `{"rack": "a", "level": 3}`.
        disks: further disks of the machines, such as `Disk("/mnt/a", 100_000, kind="MOUNT")`.
        default_role: the role for which all resources are reserved that name no role; by default none.
        additive: whether attributes and resources may be added to agents that exist (`reconfiguration_policy`, from
            1.5). It has to stay once it was so. By default not.
        incarnation: another number makes new agents of them, without tasks, when they change in a way that the old ones
            would not survive; by default 1.
        isolation: Mesos's isolators; by default `cgroups/cpu,cgroups/mem` and, from 1.0, `cgroups/devices`.
        capabilities: further ones that isolators need, such as `CAP_NET_ADMIN`.
        executor_registration_timeout: how long an executor may take to register, in Mesos's spelling; by default
            `5mins`.
        docker_mesos_image: the repository, in the same version, of the image that executors of Docker tasks run in; by
            default that of the image's family. Where none is known, such tasks end with their agent's container.
        docker_socket: the engine's socket on the host; by default `/var/run/docker.sock`.
        docker_cli: a static docker command on the host, for images that have none; none by default.
        docker_cli_sha256: its digest, which every machine is checked for before its agent is replaced; by default it is
            not checked. Not on the platform `local`, which checks no machines.
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
