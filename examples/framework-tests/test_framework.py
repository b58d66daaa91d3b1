"""The framework's tests. The fixture `mesos_cluster` comes with the package cdktf-mesos."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cdktf_mesos.testing.cluster import MesosCluster

COPIES = 2
# An agent writes down the processes of a task within a second after TASK_RUNNING. If it ends before, the task is lost.
WRITTEN_DOWN = 2


@pytest.fixture
def start(mesos_cluster: MesosCluster, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the framework, always with the same file."""
    started = []

    def run() -> subprocess.Popen[bytes]:
        program = Path(__file__).with_name("framework.py")
        words = [*("--master", mesos_cluster.zk), *("--file", str(tmp_path / "copies.json")), f"--copies={COPIES}"]
        started.append(subprocess.Popen([sys.executable, str(program), *words]))
        return started[-1]

    yield run
    for each in started:
        each.kill()
        each.wait()


def all_run(cluster: MesosCluster) -> list[dict[str, str]]:
    """The tasks, once all copies run; nothing before. A copy that has ended stays in the list."""
    tasks = sorted(cluster.tasks(), key=lambda task: task["id"])
    return tasks if [task["state"] for task in tasks] == ["TASK_RUNNING"] * COPIES else []


def registered(cluster: MesosCluster) -> list[str]:
    """The ids of the frameworks that are registered and connected."""
    return [each["id"] for each in cluster.state()["frameworks"] if each["active"] and each["connected"]]


def test_all_copies_run(mesos_cluster: MesosCluster, start: Callable[[], object]) -> None:
    start()
    assert mesos_cluster.wait_for(lambda: all_run(mesos_cluster))


def test_tasks_outlive_an_upgrade(mesos_cluster: MesosCluster, start: Callable[[], object]) -> None:
    start()
    tasks = mesos_cluster.wait_for(lambda: all_run(mesos_cluster))
    framework = registered(mesos_cluster)
    mesos_cluster.upgrade("1.10.0" if mesos_cluster.mesos == "1.11.0" else "1.11.0")
    mesos_cluster.wait_for(lambda: registered(mesos_cluster) == framework)
    assert all_run(mesos_cluster) == tasks


def test_tasks_outlive_a_killed_agent(mesos_cluster: MesosCluster, start: Callable[[], object]) -> None:
    start()
    tasks = mesos_cluster.wait_for(lambda: all_run(mesos_cluster))
    time.sleep(WRITTEN_DOWN)
    mesos_cluster.kill("agent-1")
    mesos_cluster.wait_for(lambda: mesos_cluster.state()["activated_slaves"] == 0)
    mesos_cluster.resume("agent-1")
    mesos_cluster.wait_for(lambda: mesos_cluster.state()["activated_slaves"] == 1)
    assert all_run(mesos_cluster) == tasks


def test_a_restarted_framework_goes_on_with_its_tasks(
    mesos_cluster: MesosCluster, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    first = start()
    tasks = mesos_cluster.wait_for(lambda: all_run(mesos_cluster))
    framework = registered(mesos_cluster)
    first.terminate()
    mesos_cluster.wait_for(lambda: not registered(mesos_cluster))
    start()
    mesos_cluster.wait_for(lambda: registered(mesos_cluster) == framework)
    assert all_run(mesos_cluster) == tasks
