"""A backup during heavy writes, restored into new servers; and a control plane that is lost under running tasks."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kazoo.client import KazooClient  # type: ignore[import-untyped]

from cdktf_mesos.operations.backup.archive import pack, unpack
from cdktf_mesos.operations.backup.copying import copy_data
from cdktf_mesos.operations.backup.manifest import Manifest
from cdktf_mesos.operations.restore.install import Content
from sandbox.hosts import Host
from sandbox.images.zookeeper import RECIPES
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import TASKS, live, removed_afterwards, run_tasks, static_project, tasks
from sandbox.watch import Writer
from tests.e2e.conftest import PINS
from tests.e2e.zookeeper_processes import Server, install, serving

ADDRESSES = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
# More than servers of these tests write between two snapshots.
WRITES = 600
CONNECT_STRING = ",".join(f"{address}:2181" for address in ADDRESSES)


def children(path: str) -> set[str]:
    client = KazooClient(CONNECT_STRING)
    client.start(timeout=60)
    try:
        client.sync(path)
        return set(client.get_children(path))
    finally:
        client.stop()
        client.close()


class QuickWriter(Writer):
    """A writer with a pause of 2 ms; a few of them make some 200 writes a second."""

    def __init__(self, path: str) -> None:
        super().__init__(CONNECT_STRING, path)
        self._pause = 0.002

    def end(self) -> None:
        super().end()
        self._client.stop()
        self._client.close()


def servers_in(directory: Path, release: str, *settings: str) -> list[Server]:
    (recipe,) = (each for each in RECIPES if each.name == f"zookeeper:{release}")
    jars = recipe.artifacts[0].ensure()
    return [Server(jars, directory / str(number), number, ADDRESSES, settings) for number in (1, 2, 3)]


@pytest.mark.full
@pytest.mark.parametrize(
    ("old", "new", "settings"),
    [
        pytest.param("3.8.4", "3.8.4", (), id="3.8.4"),
        pytest.param("3.9.4", "3.9.4", (), id="3.9.4"),
        pytest.param("3.8.4", "3.9.4", ("snapCount=300",), id="3.8.4 to 3.9.4, with snapshots during the copy"),
        pytest.param("3.9.4", "3.9.4", ("snapshot.compression.method=gz", "snapCount=300"), id="compressed snapshots"),
    ],
)
def test_a_backup_under_heavy_writes_has_every_write_that_was_acknowledged_before(
    tmp_path: Path, old: str, new: str, settings: tuple[str, ...], measured: Callable[[str], None]
) -> None:
    before = servers_in(tmp_path / "old", old, *settings)
    with serving(before), QuickWriter("/a") as first, QuickWriter("/b") as second:
        started = time.monotonic()
        eventually(lambda: len(first.acknowledged) + len(second.acknowledged) > WRITES, "many writes", 120)
        writing = time.monotonic() - started
        written = {"/a": {name for _, name in first.acknowledged}, "/b": {name for _, name in second.acknowledged}}
        positions = {server: server.position() for server in before}
        follower = next(server for server, at in positions.items() if at.mode == "follower")
        least = max(at.zxid for at in positions.values())
        started = time.monotonic()
        copied = copy_data(follower, tmp_path / "content/zookeeper", least)
        took = time.monotonic() - started
    count = sum(map(len, written.values()))
    measured(f"{old}: {count} writes in {writing:.0f} s; copied in {took:.2f} s: {copied.transactions} transactions")
    manifest = Manifest(
        "test", "zookeeper", "", old, hex(copied.zxid), hex(least), "", "follower", ADDRESSES, {}, agents=None
    )
    pack(manifest, tmp_path / "content", {}, tmp_path / "a.tar.gz")
    content = Content(unpack(tmp_path / "a.tar.gz", tmp_path / "unpacked"), tmp_path / "unpacked")
    after = servers_in(tmp_path / "new", new)
    for server in after:
        assert install("install", server, content) == (0, "")
    with serving(after), QuickWriter("/after") as writer:
        eventually(lambda: writer.acknowledged, "a write after the restore")
        found = {path: children(path) for path in written}
        refused = install("check", after[0], content)
    assert {path: names - found[path] for path, names in written.items()} == {"/a": set(), "/b": set()}
    assert refused == (3, f"something listens on {ADDRESSES[0]}:2181: stop it first\n")


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = static_project(tmp_path_factory.mktemp("drill"), "drill", control, agents, **PINS)
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture
def cluster(project: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    """The cluster, serving, with an app of several tasks."""
    return run_tasks(live(project, control), agents)


@pytest.mark.full
def test_a_control_plane_that_is_lost_with_its_data_comes_back_under_running_tasks(
    cluster: LiveCluster,
    project: Project,
    control: list[Host],
    agents: list[Host],
    tmp_path: Path,
    measured: Callable[[str], None],
) -> None:
    archive = str(tmp_path / "drill.tar.gz")
    running, ids = tasks(agents), cluster.agent_ids()
    (framework,) = (each["id"] for each in cluster.state()["frameworks"])
    with Writer(cluster.zookeeper_connect_string, "/writer") as writer:
        eventually(lambda: len(writer.acknowledged) > 20, "writes")
        written = [name for _, name in writer.acknowledged]
        project.operate("backup", archive)
    assert writer.lost() == set()
    assert "Stop it first (docker stop): it must not run" in project.operate("restore", archive, check=False).stderr
    for host in control:
        host.run("docker", "rm", "--force", "drill-marathon")
    assert "runs: if its data may go, stop it first" in project.operate("restore", archive, check=False).stderr
    for host in control:
        host.run("sh", "-c", "docker ps -aq --filter name=^/drill- | xargs -r docker rm -f")
        host.run("rm", "-rf", "/var/lib/cdktf-mesos/drill")
    started = time.monotonic()
    first, second, third = project.operate("restore", archive).stdout.splitlines()[-3:]
    code, output = project.cdktf(*shlex.split(first)[1:], "--auto-approve")
    assert code == 0, output
    waited = project.operate(*shlex.split(second)[1:])
    assert waited.stdout.splitlines()[-1] == f"{len(agents)} of {len(agents)} agents are back"
    assert third.strip() == "cdktf deploy '*'"
    assert tasks(agents) == running
    project.deploy()
    cluster.wait_until_serving(agents=len(agents))
    took = time.monotonic() - started
    measured(f"control plane back {took:.0f} s after restore began")
    cluster.wait_for_tasks("web", TASKS)
    assert tasks(agents) == running
    assert cluster.agent_ids() == ids
    assert [each["id"] for each in cluster.state()["frameworks"]] == [framework]
    with cluster.zookeeper() as client:
        assert set(written) <= set(client.get_children("/writer"))
    # Marathon goes on: it starts and ends tasks.
    cluster.run_app("more", image="busybox:1.35.0", command="exec sleep 100000")
    cluster.wait_for_tasks("more")
    cluster.delete_app("more")
    eventually(lambda: not cluster.tasks("more"), "end of the other app's tasks")
