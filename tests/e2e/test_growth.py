"""The control plane grows and shrinks under a writer, by changes of its list and plain `cdktf deploy`."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
import requests

from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.process import wait_until
from sandbox.project import Project
from sandbox.static import containers, entries, live, removed, static_project, tasks
from sandbox.watch import Writer
from tests.e2e.conftest import PINS


@pytest.fixture(scope="module")
def control(machines: list[Host]) -> list[Host]:
    return machines[2:7]


@pytest.fixture(scope="module")
def agents(machines: list[Host]) -> list[Host]:
    return machines[1:2]


@pytest.fixture(scope="module")
def growing(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster with one machine for the control plane."""
    project = static_project(tmp_path_factory.mktemp("growing"), "growing", control[:1], agents, **PINS)
    with removed(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture
def cluster(growing: Project, control: list[Host]) -> LiveCluster:
    cluster = live(growing, control)
    cluster.wait_until_serving(agents=1)
    if "/web" not in cluster.apps():
        cluster.run_app("web", image="busybox:1.35.0", command="exec sleep 100000")
    cluster.wait_for_tasks("web")
    return cluster


def test_from_one_to_three_to_five_and_back_to_three_loses_no_write_and_no_task(
    cluster: LiveCluster, growing: Project, control: list[Host], agents: list[Host], capsys: pytest.CaptureFixture[str]
) -> None:
    ids, before = cluster.agent_ids(), tasks(agents)
    leaving = [{**entry, "leaving": True} for entry in entries(control[3:])]
    steps = {
        "1 -> 3": (entries(control[:3]), control[:3]),
        "3 -> 5": (entries(control), control),
        "5 -> 3": ([*entries(control[:3]), *leaving], control[:3]),
    }
    with Writer(",".join(f"{host.address}:2181" for host in control), "/writer") as writer:
        for step, (machines, members) in steps.items():
            growing.change(platform={"control_plane": machines})
            started, first = time.monotonic(), max(len(writer.acknowledged) - 1, 0)
            growing.deploy()
            cluster.wait_until_serving(agents=1)
            cluster.wait_for_tasks("web")
            took, stall = time.monotonic() - started, writer.longest_stall(first)
            with capsys.disabled():
                print(f"\n{step}: {took:.0f} s, longest stall {stall:.1f} s, {len(writer.acknowledged)} writes so far")
            assert {host.name: sizes(host) for host in control if is_member(host)} == {
                host.name: (len(members), len(members) // 2 + 1) for host in members
            }
            assert cluster.agent_ids() == ids
            if step == "1 -> 3":
                # New masters know of no agent: Marathon is told that its task is lost before the agent is back.
                wait_until(lambda: len(tasks(agents)) == 1, lambda: f"not one task: {tasks(agents)}", 60)
                before = tasks(agents)
            assert tasks(agents) == before
    assert len(writer.acknowledged) > 100
    assert writer.lost() == set()


def is_member(host: Host) -> bool:
    client = host.docker()
    names = {str(container.name) for container in client.containers.list(filters={"name": "^/growing-"})}
    client.close()
    assert names & {"growing-zookeeper", "growing-master"} in ({"growing-zookeeper", "growing-master"}, set())
    return "growing-zookeeper" in names


def sizes(host: Host) -> tuple[int, int]:
    """How many servers ZooKeeper knows there, and the master's quorum."""
    with socket.create_connection((host.address, 2181), timeout=5) as connection:
        connection.sendall(b"conf")
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    flags = requests.get(f"http://{host.address}:5050/flags", timeout=5).json()["flags"]
    return answer.count("\nserver."), int(flags["quorum"])


@pytest.mark.full
def test_a_machine_that_left_the_list_before_it_left_the_set_stops_the_deploy(
    cluster: LiveCluster, growing: Project, control: list[Host], agents: list[Host]
) -> None:
    """The three of the test before; two are dropped, first where the program can see it, then where it cannot."""
    before = containers(growing, [*control, *agents])
    growing.change(platform={"control_plane": entries(control[:1])})
    code, output = growing.cdktf("deploy", "*", "--auto-approve", timeout=300)
    assert code != 0
    assert any(f"control_plane: '{host.name}' is gone, and its members run" in output for host in control[1:3])
    states = [*growing.directory.glob(f"*-{control[1].name}-*"), *growing.directory.glob(f"*-{control[2].name}-*")]
    elsewhere = growing.directory / "elsewhere"
    elsewhere.mkdir()
    for state in states:
        state.rename(elsewhere / state.name)
    code, output = growing.cdktf("deploy", "*", "--auto-approve", timeout=300)
    for state in states:
        (elsewhere / state.name).rename(state)
    growing.change(platform={"control_plane": entries(control[:3])})
    assert code != 0
    assert "every_other_zookeeper_is_healthy" in output[output.index("Error:") :]
    client = control[0].docker()
    log = client.containers.get("growing-preflight-zookeeper").logs().decode()
    client.close()
    assert f"server.2, {control[1].address}, still runs" in log
    growing.deploy()
    assert containers(growing, [*control, *agents]) == before
