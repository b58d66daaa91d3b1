"""Clusters on several machines of the sandbox: for the tests, the benchmark and the soak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import requests

from sandbox import hosts, images
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.watch import Poller, agent_state, master_state, zookeeper_state

# Seconds. A leader is gone for the ZooKeeper session's 10 s and an election; the rest is for a slow machine.
PATIENCE = 30
# What is wanted of a machine that has nothing else to do.
PROMPT = 15

TASKS = 4


@contextmanager
def borrowed(first: int, count: int) -> Iterator[list[Host]]:
    """So many hosts from that number on, with all images to be had; the sandbox goes if it was not there before.

    Raises:
        RuntimeError: no sandbox on this machine.
    """
    before = hosts.existing()
    wanted = [Host(f"hs{number}") for number in range(first, first + count)]
    try:
        images.ensure()
        if not all(host.is_on for host in wanted):
            hosts.up(count, first)
        yield wanted
    finally:
        if not before:
            hosts.down()


def static_project(
    directory: Path,
    name: str,
    control: Sequence[Host],
    agents: Sequence[Host],
    /,
    platform: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Project:
    """The application on these machines over ssh, not deployed yet; with little patience, as tests break things.

    Args:
        directory: of the project.
        name: of the cluster.
        control: the machines of ZooKeeper, masters and Marathon.
        agents: the machines of the agents.
        platform: further settings of the platform.
        settings: further settings of the cluster.
    """
    return Project(
        directory,
        name=name,
        platform={**static_platform(control, agents), "preflight_seconds": 15, **(platform or {})},
        wait_seconds=45,
        **settings,
    )


def static_platform(control: Sequence[Host], agents: Sequence[Host]) -> dict[str, Any]:
    """The platform `static` on these machines, as the context has it."""
    return {
        "kind": "static",
        "control_plane": entries(control),
        "agents": entries(agents),
        "ssh_options": control[0].ssh_opts,
    }


def entries(hosts: Sequence[Host]) -> list[dict[str, Any]]:
    """These machines as the context has them."""
    return [{"name": host.name, "address": host.address, "engine": host.ssh_engine} for host in hosts]


def live(project: Project, control: Sequence[Host]) -> LiveCluster:
    """The deployed cluster, by its outputs."""
    return LiveCluster(project.outputs(f"{project.name}-3-marathon-{control[0].name}-members"))


@contextmanager
def removed(project: Project, control: Sequence[Host], agents: Sequence[Host]) -> Iterator[None]:
    """Removes the cluster in the end, with its tasks and data, so that the machines are as before."""
    try:
        yield
    finally:
        for host in (*control, *agents):
            host.end_faults()
        # Where it was never deployed, or is beyond help, its tasks are not what is to be told of.
        with suppress(requests.RequestException, RuntimeError, TimeoutError, KeyError):
            cluster = live(project, control)
            cluster.delete_app("web")
            eventually(lambda: not tasks(agents), "end of the app's tasks")
        project.destroy()
        for host in (*control, *agents):
            host.run("rm", "-rf", f"/var/lib/cdktf-mesos/{project.name}")
        for host in agents:
            # Executors that lost their agent end by themselves, but only after its recovery_timeout, 15 minutes.
            host.run("sh", "-c", "docker ps -aq --filter name=^/mesos- | xargs -r docker rm -f")


def run_tasks(cluster: LiveCluster, agents: Sequence[Host]) -> LiveCluster:
    """The cluster, once it serves and runs an app of several tasks."""
    cluster.wait_until_serving(agents=len(agents))
    if "/web" not in cluster.apps():
        cluster.run_app("web", image="busybox:1.35.0", command="exec sleep 100000", instances=TASKS)
    cluster.wait_for_tasks("web", TASKS)
    return cluster


def poller(control: Sequence[Host], agents: Sequence[Host]) -> Poller:
    """Asks every member, by its role and machine; to be used as a context."""
    members = {f"zookeeper {host.name}": partial(zookeeper_state, host.address) for host in control}
    members |= {f"master {host.name}": partial(master_state, host.address) for host in control}
    members |= {f"agent {host.name}": partial(agent_state, host.address) for host in agents}
    return Poller(members)


def containers(project: Project, hosts: Sequence[Host]) -> dict[tuple[str, str], str]:
    """The ids of the cluster's own containers, without preflights, by machine and name."""
    found = {}
    for host in hosts:
        client = host.docker()
        for container in client.containers.list(all=True, filters={"name": f"^/{project.name}-"}):
            if "-preflight-" not in str(container.name):
                found[host.name, str(container.name)] = str(container.id)
        client.close()
    return found


def log_of(host: Host, container: str) -> str:
    """The log of a container."""
    with closing(host.docker()) as client:
        return str(client.containers.get(container).logs().decode())


def versions(hosts: Sequence[Host], name: str) -> list[str]:
    """The tags that the containers of that name run, by machine."""
    found = []
    for host in hosts:
        with closing(host.docker()) as client:
            image = client.containers.get(name).attrs["Config"]["Image"]
        found.append(image.partition(":")[2])
    return found


def is_replaced(host: Host, before: Mapping[tuple[str, str], str], name: str) -> bool:
    """Whether the container of that name is there, and another one than before."""
    with closing(host.docker()) as client:
        # Unlike containers.list() this one stands it when a container goes while it looks.
        found = [each["Id"] for each in client.api.containers(filters={"name": f"^/{name}$"})]
    return bool(found) and found[0] != before[host.name, name]


def tasks(agents: Sequence[Host]) -> dict[str, tuple[str, int]]:
    """The containers and processes of all tasks, by the containers' names."""
    return {name: found for host in agents for name, found in task_containers(host).items()}


def task_containers(host: Host) -> dict[str, tuple[str, int]]:
    """The containers that agents started for tasks, by name: id and process."""
    client = host.docker()
    try:
        found = {str(each.name): each for each in client.containers.list(filters={"name": "^/mesos-"})}
        return {
            name: (str(each.id), each.attrs["State"]["Pid"])
            for name, each in found.items()
            if not name.endswith(".executor")
        }
    finally:
        client.close()
