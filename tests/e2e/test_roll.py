"""A cluster on five machines over ssh: rolled by plain `cdktf deploy`, and stopped where something is not healthy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project
from sandbox.watch import Writer
from tests.e2e.conftest import PINS
from tests.e2e.static import PATIENCE, containers, live, poller, static_project, tasks

OLD = {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0"}
NEW = {"zookeeper_version": PINS["zookeeper_version"], "mesos_version": PINS["mesos_version"]}
TASKS = 4


@pytest.fixture(scope="module")
def control(machines: list[Host]) -> list[Host]:
    return machines[2:5]


@pytest.fixture(scope="module")
def agents(machines: list[Host]) -> list[Host]:
    return machines[5:7]


@pytest.fixture(scope="module")
def roll(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster of the old versions, deployed from nothing by one command."""

    project = static_project(tmp_path_factory.mktemp("roll"), "roll", control, agents, **{**PINS, **OLD})
    project.deploy()
    yield project
    project.destroy()


@pytest.fixture
def cluster(roll: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    """The cluster, serving, with an app of several tasks."""
    cluster = live(roll, control)
    cluster.wait_until_serving(agents=len(agents))
    if "/web" not in cluster.apps():
        cluster.run_app("web", image="busybox:1.35.0", command="exec sleep 100000", instances=TASKS)
    cluster.wait_for_tasks("web", TASKS)
    return cluster


def test_a_roll_loses_no_quorum_no_write_and_no_task(
    cluster: LiveCluster, roll: Project, control: list[Host], agents: list[Host], capsys: pytest.CaptureFixture[str]
) -> None:
    before, ids = tasks(agents), cluster.agent_ids()
    roll.change(**NEW)
    replaced = [
        (resource["name"], resource["before"], resource["after"])
        for stack in roll.preview()["stacks"]
        for resource in stack["resources"]
        if resource["kind"] == "container" and resource["action"] == "replace"
    ]
    zookeeper, master, agent = "zookeeper:", "mesosphere/mesos-master:", "mesosphere/mesos-slave:"
    assert replaced == [
        *(
            ("roll-master", f"{master}{OLD['mesos_version']}", f"{master}{NEW['mesos_version']}"),
            ("roll-zookeeper", f"{zookeeper}{OLD['zookeeper_version']}", f"{zookeeper}{NEW['zookeeper_version']}"),
        )
        * len(control),
        *[("roll-agent-1", f"{agent}{OLD['mesos_version']}", f"{agent}{NEW['mesos_version']}")] * len(agents),
    ]
    with (
        Writer(cluster.zookeeper_connect_string, "/writer") as writer,
        poller(control, agents) as watched,
    ):
        roll.deploy()
        cluster.wait_until_serving(agents=len(agents))
    with capsys.disabled():
        print(
            f"\n{len(writer.acknowledged)} writes acknowledged, longest stall {writer.longest_stall():.1f} s, "
            f"longest without a leading master {watched.longest_without_leader('master'):.1f} s"
        )
    assert len(writer.acknowledged) > 100
    assert writer.lost() == set()
    # While it elects a leader no server of an ensemble serves; what a client sees of it is the stall.
    assert writer.longest_stall() < PATIENCE
    assert watched.fewest("master") >= 2
    assert watched.longest_without_leader("master") < PATIENCE
    assert cluster.state()["version"] == NEW["mesos_version"]
    assert tasks(agents) == before
    assert cluster.agent_ids() == ids


def test_a_deploy_with_nothing_to_do_touches_nothing(
    cluster: LiveCluster, roll: Project, control: list[Host], agents: list[Host]
) -> None:
    before = containers(roll, [*control, *agents])
    roll.deploy()
    assert containers(roll, [*control, *agents]) == before
    preview = roll.preview()
    assert (preview["changed"], preview["complete"], preview["warnings"]) == (False, True, [])


def test_a_broken_candidate_stops_at_the_first_machine(
    cluster: LiveCluster, roll: Project, control: list[Host], agents: list[Host]
) -> None:
    before, running = containers(roll, [*control, *agents]), tasks(agents)
    roll.change(mesos_version="1.11.1-rc1")
    code, output = roll.cdktf("deploy", "*", "--auto-approve", timeout=300)
    after = containers(roll, [*control, *agents])
    roll.change(**NEW)
    roll.deploy()
    cluster.wait_until_serving(agents=len(agents))
    assert code != 0
    failed = output[output.index("Error:") :]
    assert f"docker_container.{control[0].name}_roll-master" in failed
    touched = {where for where in before if after.get(where) != before[where]}
    assert touched == {(control[0].name, "roll-master")}
    assert tasks(agents) == running


def test_a_roll_is_refused_while_another_member_is_down(
    cluster: LiveCluster, roll: Project, control: list[Host], agents: list[Host]
) -> None:
    before = containers(roll, [*control, *agents])
    client = control[2].docker()
    client.containers.get("roll-zookeeper").stop()
    roll.change(**OLD)
    code, output = roll.cdktf("deploy", "*", "--auto-approve", timeout=300)
    after = containers(roll, [*control, *agents])
    client.containers.get("roll-zookeeper").start()
    client.close()
    roll.change(**NEW)
    roll.deploy()
    cluster.wait_until_serving(agents=len(agents))
    assert code != 0
    assert "every_other_zookeeper_is_healthy" in output[output.index("Error:") :]
    assert after == before
