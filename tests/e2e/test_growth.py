"""The control plane grows and shrinks while a client writes, by changes of its list of hosts and `cdktf deploy`."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.process import wait_until
from sandbox.project import Project
from sandbox.static import containers, entries, live, log_of, removed_afterwards, static_project, tasks
from sandbox.watch import Writer
from tests.e2e.conftest import PINS


@pytest.fixture(scope="module")
def control(machines: list[Host]) -> list[Host]:
    return machines[1:6]


@pytest.fixture(scope="module")
def agents(machines: list[Host]) -> list[Host]:
    return machines[0:1]


@pytest.fixture(scope="module")
def growing(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster with one machine for the control plane."""
    project = static_project(tmp_path_factory.mktemp("growing"), "growing", control[:1], agents, **PINS)
    with removed_afterwards(project, control, agents):
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


@pytest.fixture(scope="module")
def writer(growing: Project, control: list[Host]) -> Iterator[Writer]:
    """Writes during all steps; at the end, no acknowledged write may be lost."""
    with Writer(",".join(f"{host.address}:2181" for host in control), "/writer") as writer:
        yield writer
    assert writer.lost() == set()


STEPS = [
    pytest.param(1, 3, id="from 1 to 3"),
    pytest.param(3, 5, id="from 3 to 5", marks=pytest.mark.full),
    pytest.param(5, 3, id="from 5 to 3", marks=pytest.mark.full),
]


@pytest.mark.parametrize(("old", "new"), STEPS)
def test_growing_or_shrinking_the_control_plane_loses_no_write_and_no_task(
    cluster: LiveCluster,
    growing: Project,
    control: list[Host],
    agents: list[Host],
    writer: Writer,
    measured: Callable[[str], None],
    old: int,
    new: int,
) -> None:
    ids, before = cluster.agent_ids(), tasks(agents)
    leaving = [{**entry, "leaving": True} for entry in entries(control[new:old])]
    growing.change(platform={"control_plane": [*entries(control[:new]), *leaving]})
    started, first = time.monotonic(), max(len(writer.acknowledged) - 1, 0)
    growing.deploy()
    cluster.wait_until_serving(agents=1)
    cluster.wait_for_tasks("web")
    took, written = time.monotonic() - started, len(writer.acknowledged) - first
    measured(f"{took:.0f} s, longest stall {writer.longest_stall(first):.1f} s, {written} writes")
    assert {host.name: sizes(host) for host in control if is_member(host)} == {
        host.name: (new, new // 2 + 1) for host in control[:new]
    }
    assert cluster.agent_ids() == ids
    if old == 1:
        # The new masters do not know the agent yet, so Marathon hears that its task is lost before the agent is back.
        wait_until(lambda: len(tasks(agents)) == 1, lambda: f"not one task: {tasks(agents)}", 60)
    else:
        assert tasks(agents) == before
    assert written > 100


def is_member(host: Host) -> bool:
    client = host.docker()
    names = {str(container.name) for container in client.containers.list(filters={"name": "^/growing-"})}
    client.close()
    assert names & {"growing-zookeeper", "growing-master"} in ({"growing-zookeeper", "growing-master"}, set())
    return "growing-zookeeper" in names


def sizes(host: Host) -> tuple[int, int]:
    """The number of servers in the host's ZooKeeper configuration, and the quorum of its master."""
    with socket.create_connection((host.address, 2181), timeout=5) as connection:
        connection.sendall(b"conf")
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    flags = requests.get(f"http://{host.address}:5050/flags", timeout=5).json()["flags"]
    return answer.count("\nserver."), int(flags["quorum"])


@pytest.mark.full
def test_dropping_machines_whose_members_still_run_stops_the_deploy(
    cluster: LiveCluster, growing: Project, control: list[Host], agents: list[Host]
) -> None:
    """Drops two of three hosts: first while the program can see it from their states, then without these states."""
    before = containers(growing, [*control, *agents])
    growing.change(platform={"control_plane": entries(control[:1])})
    code, output = growing.cdktf("deploy", "*", "--auto-approve", timeout=300)
    assert code != 0
    assert any(f"control_plane: '{host.name}' is missing, but its members still run" in output for host in control[1:3])
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
    assert f"server.2, {control[1].address}, still runs" in log_of(control[0], "growing-preflight-zookeeper")
    growing.deploy()
    assert containers(growing, [*control, *agents]) == before
