"""A canary pool next to a stable one: with another version, with a broken one, and with an agent that leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.closed import credential
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import containers, entries, live, log_of, removed_afterwards, static_project, tasks
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

TASKS = 4
BROKEN = "1.11.1-rc2"


def canary(host: Host, **more: Any) -> list[dict[str, Any]]:
    """The settings of a pool with one agent."""
    machine = {**entries([host])[0], "leaving": more.pop("leaving", False)}
    return [{"name": "canary", "machines": [machine], "version": "1.11.0", "attributes": {"rack": "b"}, **more}]


@pytest.fixture(scope="module")
def stable(agents: list[Host]) -> Host:
    return agents[0]


@pytest.fixture(scope="module")
def other(agents: list[Host]) -> Host:
    """The canary's machine."""
    return agents[1]


@pytest.fixture(scope="module")
def project(
    control: list[Host], stable: Host, other: Host, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    pins = {**PINS, "agents": {"version": "1.10.0"}}
    project = static_project(
        tmp_path_factory.mktemp("pools"), "pools", control[:1], [stable], {"pools": canary(other)}, **pins
    )
    with removed_afterwards(project, control[:1], [stable, other]):
        project.deploy()
        yield project


@pytest.fixture
def cluster(project: Project, control: list[Host], stable: Host, other: Host) -> LiveCluster:
    """The cluster, with tasks on both agents."""
    cluster = live(project, control[:1])
    cluster.wait_until_serving(agents=2)
    if "/web" not in cluster.apps():
        cluster.run_app("web", image="busybox:1.35.0", command="exec sleep 100000", instances=TASKS)
    cluster.wait_for_tasks("web", TASKS)
    assert tasks([stable])
    assert tasks([other])
    return cluster


def test_each_pool_has_its_version_and_attributes(cluster: LiveCluster, stable: Host, other: Host) -> None:
    agents = {each["hostname"]: each for each in cluster.state()["slaves"]}
    assert {name: (each["version"], each["attributes"]) for name, each in agents.items()} == {
        stable.address: ("1.10.0", {}),
        other.address: ("1.11.0", {"rack": "b"}),
    }


def test_a_broken_canary_stops_the_deploy_and_leaves_the_stable_pool_alone(
    cluster: LiveCluster, project: Project, control: list[Host], stable: Host, other: Host
) -> None:
    ids, before = cluster.agent_ids(), (containers(project, [*control[:1], stable]), tasks([stable]))
    project.change(platform={"pools": canary(other, version=BROKEN)}, agents={"version": "1.11.0"})
    code, output = project.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "pools-agent-canary" in output[output.index("Error:") :]
    assert (containers(project, [*control[:1], stable]), tasks([stable])) == before
    project.change(platform={"pools": canary(other)}, agents={"version": "1.10.0"})
    project.deploy()
    cluster.wait_until_serving(agents=2)
    cluster.wait_for_tasks("web", TASKS)
    assert cluster.agent_ids() == ids
    assert (containers(project, [*control[:1], stable]), tasks([stable])) == before


def test_an_agent_with_tasks_is_removed_only_after_it_is_drained(
    cluster: LiveCluster, project: Project, stable: Host, other: Host
) -> None:
    before = containers(project, [stable, other]), tasks([stable, other])
    project.change(platform={"pools": canary(other, leaving=True)})
    code, output = project.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "every_other_agent_is_healthy" in output[output.index("Error:") :]
    assert "executors with tasks: drain it first" in log_of(other, "pools-preflight-agent")
    assert (containers(project, [stable, other]), tasks([stable, other])) == before

    drained = project.operate(
        "drain", cluster.master, other.address, "--seconds", "60", *credential(project.directory), check=False
    )
    assert drained.returncode == 0, drained.stderr
    assert "has no tasks, and gets none" in drained.stdout
    cluster.wait_for_tasks("web", TASKS)
    assert not tasks([other])
    kept = {name: found for name, found in before[1].items() if name in tasks([stable])}
    assert kept.items() <= tasks([stable]).items()
    project.deploy()
    assert not [name for host, name in containers(project, [other]) if host == other.name]
    assert len(tasks([stable])) == TASKS


def test_override_preflight_removes_an_agent_that_has_tasks(
    project: Project, control: list[Host], stable: Host, other: Host
) -> None:
    project.change(platform={"pools": canary(other)})
    project.deploy()
    cluster = live(project, control[:1])
    # The agent is still drained, and so not active.
    undo = ("drain", cluster.master, other.address, "--undo", *credential(project.directory))
    eventually(lambda: project.operate(*undo, check=False).returncode == 0, "end of the drain")
    cluster.wait_until_serving(agents=2)
    cluster.run_app("more", image="busybox:1.35.0", command="exec sleep 100000", instances=2 * TASKS)
    eventually(lambda: tasks([other]), "tasks on the agent that came back")
    project.change(platform={"pools": canary(other, leaving=True)})
    code, output = project.cdktf("deploy", "*", "--auto-approve", "--var", "override_preflight=true")
    assert code == 0, output
    assert not containers(project, [other])
    # As described in docs/agents.md, the tasks stay: Mesos's executors wait for their agent.
    assert tasks([other])
    cluster.delete_app("more")
