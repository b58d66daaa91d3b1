"""Removes the demo (`make down`)."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress

import docker
import requests

from sandbox import hosts, machine, paths
from sandbox.demo import APP, DEPLOY_SECONDS, DIRECTORY
from sandbox.live import LiveCluster, eventually
from sandbox.project import PROGRESS, Project


def down() -> None:
    """Remove the demo's cluster and the sandbox."""
    settings = DIRECTORY / "cdktf.json"
    if settings.exists():
        cluster = json.loads(settings.read_text())["context"]["cluster"]
        engine = cluster["platform"].get("engine")
        # A cluster in the sandbox is removed together with the sandbox, below.
        if engine and not engine.startswith(f"unix://{paths.state()}"):
            project = Project(DIRECTORY, **cluster)
            project.timeout = DEPLOY_SECONDS
            _remove_from_own_engine(project, engine)
    # Where no sandbox can run, such as on macOS, the commands that it needs do not exist.
    if machine.unavailable() is None or paths.state().exists():
        hosts.down()
    shutil.rmtree(DIRECTORY, ignore_errors=True)


def _remove_from_own_engine(project: Project, engine: str) -> None:
    """Remove the demo's containers, those of its app included, from this machine's own engine."""
    client = docker.DockerClient(base_url=engine, version="auto", timeout=60)
    outputs = project.outputs()
    if outputs:
        cluster = LiveCluster(outputs)
        # A cluster that does not answer goes as well: what is left of its tasks is removed by force, below.
        with suppress(requests.RequestException, TimeoutError):
            cluster.delete_app(APP)
            eventually(lambda: not cluster.tasks(APP), f"end of the tasks of {APP}")
    project.destroy(show=PROGRESS)
    for container in client.containers.list(all=True, filters={"name": "^/mesos-"}):
        if any(entry.startswith(f"MESOS_TASK_ID={APP}.") for entry in container.attrs["Config"]["Env"]):
            for leftover in client.containers.list(all=True, filters={"name": f"^/{container.name}"}):
                leftover.remove(force=True)
    client.close()
    print(f"    The cluster's data stay in /var/lib/cdktf-mesos/{project.name}")
