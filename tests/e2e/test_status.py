"""`cdktf-mesos doctor` and `status` on a real cluster: all well, a member down, an agent drained, a roll half done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.closed import credential
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import live, removed_afterwards, run_tasks, static_project
from tests.e2e.conftest import PINS
from tests.e2e.orphans import named_by_status

OLD, NEW = "1.10.0", "1.11.0"
WELL, UNKNOWN, NOT_WELL = 0, 1, 2


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster with one machine in its control plane, so that it is there soon; machines are checked before."""
    pins = {**PINS, "mesos_version": OLD}
    project = static_project(tmp_path_factory.mktemp("status"), "status", control[:1], agents, **pins)
    with removed_afterwards(project, control[:1], agents):
        done = project.operate("doctor", "--keep-images", "--json", check=False)
        assert done.returncode == WELL, done.stdout + done.stderr
        assert {(each["engine"] != "", each["checks"]) for each in json.loads(done.stdout)} == {(True, 2), (True, 1)}
        project.deploy()
        yield project


@pytest.fixture
def cluster(project: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    """The cluster, serving, with an app of several tasks."""
    return run_tasks(live(project, control[:1]), agents)


def status(project: Project, *words: str) -> tuple[int, dict[str, Any]]:
    done = project.operate("status", "--json", *words, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def is_well(project: Project) -> bool:
    """Health checks need some seconds to notice that a member serves again."""
    return status(project)[0] == WELL


def test_a_healthy_cluster_is_well(
    cluster: LiveCluster, project: Project, control: list[Host], agents: list[Host], tmp_path: Path
) -> None:
    eventually(lambda: is_well(project), "a cluster that is well", 30)
    code, found = status(project)
    assert (code, found["problems"], found["unknown"]) == (WELL, [], [])
    members = {(each["host"], each["role"]): each for each in found["members"]}
    here = control[0].name
    assert set(members) == {(here, role) for role in ("zookeeper", "master", "marathon")} | {
        (host.name, "agent") for host in agents
    }
    assert members[here, "zookeeper"]["standing"] == "standalone"
    assert members[here, "master"]["standing"] == "leading"
    assert members[here, "marathon"]["standing"] == "leader"
    # The sandbox's masters and agents have no /version, but the leading master knows what its agents run.
    assert members[here, "zookeeper"]["release"] == PINS["zookeeper_version"]
    assert {each["release"] for each in found["agents"]} == {OLD}
    assert {hosts[0] for hosts in found["leaders"].values()} == {here}
    assert sum(each["tasks"] for each in found["agents"]) == len(cluster.tasks("web"))
    assert {each["address"] for each in found["agents"]} == {f"{host.address}:5051" for host in agents}
    picture = tmp_path / "status.svg"
    assert project.operate("status", "--screenshot", str(picture), check=False).returncode == WELL
    assert here in picture.read_text()


def test_a_member_that_is_down_is_named(cluster: LiveCluster, project: Project, control: list[Host]) -> None:
    control[0].run("docker", "stop", "status-marathon")
    code, found = status(project)
    control[0].run("docker", "start", "status-marathon")
    assert code == NOT_WELL
    assert [text for text in found["problems"] if f"status-marathon on {control[0].name} does not run" in text]
    eventually(lambda: is_well(project), "a cluster that is well", 60)


def test_a_drained_agent_is_named(cluster: LiveCluster, project: Project, agents: list[Host]) -> None:
    words = ("drain", cluster.master, agents[0].address, *credential(project.directory))
    drained = project.operate(*words, "--seconds", "60", check=False)
    assert drained.returncode == 0, drained.stderr
    # The master calls it drained once the last task's end has been acknowledged.
    eventually(lambda: "drained" in [each["state"] for each in status(project)[1]["agents"]], "a drained agent", 30)
    code, found = status(project)
    undone = project.operate(*words, "--undo", check=False)
    assert (code, undone.returncode) == (NOT_WELL, 0)
    (text,) = found["problems"]
    assert text.startswith(f"status-agent-1 on {agents[0].name}: the agent is drained, with 0 tasks")
    states = {each["address"]: each["state"] for each in found["agents"]}
    assert states == {f"{agents[0].address}:5051": "drained", f"{agents[1].address}:5051": "active"}
    eventually(lambda: is_well(project), "a cluster that is well", 30)


def test_an_engine_that_hangs_is_a_line_and_all_others_are_shown(
    cluster: LiveCluster, project: Project, control: list[Host], agents: list[Host]
) -> None:
    agents[1].engine_hang()
    code, found = status(project, "--timeout", "5")
    agents[1].engine_resume()
    assert code == UNKNOWN
    assert len(found["unknown"]) == 1, found["unknown"]
    (text,) = found["unknown"]
    assert text.startswith(f"{agents[1].name}: ")
    states = {each["host"]: each["state"] for each in found["members"]}
    assert states == {control[0].name: "running", agents[0].name: "running", agents[1].name: "unknown"}


def test_a_half_finished_roll_names_what_it_has_not_come_to(
    cluster: LiveCluster, project: Project, control: list[Host], agents: list[Host]
) -> None:
    project.change(mesos_version=NEW)
    waves = [f"1-control-{control[0].name}", f"2-agent-{agents[0].name}"]
    stacks = [f"status-{wave}-{part}" for wave in waves for part in ("machine", "members")]
    code, output = project.cdktf("deploy", *stacks, "--auto-approve")
    assert code == 0, output
    eventually(lambda: len(status(project)[1]["problems"]) == 1, "one problem", 30)
    code, found = status(project)
    assert code == NOT_WELL
    behind = f"status-2-agent-{agents[1].name}-members"
    assert found["problems"] == [
        f"status-agent-1 on {agents[1].name} has {OLD}, pinned is {NEW}: the roll has not come to {behind}"
    ]
    versions = {each["host"]: each["running"] for each in found["members"] if each["role"] == "agent"}
    assert versions == {agents[0].name: NEW, agents[1].name: OLD}
    project.deploy()
    eventually(lambda: is_well(project), "a cluster that is well", 30)


@pytest.mark.full
def test_containers_that_an_agent_left_when_it_got_a_new_id_are_named(
    cluster: LiveCluster, project: Project, agents: list[Host]
) -> None:
    agent, ids = agents[0], cluster.agent_ids()
    left = set(agent.run("docker", "ps", "--filter", "name=^mesos-", "--format", "{{.Names}}").split())
    assert left
    agent.run("docker", "stop", "status-agent-1")
    agent.run("rm", "/var/lib/cdktf-mesos/status/status-agent-1/work/meta/slaves/latest")
    agent.run("docker", "start", "status-agent-1")
    eventually(lambda: named_by_status(project) == left, "a status that names them", 180)
    assert cluster.agent_ids() != ids
    agent.run("docker", "rm", "--force", *left)
    eventually(lambda: is_well(project), "a cluster that is well", 60)
