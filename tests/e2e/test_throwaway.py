"""Throwaway clusters: `cdktf-mesos up` to `down` on a host's engine, with real Terraform and without cdktf."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from sandbox.hosts import Host
from sandbox.live import eventually
from tests.e2e.throwaway import SECONDS, Command, commands, containers

pytestmark = pytest.mark.full

APP = {
    "id": "/web",
    "cmd": "exec sleep 100000",
    "cpus": 0.1,
    "mem": 32,
    "container": {"type": "DOCKER", "docker": {"image": "busybox:1.35.0", "network": "HOST"}},
}


@pytest.fixture(scope="module")
def host(machines: list[Host]) -> Host:
    return machines[0]


@pytest.fixture
def command(host: Host, tmp_path: Path) -> Iterator[Command]:
    """The command; all its clusters are removed at the end, and nothing may be left."""
    with commands(host, tmp_path) as command:
        yield command


def test_clusters_of_two_versions_run_side_by_side(command: Command) -> None:
    clusters = [command.up("one", "--mesos", "1.10.0", "--agents", "2"), command.up("two", "--mesos", "1.11.0")]
    for cluster, version, agents in zip(clusters, ("1.10.0", "1.11.0"), (2, 1), strict=True):
        state = json.loads(command.run("state", "--name", cluster["name"]).stdout)
        assert (state["version"], len(state["slaves"])) == (version, agents)
        assert {each["version"] for each in state["slaves"]} == {version}
    command.run("down", "--name", "one")
    assert json.loads(command.run("state", "--name", "two").stdout)["activated_slaves"] == 1


def test_an_upgrade_of_master_and_agent_leaves_a_task_as_it_is(
    command: Command, host: Host, measured: Callable[[str], None]
) -> None:
    cluster = command.up("one", "--mesos", "1.10.0", "--marathon", "v1.11.24")
    requests.post(f"{cluster['marathon']}/v2/apps", json=APP, timeout=30).raise_for_status()

    def running() -> list[dict[str, str]]:
        tasks: list[dict[str, str]] = json.loads(command.run("ps", "--name", "one", "--json").stdout)
        return [each for each in tasks if each["state"] == "TASK_RUNNING"]

    before = eventually(running, "a task that runs", SECONDS)
    names = containers(host)
    command.run("upgrade", "--name", "one", "--mesos", "1.11.0")
    assert running() == before
    after = containers(host)
    kept = {name for name in names if names[name] == after.get(name)}
    assert {name for name in names if name.startswith("mesos-")} <= kept
    assert not {"one-master", "one-agent-1"} & kept
    measured("a task kept its container through an upgrade of master and agent")


def test_members_are_killed_frozen_and_brought_back(command: Command) -> None:
    cluster = command.up("one")

    def active() -> int:
        return int(requests.get(f"{cluster['master']}/state", timeout=5).json()["activated_slaves"])

    command.run("kill", "agent-1", "--name", "one")
    eventually(lambda: active() == 0, "the master notices that the agent is down", SECONDS)
    command.run("resume", "agent-1", "--name", "one")
    eventually(lambda: active() == 1, "the agent is back", SECONDS)
    command.run("pause", "master", "--name", "one")
    with pytest.raises(requests.Timeout):
        requests.get(f"{cluster['master']}/state", timeout=3)
    command.run("resume", "master", "--name", "one")
    eventually(lambda: active() == 1, "the master answers again", SECONDS)


def test_what_a_killed_start_leaves_the_next_one_removes(command: Command, host: Host) -> None:
    words = [*command.words, "up", "--name", "one", "--address", host.address]
    with subprocess.Popen(words, env=command.environment) as killed:
        eventually(lambda: "one-zookeeper" in containers(host), "the first container", SECONDS)
        os.kill(killed.pid, signal.SIGKILL)
    done = command.run("up", "--name", "one", "--address", host.address)
    assert "removed container one-zookeeper" in done.stderr
    assert json.loads(command.run("state", "--name", "one").stdout)["activated_slaves"] == 1
