"""A cluster with monitoring, scraped by the real Prometheus of Debian: faults are provoked, and the alerts fire.

The alerts are those of docs/monitoring. Only their waits are shorter.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.paths import BRIDGE_ADDRESS
from sandbox.project import Project
from sandbox.prometheus import program
from sandbox.static import containers, live, removed_afterwards, run_tasks, static_project, task_containers
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

DOCS = Path(__file__).parents[2] / "docs/monitoring"
URL = f"http://{BRIDGE_ADDRESS}:9090"
MONITORING = {"mesos_exporter": {"image": "example/mesos_exporter", "version": "v1.1.2"}}
# Longer than the masters wait for an agent that is gone (75 s), and than Prometheus needs to notice.
SECONDS = 180


class Prometheus:
    """Prometheus, with the configuration of docs/monitoring.

    Args:
        folder: for its configuration and its data.
        targets: the output `prometheus_targets`.
    """

    def __init__(self, folder: Path, targets: list[dict[str, Any]]) -> None:
        shutil.copytree(DOCS, folder, dirs_exist_ok=True)
        (folder / "targets.json").write_text(json.dumps(targets))
        rules = folder / "alerts.yml"
        rules.write_text(re.sub("for: [125]m$", "for: 5s", rules.read_text(), flags=re.MULTILINE))
        config = folder / "prometheus.yml"
        quick = "scrape_interval: 2s\n  evaluation_interval: 2s"
        config.write_text(config.read_text().replace("scrape_interval: 15s", quick))
        self.process = subprocess.Popen(
            [
                program("prometheus"),
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={BRIDGE_ADDRESS}:9090",
            ],
            stderr=(folder / "log").open("w"),
        )

    def query(self, expression: str) -> list[dict[str, str]]:
        """The labels of the series that an expression finds."""
        answer = requests.get(f"{URL}/api/v1/query", params={"query": expression}, timeout=5)
        answer.raise_for_status()
        return [each["metric"] for each in answer.json()["data"]["result"]]

    def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        return {each["alertname"] for each in self.query('ALERTS{alertstate="firing"}')}


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster without monitoring, which then gets it."""
    project = static_project(tmp_path_factory.mktemp("monitored"), "monitored", control, agents, **PINS)
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture(scope="module")
def cluster(project: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    """The cluster with monitoring. Its tasks ran before, and were kept."""
    cluster = run_tasks(live(project, control), agents)
    ids, before = cluster.agent_ids(), containers(project, [*control, *agents])
    project.change(monitoring=MONITORING)
    project.deploy()
    after = containers(project, [*control, *agents])
    # Only ZooKeeper and Marathon get other flags. Masters and agents stay as they are.
    assert {name for where, name in before if after[where, name] != before[where, name]} == {
        "monitored-zookeeper",
        "monitored-marathon",
    }
    assert cluster.agent_ids() == ids
    return cluster


@pytest.fixture(scope="module")
def prometheus(
    cluster: LiveCluster, project: Project, control: list[Host], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Prometheus, once it scrapes all targets."""
    targets = project.outputs(f"{project.name}-3-marathon-{control[0].name}-members")["prometheus_targets"]
    prometheus = Prometheus(tmp_path_factory.mktemp("prometheus"), targets)
    try:
        count = sum(len(each["targets"]) for each in targets)
        eventually(lambda: len(prometheus.query("up == 1")) == count, f"{count} targets that answer", SECONDS)
        yield prometheus
    finally:
        prometheus.process.send_signal(signal.SIGTERM)
        prometheus.process.wait(timeout=30)


@contextmanager
def stopped(hosts: Sequence[Host], name: str) -> Iterator[None]:
    """A role's containers are stopped on these hosts while the block runs."""
    for host in hosts:
        with closing(host.docker()) as client:
            client.containers.get(name).stop()
    try:
        yield
    finally:
        for host in hosts:
            with closing(host.docker()) as client:
                client.containers.get(name).start()


def test_prometheus_scrapes_every_target_and_no_alert_fires(
    prometheus: Prometheus, control: list[Host], agents: list[Host]
) -> None:
    for job, port, hosts in (
        ("zookeeper", 7000, control),
        ("mesos-master", 9105, control),
        ("mesos-agent", 9106, agents),
        ("marathon", 8080, control),
    ):
        found = {each["instance"] for each in prometheus.query(f'up{{job="{job}"}} == 1')}
        assert found == {f"{host.address}:{port}" for host in hosts}
    assert prometheus.query("sum(mesos_master_elected) == 1")
    assert prometheus.query(f'sum(mesos_master_slaves_state{{state="connected_active"}}) == {len(agents)}')
    assert prometheus.query(f"max(synced_followers) == {len(control) - 1}")
    assert prometheus.query("max(marathon_apps_active_gauge) > 0")
    assert prometheus.firing() == set()


def expect(prometheus: Prometheus, *alerts: str) -> None:
    eventually(lambda: set(alerts) <= prometheus.firing(), f"the alerts {', '.join(alerts)}", SECONDS)


def quiet(prometheus: Prometheus, *but: str) -> None:
    """Wait until no alert fires, except those that look back at the last minutes."""
    eventually(lambda: prometheus.firing() <= set(but), "no alerts", SECONDS)


def test_an_instance_of_marathon_that_is_down(
    prometheus: Prometheus, cluster: LiveCluster, project: Project, control: list[Host]
) -> None:
    # Without its leader, no instance answers until there is another one.
    leader = requests.get(f"{cluster.marathon}/v2/leader", timeout=10).json()["leader"].partition(":")[0]
    follower = next(host for host in control if host.address != leader)
    with stopped([follower], f"{project.name}-marathon"):
        expect(prometheus, "MarathonDown")
        assert "MarathonUnavailable" not in prometheus.firing()
    quiet(prometheus)


def test_a_follower_of_zookeeper_that_is_down(prometheus: Prometheus, project: Project, control: list[Host]) -> None:
    (leader,) = prometheus.query("synced_followers")
    follower = next(host for host in control if host.address != leader["instance"].partition(":")[0])
    with stopped([follower], f"{project.name}-zookeeper"):
        expect(prometheus, "ZookeeperServerDown", "ZookeeperFollowersMissing")
        # The cluster serves with two of three.
        assert {"ZookeeperNoLeader", "MesosNoLeader"}.isdisjoint(prometheus.firing())
    quiet(prometheus)


def test_no_master_leads(prometheus: Prometheus, project: Project, control: list[Host]) -> None:
    with stopped(control, f"{project.name}-master"):
        expect(prometheus, "MesosNoLeader", "MesosMasterDown")
    quiet(prometheus)


def test_an_agent_is_lost_and_its_tasks(
    prometheus: Prometheus, cluster: LiveCluster, project: Project, agents: list[Host]
) -> None:
    host = next(host for host in agents if task_containers(host))
    with stopped([host], f"{project.name}-agent-1"):
        expect(prometheus, "MesosAgentNotRegistered", "MesosAgentsLost")
        # The masters take the agent for gone after 75 s. The stand-in for Marathon knows no unreachable tasks.
        expect(prometheus, "MesosTasksLost")
    quiet(prometheus, "MesosTasksLost")
    run_tasks(cluster, agents)


def test_an_exporter_that_is_down_is_no_fault_of_its_master(
    prometheus: Prometheus, project: Project, control: list[Host]
) -> None:
    with stopped(control[:1], f"{project.name}-master-exporter"):
        expect(prometheus, "TargetDown")
        assert "MesosMasterDown" not in prometheus.firing()
    quiet(prometheus, "MesosTasksLost")
