"""The backup before a roll: a roll of ZooKeeper or Marathon makes an archive first, and stops if it cannot."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cdktf_mesos.operations.backup.archive import unpack
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import TASKS, live, removed_afterwards, run_tasks, static_project, tasks
from sandbox.watch import Writer
from tests.e2e.conftest import PINS

DIRECTORY, STEP = "/srv/backups-of-rolls", "rolled-preflight-backup"
# A size that the servers' logs do not fit into.
SMALL = "size=1m"


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    # The timer makes no archive in the meantime but the one at its start.
    backup = {"directory": DIRECTORY, "interval_minutes": 600}
    project = static_project(tmp_path_factory.mktemp("rolled"), "rolled", control, agents, backup=backup, **PINS)
    with removed_afterwards(project, control, agents):
        try:
            project.deploy()
            yield project
        finally:
            for host in control:
                host.run("sh", "-c", f"umount {DIRECTORY} 2> /dev/null; rm -rf {DIRECTORY}")


@pytest.fixture
def cluster(project: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    """The cluster, serving, with an app of several tasks and the first archives of the timers."""
    cluster = run_tasks(live(project, control), agents)
    eventually(lambda: all(archives(host) for host in control), "the first archives", 120)
    return cluster


def archives(host: Host) -> list[str]:
    return sorted(host.run("sh", "-c", f"ls {DIRECTORY} | grep '[.]tar[.]gz$' || true").split())


def made(host: Host, name: str) -> str:
    """When a container was made."""
    return host.run("docker", "inspect", "--format", "{{.Created}}", name)


@pytest.mark.full
def test_a_roll_of_zookeeper_makes_an_archive_with_all_that_was_acknowledged_before(
    cluster: LiveCluster,
    project: Project,
    control: list[Host],
    agents: list[Host],
    tmp_path: Path,
    measured: Callable[[str], None],
) -> None:
    before, running = [archives(host) for host in control], tasks(agents)
    with Writer(cluster.zookeeper_connect_string, "/before-roll") as writer:
        eventually(lambda: len(writer.acknowledged) > 20, "writes")
        written = [name for _, name in writer.acknowledged]
        project.change(zookeeper={"settings": {"maxSessionTimeout": 70000}})
        project.deploy()
    assert writer.lost() == set()
    after = [archives(host) for host in control]
    # The hosts do not share the directory.
    assert [len(names) for names in after] == [len(names) + 1 for names in before]
    started = control[0].run("docker", "logs", STEP)
    assert started.startswith(after[0][-1])
    measured(started.strip())
    archive = tmp_path / "archive.tar.gz"
    archive.write_bytes(b64decode(control[0].run("base64", f"{DIRECTORY}/{after[0][-1]}")))
    unpack(archive, tmp_path / "out")
    logs = b"".join(path.read_bytes() for path in (tmp_path / "out/zookeeper").glob("*/version-2/*"))
    assert [name for name in written if f"/before-roll/{name}".encode() not in logs] == []
    # A change of masters and agents only makes none, and neither does a deploy without changes.
    steps = [made(host, STEP) for host in control]
    project.change(masters={"flags": {"offer_timeout": "5mins"}})
    project.deploy()
    assert [made(host, STEP) for host in control] == steps
    assert [archives(host) for host in control] == after
    assert tasks(agents) == running


@pytest.mark.full
def test_a_roll_of_marathon_stops_before_it_begins_if_no_archive_can_be_made(
    cluster: LiveCluster, project: Project, control: list[Host], agents: list[Host]
) -> None:
    first, *_ = control
    before = {host: [made(host, f"rolled-{name}") for name in ("zookeeper", "marathon")] for host in control}
    last = archives(first)
    # Another mount hides the directory from containers that are made from now on.
    first.run("mount", "-t", "tmpfs", "-o", SMALL, "none", DIRECTORY)
    project.change(marathon={"flags": {"task_launch_timeout": 600000}})
    code, output = project.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "zookeeper_is_backed_up" in output
    reason = "no backup: the directory of the archives is full"
    assert first.run("docker", "logs", STEP).startswith(reason)
    status = project.operate("status", check=False).stdout
    assert f"{STEP} on {first.name} refused: {reason}" in status
    assert {h: [made(h, f"rolled-{name}") for name in ("zookeeper", "marathon")] for h in control} == before
    first.run("umount", DIRECTORY)
    assert archives(first) == last
    project.deploy()
    assert len(archives(first)) == len(last) + 1
    cluster.wait_for_tasks("web", TASKS)


@pytest.mark.full
def test_a_cluster_whose_zookeeper_is_down_is_repaired_with_override_preflight(
    cluster: LiveCluster, project: Project, control: list[Host], agents: list[Host]
) -> None:
    running = tasks(agents)
    for host in control:
        host.run("docker", "stop", "rolled-zookeeper")
    project.change(zookeeper={"settings": {"maxSessionTimeout": 80000}})
    code, _ = project.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert control[0].run("docker", "logs", STEP).startswith("no backup: no server serves")
    code, output = project.cdktf("deploy", "*", "--auto-approve", "--var", "override_preflight=true")
    assert code == 0, output
    cluster.wait_until_serving(agents=len(agents))
    cluster.wait_for_tasks("web", TASKS)
    assert tasks(agents) == running
