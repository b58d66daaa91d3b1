"""Load balancers on two machines: apps by their names, and requests during changes of apps and of the balancers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox.app_client import AppClient, ask
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import containers, live, removed_afterwards, static_project, task_containers, versions
from tests.e2e.conftest import PINS

DOMAIN = "apps.example.com"
NAME = "balanced-load-balancer"
OLD, NEW = "v1.14.2", "v1.15.0"

# Serves its host and port. On SIGTERM it goes on for three seconds, until no balancer sends it requests any more.
SERVE = """\
mkdir -p /tmp/www
echo "$HOST:$PORT0" > /tmp/www/index.html
httpd -p "$PORT0" -h /tmp/www
trap 'sleep 3; exit 0' TERM
while :; do sleep 1 & wait $!; done"""


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster with a load balancer on the machine of each agent."""
    balancer = {
        "version": OLD,
        "groups": ["*"],
        "domain": DOMAIN,
        "machines": [host.name for host in agents],
        "drain_seconds": 3,
    }
    project = static_project(
        tmp_path_factory.mktemp("balanced"), "balanced", control[:1], agents, load_balancer=balancer, **PINS
    )
    with removed_afterwards(project, control[:1], agents):
        project.deploy()
        yield project


@pytest.fixture
def cluster(project: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    """The cluster, with an app of two instances that both balancers know."""
    cluster = live(project, control[:1])
    cluster.wait_until_serving(agents=len(agents))
    if "/web" not in cluster.apps():
        put(cluster, "web", 2)
    scale(cluster, agents, "web", 2)
    return cluster


def put(cluster: LiveCluster, name: str, instances: int) -> None:
    app: dict[str, Any] = {
        "cmd": SERVE,
        "cpus": 0.1,
        "mem": 32,
        "instances": instances,
        "portDefinitions": [{"port": 0}],
        "taskKillGracePeriodSeconds": 10,
        "container": {"type": "DOCKER", "docker": {"image": "busybox:1.35.0", "network": "HOST"}},
    }
    requests.put(f"{cluster.marathon}/v2/apps/{name}", json=app, timeout=10).raise_for_status()


def scale(cluster: LiveCluster, agents: list[Host], name: str, count: int) -> None:
    """Scale the app, and wait until each balancer sends requests to exactly its running tasks."""
    url = f"{cluster.marathon}/v2/apps/{name}"

    def done() -> bool:
        tasks = requests.get(url, timeout=10).json()["app"]["tasks"]
        running = {f"{each['host']}:{each['ports'][0]}" for each in tasks if each["state"] == "TASK_RUNNING"}
        return len(running) == len(tasks) == count and all(reached(host, name) == running for host in agents)

    def scaled() -> bool:
        # Marathon refuses this while a deployment of the app is going on.
        return requests.put(url, json={"instances": count}, timeout=10).ok

    eventually(scaled, f"{name} with {count} instances")
    eventually(done, f"requests to exactly {count} tasks of {name}", 90)


def reached(host: Host, name: str) -> set[str]:
    """The tasks that answer through the balancer on a host."""
    answers = [ask(host.address, f"{name}.{DOMAIN}") for _ in range(12)]
    return {text for status, text in answers if status == 200}


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_an_app_is_reached_by_its_name_through_each_balancer(
    cluster: LiveCluster, agents: list[Host], secure: bool
) -> None:
    for host in agents:
        answers = [ask(host.address, f"web.{DOMAIN}", secure=secure) for _ in range(12)]
        assert {status for status, _ in answers} == {200}
        assert len({text for _, text in answers}) == 2
        assert ask(host.address, f"none.{DOMAIN}", secure=secure)[0] == 503


def test_a_deploy_without_changes_replaces_no_balancer(
    cluster: LiveCluster, project: Project, agents: list[Host]
) -> None:
    before = containers(project, agents)
    project.deploy()
    assert containers(project, agents) == before
    preview = project.preview()
    assert (preview["changed"], preview["warnings"]) == (False, [])


def test_no_request_fails_while_the_app_scales(
    cluster: LiveCluster, agents: list[Host], measured: Callable[[str], None]
) -> None:
    with AppClient(f"web.{DOMAIN}", [host.address for host in agents]) as client:
        scale(cluster, agents, "web", 4)
        scale(cluster, agents, "web", 2)
    told(measured, "2 -> 4 -> 2 instances", client)
    assert client.failed == []


def test_requests_go_on_when_an_instance_dies(
    cluster: LiveCluster, agents: list[Host], measured: Callable[[str], None]
) -> None:
    """A request that the instance was about to answer is lost. Those after it reach the other one."""
    name, host = next((name, host) for host in agents for name in task_containers(host))
    with AppClient(f"web.{DOMAIN}", [each.address for each in agents]) as client:
        host.run("docker", "kill", name)
        eventually(lambda: name not in task_containers(host), "end of the task")
        scale(cluster, agents, "web", 2)
    told(measured, "an instance dies", client)
    assert len(client.failed) <= 2


def test_no_request_fails_while_the_balancers_are_rolled(
    cluster: LiveCluster, project: Project, agents: list[Host], measured: Callable[[str], None]
) -> None:
    assert versions(agents, NAME) == [OLD] * len(agents)
    project.change(load_balancer={"version": NEW})
    with AppClient(f"web.{DOMAIN}", [host.address for host in agents]) as client:
        project.deploy()
    told(measured, f"balancers {OLD} -> {NEW}", client)
    assert versions(agents, NAME) == [NEW] * len(agents)
    assert client.failed == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": "v1.15.1-rc1"}, "container failed to be in healthy state"),
        ({"certificates": "/srv/no-certificates"}, "every_other_marathon_lb_is_healthy"),
    ],
    ids=["broken candidate", "no certificates"],
)
def test_what_cannot_serve_stops_at_the_first_balancer(
    cluster: LiveCluster, project: Project, agents: list[Host], change: dict[str, Any], reason: str
) -> None:
    before = containers(project, agents)
    kept = project.settings["load_balancer"]
    project.change(load_balancer=change)
    with AppClient(f"web.{DOMAIN}", [host.address for host in agents]) as client:
        code, output = project.cdktf("deploy", "*", "--auto-approve", timeout=300)
        after = containers(project, agents)
        project.change(load_balancer={"version": kept["version"], "certificates": None})
        project.deploy()
    assert code != 0
    assert reason in output[output.index("Error:") :]
    changed = {where for where in before if after.get(where) != before[where]}
    assert changed == ({(agents[0].name, NAME)} if "version" in change else set())
    assert client.failed == []


def told(measured: Callable[[str], None], what: str, client: AppClient) -> None:
    """Record how many requests failed."""
    measured(f"{what}: {len(client.failed)} of {client.asked} requests failed")
