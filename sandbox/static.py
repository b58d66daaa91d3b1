"""Clusters on several hosts of the sandbox, for the tests, the benchmark and the soak."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException

from sandbox import closed, hosts, images
from sandbox.hosts import Host
from sandbox.live import LiveCluster, Login, eventually
from sandbox.project import Project
from sandbox.repeated import PAUSE
from sandbox.watch import Poller, agent_state, master_state, zookeeper_state

# Seconds. After its leader is lost, a set has none for the ZooKeeper session's 10 s and an election. The rest is for a
# slow machine.
PATIENCE = 30
# Seconds. The limit on a machine that has nothing else to do.
PROMPT = 15

TASKS = 4


@contextmanager
def borrowed_hosts(first: int, count: int) -> Iterator[list[Host]]:
    """Hosts for the length of a block, with all images in the registry. Removes the sandbox if it had no host before.

    Args:
        first: the number of the first host.
        count: how many hosts.

    Raises:
        RuntimeError: this machine cannot run a sandbox.
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
    """A project with the application on these hosts, over ssh, not deployed yet. Its waits are short, for tests.

    Args:
        directory: the project's directory.
        name: the cluster's name.
        control: the hosts of ZooKeeper, masters and Marathon.
        agents: the hosts of the agents.
        platform: further settings of the platform.
        settings: further settings of the cluster.
    """
    return Project(
        directory,
        name=name,
        platform={**static_platform(control, agents), "preflight_seconds": 15, **(platform or {})},
        wait_seconds=45,
        **{**closed.security(directory), **settings},
    )


def static_platform(control: Sequence[Host], agents: Sequence[Host]) -> dict[str, Any]:
    """The settings of the platform `static` on these hosts, as in the context."""
    return {
        "kind": "static",
        "control_plane": entries(control),
        "agents": entries(agents),
        "ssh_options": control[0].ssh_opts,
    }


def entries(hosts: Sequence[Host]) -> list[dict[str, Any]]:
    """The entries for these hosts in the platform's settings."""
    return [{"name": host.name, "address": host.address, "engine": host.ssh_engine} for host in hosts]


def live(project: Project, control: Sequence[Host], login: Login | None = None) -> LiveCluster:
    """The deployed cluster, from its outputs."""
    return LiveCluster(project.outputs(f"{project.name}-3-marathon-{control[0].name}-members"), login)


@contextmanager
def removed_afterwards(project: Project, control: Sequence[Host], agents: Sequence[Host]) -> Iterator[None]:
    """Removes the cluster after the block, with its tasks and data, so that the hosts are as before."""
    try:
        yield
    finally:
        for host in (*control, *agents):
            host.end_faults()
            # An error of the Docker provider does not say why a check failed. pytest shows this of a test that fails.
            print(_last_words(project, host), end="")
        # Do not hide the block's error with another one, of a cluster that was never deployed or does not answer.
        with suppress(requests.RequestException, RuntimeError, TimeoutError, KeyError):
            cluster = live(project, control)
            cluster.delete_app("web")
            eventually(lambda: not tasks(agents), "end of the app's tasks")
        project.destroy()
        for host in (*control, *agents):
            host.run("rm", "-rf", f"/var/lib/cdktf-mesos/{project.name}")
        for host in agents:
            # Executors without an agent end by themselves, but only after the agent's recovery_timeout of 15 minutes.
            host.run("sh", "-c", "docker ps -aq --filter name=^/mesos- | xargs -r docker rm -f")


def _last_words(project: Project, host: Host) -> str:
    """The last lines of the cluster's containers on a host that have failed; empty if its engine does not answer."""
    with suppress(DockerException, requests.RequestException), closing(host.docker()) as client:
        ended = client.containers.list(all=True, filters={"name": f"^/{project.name}-", "status": "exited"})
        failed = [each for each in ended if each.attrs["State"]["ExitCode"]]
        return "".join(f"{host.name}: {each.name}: {each.logs(tail=5).decode().rstrip()}\n" for each in failed)
    return ""


def run_tasks(cluster: LiveCluster, agents: Sequence[Host], seconds: float = 90) -> LiveCluster:
    """Wait until the cluster serves, and then until it runs an app of several tasks; returns the cluster."""
    cluster.wait_until_serving(agents=len(agents), seconds=seconds)
    if "/web" not in cluster.apps():
        cluster.run_app("web", image="busybox:1.35.0", command="exec sleep 100000", instances=TASKS)
    cluster.wait_for_tasks("web", TASKS, seconds)
    return cluster


def poller(control: Sequence[Host], agents: Sequence[Host], login: Login | None = None, pause: float = PAUSE) -> Poller:
    """A poller of all members, named by role and host; use it as a context manager."""
    members = {f"zookeeper {host.name}": partial(zookeeper_state, host.address) for host in control}
    members |= {f"master {host.name}": partial(master_state, host.address, login=login) for host in control}
    members |= {f"agent {host.name}": partial(agent_state, host.address, login=login) for host in agents}
    return Poller(members, pause=pause)


def containers(project: Project, hosts: Sequence[Host]) -> dict[tuple[str, str], str]:
    """The ids of the cluster's containers by host and name, without those of preflights and of closing steps."""
    found = {}
    for host in hosts:
        client = host.docker()
        for container in client.containers.list(all=True, filters={"name": f"^/{project.name}-"}):
            name = str(container.name)
            if "-preflight-" not in name and "-acls-" not in name:
                found[host.name, name] = str(container.id)
        client.close()
    return found


def inspected(hosts: Sequence[Host]) -> str:
    """What `docker inspect` prints of all containers on the hosts."""
    found = []
    for host in hosts:
        with closing(host.docker()) as client:
            found += [client.api.inspect_container(each["Id"]) for each in client.api.containers(all=True)]
    return json.dumps(found)


@contextmanager
def without_states(project: Project, phase: str = "*") -> Iterator[None]:
    """Moves the states of members out of the project for the length of the block, as if others had deployed it.

    A synth then knows nothing of what runs. States that the block made are overwritten afterwards.

    Args:
        project: the project.
        phase: only the members that this phase deploys, such as `marathon`; by default all. A deploy that gets as
            far as these members fails, because their containers exist.
    """
    elsewhere = project.directory / "states"
    elsewhere.mkdir()
    for state in project.directory.glob(f"terraform.*-{phase}-*-members.tfstate"):
        state.replace(elsewhere / state.name)
    try:
        yield
    finally:
        for state in elsewhere.iterdir():
            state.replace(project.directory / state.name)
        elsewhere.rmdir()


def log_of(host: Host, container: str) -> str:
    """The log of a container."""
    with closing(host.docker()) as client:
        return str(client.containers.get(container).logs().decode())


def versions(hosts: Sequence[Host], name: str) -> list[str]:
    """The image tags of the containers with this name, in the order of the hosts."""
    found = []
    for host in hosts:
        with closing(host.docker()) as client:
            image = client.containers.get(name).attrs["Config"]["Image"]
        found.append(image.partition(":")[2])
    return found


def is_replaced(host: Host, before: Mapping[tuple[str, str], str], name: str) -> bool:
    """Whether the container with this name exists and is not the one of before."""
    with closing(host.docker()) as client:
        # Not containers.list(), which fails if a container is removed meanwhile.
        found = [each["Id"] for each in client.api.containers(filters={"name": f"^/{name}$"})]
    return bool(found) and found[0] != before[host.name, name]


def tasks(agents: Sequence[Host]) -> dict[str, tuple[str, int]]:
    """The ids and main processes of all tasks' containers, by the containers' names."""
    return {name: found for host in agents for name, found in task_containers(host).items()}


def task_containers(host: Host) -> dict[str, tuple[str, int]]:
    """The containers that a host's agents started for tasks: id and main process by container name."""
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
