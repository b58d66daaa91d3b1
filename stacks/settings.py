"""What can be said about a cluster, in `main.py` or in the context of `cdktf.json`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from stacks.aws_settings import Aws
from stacks.typed import check_types, read

Platform = Literal["local", "static", "aws"]

_NAME, _NAME_RIGHT = "[A-Za-z][A-Za-z0-9-]{0,39}", "up to 40 letters, digits and '-', a letter first"

# Below, one machine more that fails, while members leave, ends the set.
MIN_SHRUNK = 3

# Agents offer the ports from 31000 to 64999, a thousand each.
MAX_AGENTS = 34


@dataclass(frozen=True)
class Machine:
    """A machine that exists already.

    Args:
        name: of the machine; part of the names of its stacks and so of its state, which must stay.
        address: IPv4, by which the other members reach it.
        engine: as `DockerHost` takes it; `ssh://user@address` from elsewhere.
        leaving: whether the next deploy takes its members out of the control plane, before the others are told that
            these are gone; afterwards it can be dropped from the list.
    """

    name: str
    address: str
    engine: str
    leaving: bool = False

    def __post_init__(self) -> None:
        check_types(self)
        if not re.fullmatch(_NAME, self.name):
            raise ValueError(f"Machine: name={self.name!r}: {_NAME_RIGHT}")


@dataclass(frozen=True)
class Cluster:
    """A cluster.

    Args:
        name: the cluster's name, the stack's, and what the names of its containers begin with.
        zookeeper_version: the pin of ZooKeeper's image.
        mesos_version: the pin of Mesos's images.
        marathon_version: the pin of Marathon's image.
        platform: where hosts come from: `local` (the default) is one engine, `static` is a list of machines, `aws`
            makes them.
        aws: of the `aws` platform: its network and machines.
        control_plane: of the `static` platform: 1, 3 or 5 machines for ZooKeeper, masters and Marathon, in the order in
            which they are rolled. It grows, two at a time, and shrinks at its end.
        agent_machines: of the `static` platform: the machines of the agents, in the order in which they are rolled.
        agent_batch: of the platforms with several machines: how many agents may be replaced at the same time; by
            default 1. On `aws` a batch is a stack, and so this number must stay.
        preflight_seconds: of the platforms with several machines: how long the other members of a set may take to serve
            before one is touched; by default 60.
        engine: of the `local` platform, as `DockerHost` takes it; by default this machine's own.
        ssh_options: further words for ssh, with `ssh://` engines; none by default.
        tls_directory: the directory with ca.pem, cert.pem and key.pem, with a `tcp://` engine; none by default.
        address: IPv4, of the `local` platform's host; members listen on it. By default 127.0.0.1.
        data_dir: the directory on the host that keeps what outlives the containers; by default /var/lib/cdktf-mesos.
        agents: how many agents there are, 0 to 34; by default 1.
        agent_cpus: processors that each agent offers; by default 2.
        agent_memory_mib: what each agent offers, in MiB; by default 2048.
        agent_disk_mib: what each agent offers, in MiB; by default 10240.
        agent_docker_cli: a static docker command on the host, for agents' images that have none; none by default.
        mesos_master_version: a pin of their own for the masters; by default mesos_version.
        mesos_agent_version: a pin of their own for the agents; by default mesos_version.
        zookeeper_release: the release that ZooKeeper's pin is, where that is a digest alone; by default read from it.
        mesos_release: the same for Mesos's pins.
        marathon_release: the same for Marathon's.
        zookeeper_image: ZooKeeper's repository; by default `zookeeper`.
        mesos_family: whose Mesos images: `mesosphere` (the default), `redjack` or `mesoscloud`.
        marathon_image: Marathon's repository; by default `mesosphere/marathon`.
        wait_seconds: how long a new container may take to serve before the deploy fails, in seconds; by default 120.
        allow_bump: whether changes of release that their project forbids are only warned of; by default they are
            refused. For one deploy, by those who know better.
    """

    name: str
    zookeeper_version: str
    mesos_version: str
    marathon_version: str
    platform: Platform = "local"
    aws: Aws | None = None
    control_plane: list[Machine] = field(default_factory=list)
    agent_machines: list[Machine] = field(default_factory=list)
    agent_batch: int = 1
    preflight_seconds: int = 60
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
    mesos_master_version: str | None = None
    mesos_agent_version: str | None = None
    zookeeper_release: str | None = None
    mesos_release: str | None = None
    marathon_release: str | None = None
    zookeeper_image: str = "zookeeper"
    mesos_family: str = "mesosphere"
    marathon_image: str = "mesosphere/marathon"
    wait_seconds: int = 120
    allow_bump: bool = False

    def __post_init__(self) -> None:
        check_types(self)
        if not re.fullmatch(_NAME, self.name):
            raise ValueError(f"Cluster: name={self.name!r}: {_NAME_RIGHT}")
        if self.platform == "aws" and (self.control_plane or self.agent_machines):
            raise ValueError("Cluster: control_plane, agent_machines: none on the platform 'aws': Aws says how many")
        names = [machine.name for machine in (*self.control_plane, *self.agent_machines)]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"Cluster: control_plane, agent_machines={name!r}: each name once")
        for machine in self.agent_machines:
            if machine.leaving:
                right = f"false: an agent leaves by the end of its stacks, {self.name}-2-agent-{machine.name}-*"
                raise ValueError(f"Cluster: agent_machines, {machine.name}: leaving=True: {right}")
        staying = [not machine.leaving for machine in self.control_plane]
        if staying != sorted(staying, reverse=True) or (False in staying and staying.count(True) < MIN_SHRUNK):
            right = f"the last machines of the list leave, and {MIN_SHRUNK} or more stay"
            raise ValueError(f"Cluster: control_plane: leaving={[not stays for stays in staying]!r}: {right}")
        for name, value in {"agent_batch": self.agent_batch, "preflight_seconds": self.preflight_seconds}.items():
            if value < 1:
                raise ValueError(f"Cluster: {name}={value!r}: 1 or more")
        if not 0 <= self.agents <= MAX_AGENTS:
            raise ValueError(f"Cluster: agents={self.agents!r}: 0 to {MAX_AGENTS}, as each has a thousand ports")

    def overridden(self, context: object) -> Cluster:
        """The same cluster with what `"context": {"cluster": {…}}` of cdktf.json says instead.

        Raises:
            ValueError: an unknown name, or a value of the wrong type.
        """
        if context is None:
            return self
        return replace(self, **read(type(self), context, "context.cluster"))
