"""What the demo prints of the cluster."""

from __future__ import annotations

import contextlib

import docker
from docker.models.containers import Container

from sandbox.demo import APP, DIRECTORY
from sandbox.demo.engines import Place
from sandbox.live import LiveCluster


def show(cluster: LiveCluster, place: Place) -> list[tuple[str, ...]]:
    """Print the app as Marathon, the master and the engines see it; returns what must not change, task by task."""
    app = cluster.apps()[f"/{APP}"]
    state = cluster.state()
    hosts = {agent["id"]: f"{agent['hostname']}, Mesos {agent['version']}" for agent in state["slaves"]}
    print(f"    Marathon   {app['id']}: {app['tasksRunning']} of {app['instances']} running")
    print(f"    master     Mesos {state['version']}")
    for agent, host in sorted(hosts.items()):
        print(f"    agent      {agent} on {host}")
    found: list[tuple[str, ...]] = []
    for task in sorted(cluster.tasks(APP), key=lambda each: str(each["id"])):
        container = _task_container(place, task["id"])
        process = str(container.attrs["State"]["Pid"])
        print(f"    task       {task['id']}: process {process}, container {container.name}, {container.status}")
        found.append((task["slave_id"], task["id"], str(container.id), process))
    print(f"    its output {container.logs(tail=1).decode().strip()}")
    return found


def next_steps(cluster: LiveCluster, place: Place) -> str:
    """Where to look and what to try."""
    stacks = " '*'" if place.control else ""
    broken = ", or" if place.control else ""
    lines = [
        f"Marathon   {cluster.marathon}/v2/apps",
        f"master     {cluster.master}/state",
        f"agent      {cluster.agents[0]}/state",
        f"ZooKeeper  {cluster.zookeeper_connect_string}",
        "",
        f"cd {DIRECTORY.name} && . ./env      for cdktf by hand: change a pin in cdktf.json, then",
        f'cdktf deploy{stacks}{" " * (21 - len(stacks))}for instance "zookeeper_version": "3.8.4"{broken}',
    ]
    if place.control:
        lines += [
            f'{"":33}"mesos_version": "1.11.1-rc1", a release candidate that never gets',
            f"{'':33}healthy: the deploy stops at the first machine, and the rest stays up",
        ]
    lines += [
        "cdktf-mesos status               every member there, and what is not well",
        "make status                      what the sandbox runs",
        "make down                        removes all of it",
    ]
    return "\n".join(f"    {line}".rstrip() for line in lines)


def _task_container(place: Place, task: str) -> Container:
    """The container of a task; Mesos tells it its task's id."""
    for engine in place.engines:
        with contextlib.closing(docker.DockerClient(base_url=engine, version="auto", timeout=60)) as client:
            for container in client.containers.list():
                if f"MESOS_TASK_ID={task}" in container.attrs["Config"]["Env"]:
                    return container
    raise RuntimeError(f"no container of task {task} at {', '.join(place.engines)}")
