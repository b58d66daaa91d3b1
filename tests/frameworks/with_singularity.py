"""HubSpot's Singularity, in Java: a scheduler for services and jobs, as Marathon is one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from cdktf_mesos.testing.cluster import MesosCluster
from tests.frameworks.tasks import COMMAND, IMAGE, frameworks, other, running

INSTANCES = 2
SECONDS = 300
# From 16 on, Java does not let libraries look into these packages without such options; it was made for 8 and 11.
OPENS = [f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in ("lang", "util", "net", "nio")]


class Singularity:
    """A process of Singularity, and its API.

    Args:
        cluster: the cluster.
        directory: for its configuration and its log.
    """

    def __init__(self, cluster: MesosCluster, directory: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        self.api = f"http://127.0.0.1:{port}/singularity/api"
        settings: dict[str, Any] = {
            "hostname": "127.0.0.1",
            "server": {
                "type": "simple",
                "applicationContextPath": "/singularity",
                "connector": {"type": "http", "bindHost": "127.0.0.1", "port": port},
            },
            "mesos": {
                "agentHttpPort": int(cluster.agents[0].rpartition(":")[2]),
                "master": cluster.master.removeprefix("http://"),
                "frameworkName": "Singularity",
                "frameworkId": "Singularity",
                "frameworkFailoverTimeout": 604800,
            },
            "zookeeper": {"quorum": cluster.zookeeper, "zkNamespace": "singularity", "sessionTimeoutMillis": 60000},
            "ui": {"baseUrl": f"http://127.0.0.1:{port}/singularity"},
        }
        file = directory / "singularity.yaml"
        file.write_text(json.dumps(settings))  # JSON is YAML, too
        # From 14 on, Java writes an address as `10.0.0.1/<unresolved>:2181`, and Singularity's ZooKeeper client, 3.4,
        # takes all before the colon for a name (ZOOKEEPER-3779). So let Java find that name.
        address, names = cluster.zookeeper.rpartition(":")[0], directory / "hosts"
        names.write_text(f"127.0.0.1 localhost\n{address} {address}/<unresolved>\n")
        options = ["-Xmx512m", "-XX:TieredStopAtLevel=1", f"-Djdk.net.hosts.file={names}", *OPENS]
        words = ["java", *options, "-jar", os.environ["SINGULARITY_JAR"], "server", str(file)]
        self.process = subprocess.Popen(words, cwd=directory)

    def is_ready(self, cluster: MesosCluster) -> bool:
        """Whether it is registered with the master, and answers. It may register before it has its API."""
        assert self.process.poll() is None, "Singularity has ended"
        try:
            return bool(frameworks(cluster)) and requests.get(f"{self.api}/requests", timeout=SECONDS).ok
        except requests.ConnectionError:
            return False

    def post(self, path: str, document: dict[str, Any]) -> None:
        """Send a document to its API."""
        requests.post(f"{self.api}/{path}", json=document, timeout=SECONDS).raise_for_status()

    def deploy(self, request: str) -> None:
        """Run instances of a service."""
        self.post("requests", {"id": request, "requestType": "SERVICE", "instances": INSTANCES})
        deploy = {
            "requestId": request,
            "id": "first",
            "command": COMMAND,
            "shell": True,
            "resources": {"cpus": 0.1, "memoryMb": 32, "numPorts": 0},
            "containerInfo": {"type": "DOCKER", "docker": {"image": IMAGE, "network": "HOST"}},
        }
        self.post("deploys", {"deploy": deploy})


@pytest.fixture
def singularity(mesos_cluster: MesosCluster, tmp_path: Path) -> Iterator[Singularity]:
    """Singularity, registered with the master, with its API."""
    singularity = Singularity(mesos_cluster, tmp_path)
    try:
        mesos_cluster.wait_for(lambda: singularity.is_ready(mesos_cluster), SECONDS)
        yield singularity
    finally:
        singularity.process.kill()
        singularity.process.wait()


def test_tasks_outlive_an_upgrade_of_master_and_agents(mesos_cluster: MesosCluster, singularity: Singularity) -> None:
    singularity.deploy("web")
    before = mesos_cluster.wait_for(lambda: running(mesos_cluster, INSTANCES), SECONDS)
    registered = frameworks(mesos_cluster)

    mesos_cluster.upgrade(other(mesos_cluster.mesos))
    mesos_cluster.wait_for(lambda: frameworks(mesos_cluster) == registered, SECONDS)
    assert running(mesos_cluster, INSTANCES) == before

    # It also goes on.
    singularity.deploy("more")
    after = mesos_cluster.wait_for(lambda: running(mesos_cluster, 2 * INSTANCES), SECONDS)
    assert before.items() <= after.items()
