"""What the tests with load balancers share: an app behind a pair of them, and what changes under its requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.app_client import AppClient, ask
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import live, task_containers, versions

DOMAIN = "apps.example.com"
OLD, NEW = "v1.14.2", "v1.15.0"

# Serves its host and port. On SIGTERM it goes on for three seconds, until no balancer sends it requests any more.
SERVE = """\
mkdir -p /tmp/www
echo "$HOST:$PORT0" > /tmp/www/index.html
httpd -p "$PORT0" -h /tmp/www
trap 'sleep 3; exit 0' TERM
while :; do sleep 1 & wait $!; done"""
WEB: dict[str, Any] = {
    "cmd": SERVE,
    "cpus": 0.1,
    "mem": 32,
    "instances": 2,
    "portDefinitions": [{"port": 0}],
    "taskKillGracePeriodSeconds": 10,
    "container": {"type": "DOCKER", "docker": {"image": "busybox:1.35.0", "network": "HOST"}},
}


def balancer_settings(agents: Sequence[Host]) -> dict[str, Any]:
    """The settings of load balancers on the machines of the agents."""
    return {
        "version": OLD,
        "groups": ["*"],
        "domain": DOMAIN,
        "machines": [host.name for host in agents],
        "drain_seconds": 3,
    }


@dataclass(frozen=True)
class Site:
    """A deployed cluster with a load balancer on each agent's machine, and its hosts."""

    project: Project
    control: Sequence[Host]
    agents: Sequence[Host]

    @property
    def cluster(self) -> LiveCluster:
        """The cluster."""
        return live(self.project, self.control)

    @property
    def balancer(self) -> str:
        """The name of the load balancers' containers."""
        return f"{self.project.name}-load-balancer"

    def ready(self) -> None:
        """Wait until the cluster serves, and all balancers know the two instances of the app `web`."""
        cluster = self.cluster
        cluster.wait_until_serving(agents=len(self.agents))
        if "/web" not in cluster.apps():
            requests.put(f"{cluster.marathon}/v2/apps/web", json=WEB, timeout=10).raise_for_status()
        self.scale(2)

    def scale(self, count: int, marathon: str | None = None) -> None:
        """Scale the app, and wait until each balancer sends requests to exactly its running tasks.

        Args:
            count: how many instances.
            marathon: the URL of the Marathon to ask; by default that of the first machine.
        """
        url = f"{marathon or self.cluster.marathon}/v2/apps/web"

        def done() -> bool:
            tasks = requests.get(url, timeout=10).json()["app"]["tasks"]
            running = {(200, f"{each['host']}:{each['ports'][0]}") for each in tasks if each["state"] == "TASK_RUNNING"}
            return len(running) == len(tasks) == count and all(answers(host) == running for host in self.agents)

        def scaled() -> bool:
            # Marathon refuses this while a deployment of the app is going on.
            return requests.put(url, json={"instances": count}, timeout=10).ok

        eventually(scaled, f"web with {count} instances")
        eventually(done, f"requests to exactly {count} tasks of web", 90)

    def requests(self) -> AppClient:
        """A client of the app, through all balancers."""
        return AppClient(f"web.{DOMAIN}", [host.address for host in self.agents])


def answers(host: Host, *, secure: bool = False) -> set[tuple[int, str]]:
    """The different answers of the app through the balancer on a host: the status, and the task's host and port."""
    return {ask(host.address, f"web.{DOMAIN}", secure=secure) for _ in range(12)}


def scale(site: Site) -> None:
    """Scale the app up and down."""
    site.scale(4)
    site.scale(2)


def kill_an_instance(site: Site) -> None:
    """Kill the container of one instance, and wait for another one."""
    name, host = next((name, host) for host in site.agents for name in task_containers(host))
    host.run("docker", "kill", name)
    eventually(lambda: name not in task_containers(host), "end of the task")
    site.scale(2)


def roll_the_balancers(site: Site) -> None:
    """Deploy another version of the balancers."""
    assert versions(site.agents, site.balancer) == [OLD] * len(site.agents)
    site.project.change(load_balancer={"version": NEW})
    site.project.deploy()
    assert versions(site.agents, site.balancer) == [NEW] * len(site.agents)


def told(measured: Callable[[str], None], what: str, client: AppClient) -> None:
    """Record how many requests failed."""
    measured(f"{what}: {len(client.failed)} of {client.asked} requests failed")
