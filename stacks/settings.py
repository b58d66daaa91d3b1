"""What can be said about a cluster, in `main.py` or in the context of `cdktf.json`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from cdktf_mesos.errors import invalid
from cdktf_mesos.host.registry import check_registry
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.roll.machine_check import MIN_FREE_MIB
from stacks.aws_settings import Aws
from stacks.cluster_checks import check_machines, check_on_platform, check_once
from stacks.machines import NAME, NAME_RIGHT, Machine
from stacks.pools import Pool
from stacks.typed import check_types, read

Platform = Literal["local", "static", "aws"]

# Below, one machine more that fails, while members leave, ends the set.
MIN_SHRUNK = 3

# A majority of five outlives two losses. More are more that each write waits for, and nobody has tried them.
CONTROL_PLANES = (1, 3, 5)
# From five to three; what is left of more at once might be no majority of those that were.
LEAVE_AT_ONCE = 2

# Agents offer the ports from 31000 to 64999, a thousand each.
MAX_AGENTS = 34


@dataclass(frozen=True)
class Cluster:
    """A cluster.

    Args:
        name: the cluster's name, the stack's, and what the names of its containers begin with.
        zookeeper_version: the pin of ZooKeeper's image.
        mesos_version: the pin of Mesos's images, a tag.
        marathon_version: the pin of Marathon's image.
        platform: where hosts come from: `local` (the default) is one engine, `static` is a list of machines, `aws`
            makes them. A setting of other platforms alone is refused.
        aws: of the `aws` platform: its network and machines.
        control_plane: of the `static` platform: 1, 3 or 5 machines for ZooKeeper, masters and Marathon, in the order in
            which they are rolled. It grows, two at a time, and shrinks at its end, by two at the most.
        agent_machines: of the `static` platform: the machines of the agents, in the order in which they are rolled.
        pools: further agents, each pool with a number or machines of its own and, where it is said, a version and
            resources. With several machines they are rolled in this order, before the other agents: a pool with a
            release candidate is the first to fail.
        agent_batch: of the platforms with several machines: how many agents may be replaced at the same time; by
            default 1. On `aws` a batch is a stack, and so this number must stay.
        preflight_seconds: of the platforms with several machines: how long the other members of a set may take to serve
            before one is touched; by default 60.
        min_free_mib: of the platforms with several machines: what must be free where the members' data are before one
            is touched, in MiB; by default 2048.
        engine: of the `local` platform, as `DockerHost` takes it; by default this machine's own.
        ssh_options: further words for ssh, with `ssh://` engines, which those of `aws` all are; none by default.
        tls_directory: of the platforms `local` and `static`, with `tcp://` engines: the directory with ca.pem, cert.pem
            and key.pem, the same for all; none by default.
        address: IPv4, of the `local` platform's host; members listen on it. By default 127.0.0.1.
        data_dir: of the platforms `local` and `static`: the directory on the host that keeps what outlives the
            containers; by default /var/lib/cdktf-mesos, which on `aws` is the data volume.
        agents: of the `local` platform: how many agents there are beside those of pools, 0 to 34; by default 1. On
            `static` agent_machines says it, on `aws` `Aws.agents`.
        agent_cpus: processors that each agent offers; by default 2.
        agent_memory_mib: what each agent offers, in MiB; by default 2048.
        agent_disk_mib: what each agent offers, in MiB; by default 10240.
        agent_docker_cli: a static docker command on the host, for agents' images that have none; none by default.
        agent_docker_cli_sha256: of the platforms with several machines: its digest, which is compared on every machine
            before agents are touched; by default it is not.
        mesos_master_version: a pin of their own for the masters; by default mesos_version.
        mesos_agent_version: a pin of their own for the agents; by default mesos_version. The digest in `tag@digest` is
            the agents'; their executors' image has the same tag.
        zookeeper_release: the release that ZooKeeper's pin is, where its tag does not say so (a digest alone, a tag of
            one's own); by default read from it.
        mesos_release: the same for those of Mesos's pins, but pools', whose tags do not say it.
        mesos_master_release: the same for the masters' pin; by default mesos_release.
        mesos_agent_release: the same for the agents' pin; by default mesos_release.
        marathon_release: the same for Marathon's.
        zookeeper_image: ZooKeeper's repository; by default `zookeeper`.
        mesos_family: whose Mesos images: `mesosphere` (the default), `redjack`, `mesoscloud` or `containersol`.
        marathon_image: Marathon's repository; by default `mesosphere/marathon`.
        registry: that all images come from, `registry.example.com:5000`, which has them under their names on Docker
            Hub; by default Docker Hub.
        registry_login: whether it wants a user name and password; they are Terraform variables then,
            `registry_username` and `registry_password`, which are sensitive and have no default.
        registry_login_ephemeral: whether they are left out of plans, too; by default they are, which takes Terraform
            1.10 or OpenTofu 1.11. With an older one, `False`, the plans in `cdktf.out` have them.
        gate_image: for images of ZooKeeper, masters or Marathon without a shell: one with bash, grep and coreutils,
            in which it is asked whether these serve; by default that is asked in their own images.
        wait_seconds: how long a new container may take to serve before the deploy fails, in seconds; by default 120.
        allow_bump: whether changes of release that their project forbids are only warned of; by default they are
            refused. For one deploy, by those who know better.

    Raises:
        ValueError: what cannot be right, or would be ignored.
    """

    name: str
    zookeeper_version: str
    mesos_version: str
    marathon_version: str
    platform: Platform = "local"
    aws: Aws | None = None
    control_plane: list[Machine] = field(default_factory=list)
    agent_machines: list[Machine] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    agent_batch: int = 1
    preflight_seconds: int = 60
    min_free_mib: int = MIN_FREE_MIB
    engine: str = "unix:///var/run/docker.sock"
    ssh_options: list[str] = field(default_factory=list)
    tls_directory: str | None = None
    address: str = "127.0.0.1"
    data_dir: str = "/var/lib/cdktf-mesos"
    agents: int = 1
    agent_cpus: float = 2
    agent_memory_mib: int = 2048
    agent_disk_mib: int = 10240
    agent_docker_cli: str | None = None
    agent_docker_cli_sha256: str | None = None
    mesos_master_version: str | None = None
    mesos_agent_version: str | None = None
    zookeeper_release: str | None = None
    mesos_release: str | None = None
    mesos_master_release: str | None = None
    mesos_agent_release: str | None = None
    marathon_release: str | None = None
    zookeeper_image: str = "zookeeper"
    mesos_family: str = "mesosphere"
    marathon_image: str = "mesosphere/marathon"
    registry: str | None = None
    registry_login: bool = False
    registry_login_ephemeral: bool = True
    gate_image: str | None = None
    wait_seconds: int = 120
    allow_bump: bool = False

    def __post_init__(self) -> None:
        check_types(self)
        if not re.fullmatch(NAME, self.name):
            raise ValueError(f"Cluster: name={self.name!r}: {NAME_RIGHT}")
        check_on_platform(self)
        pins: dict[str, str] = {}
        for pool in self.pools:
            pool.check_on(self.platform)
            if (other := pins.setdefault(pool.variable, pool.name)) != pool.name:
                right = f"another one, as its pin is {pool.variable}, and so is that of {other}"
                raise invalid(f"Pool {pool.name}", "name", pool.name, right)
        check_once("pools", self.pools)
        check_machines(self)
        if self.control_plane:
            _check_control_plane(self.control_plane)
        if self.aws:
            _check_aws_control_plane(self.aws)
        for name, value in {"agent_batch": self.agent_batch, "preflight_seconds": self.preflight_seconds}.items():
            if value < 1:
                raise ValueError(f"Cluster: {name}={value!r}: 1 or more")
        if self.registry is not None:
            check_registry("Cluster", "registry", self.registry)
        elif self.registry_login:
            raise ValueError("Cluster: registry_login=True: a registry besides, to log in to")
        if "sha256:" in self.mesos_version and None in (self.mesos_master_version, self.mesos_agent_version):
            right = "a tag; a digest is one image's, so mesos_master_version and mesos_agent_version take one each"
            raise ValueError(f"Cluster: mesos_version={self.mesos_version!r}: {right}")
        _check_mesos_release(self)
        if self.agent_docker_cli_sha256 is not None and self.agent_docker_cli is None:
            raise invalid(
                "Cluster", "agent_docker_cli_sha256", self.agent_docker_cli_sha256, "agent_docker_cli besides"
            )
        if not 0 <= self.agents <= MAX_AGENTS:
            raise ValueError(f"Cluster: agents={self.agents!r}: 0 to {MAX_AGENTS}, as each has a thousand ports")
        if self.platform == "local":
            _check_numbers(self)

    def overridden(self, context: object) -> Cluster:
        """The same cluster with what `"context": {"cluster": {…}}` of cdktf.json says instead.

        Raises:
            ValueError: an unknown name, or a value of the wrong type.
        """
        if context is None:
            return self
        return replace(self, **read(type(self), context, "context.cluster"))


def _check_control_plane(machines: list[Machine]) -> None:
    """Refuse machines of the platform `static` that are no control plane, or cannot leave it like this."""
    leaving = [machine.leaving for machine in machines]
    stay, leave = leaving.count(False), leaving.count(True)
    if leaving != sorted(leaving) or (leave and stay < MIN_SHRUNK):
        right = f"the last machines of the list leave, and {MIN_SHRUNK} or more stay"
        raise ValueError(f"Cluster: control_plane: leaving={leaving!r}: {right}")
    if leave > LEAVE_AT_ONCE:
        right = f"at most {LEAVE_AT_ONCE} at a time, as from 5 to 3"
        raise ValueError(f"Cluster: control_plane: leaving={leaving!r}: {right}")
    if stay not in CONTROL_PLANES:
        right = f"1, 3 or 5 machines that stay, as an even number outlives no more losses; {stay} do"
        raise invalid("Cluster", "control_plane", [machine.name for machine in machines], right)


def _check_aws_control_plane(aws: Aws) -> None:
    """Refuse too many machines on `aws`, or too many that leave; the rest is refused where they are made."""
    names = {f"control-{number}" for number in range(1, aws.control_plane + 1)}.difference(aws.left)
    leave = names.intersection(aws.leaving)
    if len(leave) > LEAVE_AT_ONCE:
        right = f"at most {LEAVE_AT_ONCE} of the control plane at a time, as from 5 to 3"
        raise invalid("Aws", "leaving", aws.leaving, right)
    if (stay := len(names - leave)) > max(CONTROL_PLANES):
        raise invalid("Aws", "control_plane", aws.control_plane, f"1, 3 or 5 machines that stay; {stay} do")


def _check_mesos_release(cluster: Cluster) -> None:
    """Refuse a release that no pin takes, as all say theirs, and that is none of these."""
    versions = [each or cluster.mesos_version for each in (cluster.mesos_master_version, cluster.mesos_agent_version)]
    said = [said_release(version) for version in versions]
    release = cluster.mesos_release
    if release is not None and None not in said and said_release(release) not in said:
        right = f"left out, as the pins say what they are: {', '.join(dict.fromkeys(versions))}"
        raise invalid("Cluster", "mesos_release", release, right)


def _check_numbers(cluster: Cluster) -> None:
    """Refuse pools whose agents on one engine would have the ports of others."""
    taken = dict.fromkeys(range(1, cluster.agents + 1), "an agent of no pool")
    for pool in cluster.pools:
        for number in pool.numbers:
            if number in taken or number > MAX_AGENTS:
                why = f"{number} is of {taken[number]}" if number in taken else f"there are {MAX_AGENTS} at most"
                free = [each for each in range(1, MAX_AGENTS + 1) if each not in taken]
                right = f"another one, as {why}; free: {', '.join(map(str, free))}"
                raise invalid(f"Pool {pool.name}", "first", pool.first, right)
            taken[number] = f"the pool {pool.name}"
