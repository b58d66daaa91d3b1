"""Prints what runs in the demo's cluster, and what to try next."""

from __future__ import annotations

import contextlib

import docker
from docker.models.containers import Container

from sandbox.demo import APP, DIRECTORY, DOMAIN
from sandbox.demo.engines import Place
from sandbox.live import LiveCluster


def show(cluster: LiveCluster, place: Place) -> list[tuple[str, ...]]:
    """Print the app as Marathon, the leading master and the engines see it.

    Returns:
        for each task what an upgrade must not change: the ids of its agent, task, container and process.
    """
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
    print(f"    output     of the last task: {container.logs(tail=1).decode().strip()}")
    return found


def next_steps(cluster: LiveCluster, place: Place) -> str:
    """Where to look and what to try."""
    stacks = " '*'" if place.control else ""
    lines = [
        "Look at the cluster:",
        f"  Marathon   {cluster.marathon}/v2/apps",
        f"  master     {cluster.master}/state",
        f"  agent      {cluster.agents[0]}/state",
        f"  ZooKeeper  {cluster.zookeeper_connect_string}",
        *(f"  app        curl --header 'Host: {APP}.{DOMAIN}' http://{host.address}" for host in place.agents[:1]),
        "",
        "Deploy another version yourself:",
        f"  cd {DIRECTORY.name} && . ./env   # prepares this shell for cdktf",
        '  # change a version in cdktf.json, for example to "zookeeper_version": "3.8.4"; then:',
        f"  cdktf deploy{stacks}",
    ]
    if place.control:
        lines += [
            "",
            'Try a broken version: with "mesos_version": "1.11.1-rc1", a release candidate that never gets healthy,',
            "the deploy stops at the first machine, and all other members stay up.",
        ]
    lines += [
        "",
        "cdktf-mesos status   # shows every member, and what is not well",
        "make status   # shows what the sandbox runs",
        "make down     # removes the cluster and the sandbox",
    ]
    return "\n".join(f"    {line}".rstrip() for line in lines)


def _task_container(place: Place, task: str) -> Container:
    """The container of a task, found by the task's id, which Mesos puts into the container's environment."""
    for engine in place.engines:
        with contextlib.closing(docker.DockerClient(base_url=engine, version="auto", timeout=60)) as client:
            for container in client.containers.list():
                if f"MESOS_TASK_ID={task}" in container.attrs["Config"]["Env"]:
                    return container
    raise RuntimeError(f"no container of task {task} at {', '.join(place.engines)}")
