"""What the demo prints of the cluster."""

from __future__ import annotations

import contextlib

from docker.models.containers import Container

from sandbox.demo import APP, DIRECTORY
from sandbox.demo.engines import Place
from sandbox.live import LiveCluster


def show(cluster: LiveCluster, place: Place) -> tuple[str, ...]:
    """Print the app as Marathon, the master and the engine see it; returns what must not change."""
    app = cluster.apps()[f"/{APP}"]
    (task,) = cluster.tasks(APP)
    (agent,) = cluster.state()["slaves"]
    container = _task_container(place, task["id"])
    process = str(container.attrs["State"]["Pid"])
    print(f"    Marathon   {app['id']}: {app['tasksRunning']} of {app['instances']} running")
    print(f"    master     task {task['id']}: {task['state']} on agent {agent['id']}, Mesos {agent['version']}")
    print(
        f"    container  {container.name}: {container.status}, process {process}, {container.attrs['Config']['Image']}"
    )
    print(f"    its output {container.logs(tail=1).decode().strip()}")
    return agent["id"], task["id"], str(container.id), process


def next_steps(cluster: LiveCluster) -> str:
    """Where to look and what to try."""
    return f"""\
    Marathon   {cluster.marathon}/v2/apps
    master     {cluster.master}/state
    agent      {cluster.agents[0]}/state
    ZooKeeper  {cluster.zookeeper_connect_string}

    cd {DIRECTORY.name} && . ./env      for cdktf by hand: change a pin in cdktf.json, then
    cdktf diff, cdktf deploy         for instance "zookeeper_version": "3.8.4", or "mesos_version": "1.11.1-rc1",
                                     a release candidate that never gets healthy (sandbox only)
    make status                      what the sandbox runs
    make down                        removes all of it"""


def _task_container(place: Place, task: str) -> Container:
    """The container of a task; Mesos tells it its task's id."""
    with contextlib.closing(place.client()) as client:
        for container in client.containers.list():
            if f"MESOS_TASK_ID={task}" in container.attrs["Config"]["Env"]:
                return container
    raise RuntimeError(f"no container of task {task} at {place.engine}")
