from __future__ import annotations

import dataclasses
import errno
import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.throwaway import lifecycle, removal, store
from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.held import held
from tests.unit.throwaway.conftest import DockerEngine, NewCluster

Deployed = list[Cluster]


@pytest.fixture
def deployed(engine: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """The clusters that were deployed, in place of a real deploy."""
    found: Deployed = []

    def apply(_: Path, cluster: Any, *__: object) -> None:
        found.append(cluster)
        engine.have(cluster.name, *cluster.members, blocks=" ".join(map(str, cluster.blocks)))

    monkeypatch.setattr(lifecycle, "document_of", lambda cluster: cluster)
    monkeypatch.setattr(lifecycle, "apply", apply)
    monkeypatch.setattr(lifecycle, "wait_until_serving", lambda *_, **__: None)
    monkeypatch.setattr("cdktf_mesos.throwaway.ports.nobody_listens", lambda _: lambda _: True)
    return found


@pytest.fixture
def told() -> list[str]:
    return []


def blocks() -> dict[str, list[int]]:
    found: dict[str, list[int]] = json.loads((store.home() / "ports.json").read_text())
    return found


def test_a_cluster_that_serves_is_written_down(new: NewCluster, deployed: Deployed, told: list[str]) -> None:
    lifecycle.start(new(agents=2), 60, told.append)
    cluster = store.get("one")
    assert cluster.ready and cluster.blocks == (20000, 20100, 20200)
    assert not deployed[0].ready
    assert told == []
    assert not store.lock("one").exists()


def test_a_cluster_that_is_up_is_left_alone(new: NewCluster, deployed: Deployed, told: list[str]) -> None:
    lifecycle.start(new(), 60, told.append)
    with pytest.raises(RuntimeError, match="one is up already: remove it with `down`, or use another --name"):
        lifecycle.start(new(), 60, told.append)
    assert len(deployed) == 1 and told == []


def test_what_a_start_has_left_that_was_not_finished_the_next_one_removes(
    new: NewCluster, deployed: Deployed, engine: DockerEngine, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise RuntimeError("one does not serve: no master leads")

    with monkeypatch.context() as patched:
        patched.setattr(lifecycle, "wait_until_serving", never)
        with pytest.raises(RuntimeError, match="no master leads"):
            lifecycle.start(new(), 60, told.append)
    # It is left for a look at its logs.
    assert "one-master" in engine.containers
    engine.check = (0, "directory /var/lib/cdktf-mesos/throwaway/one\n")
    lifecycle.start(new(), 60, told.append)
    assert told == [
        "removed container one-zookeeper",
        "removed container one-master",
        "removed container one-agent-1",
        "removed container mesos-task-of-one",
        "removed directory /var/lib/cdktf-mesos/throwaway/one",
    ]
    assert store.get("one").ready


def test_a_cluster_of_a_process_that_has_ended_is_a_leftover(
    new: NewCluster, deployed: Deployed, told: list[str]
) -> None:
    with held(store.owner("one")):
        lifecycle.start(new(owned=True), 60, told.append)
        with pytest.raises(RuntimeError, match="one is up already"):
            lifecycle.start(new(), 60, told.append)
    lifecycle.start(new(), 60, told.append)
    assert "removed container one-master" in told


def test_the_next_owner_of_the_same_name_gets_a_new_cluster(
    new: NewCluster, deployed: Deployed, told: list[str]
) -> None:
    for _ in range(2):
        with held(store.owner("one")):
            lifecycle.start(new(owned=True), 60, told.append)
    assert len(deployed) == 2 and "removed container one-master" in told


def test_an_owner_does_not_take_a_cluster_that_belongs_to_no_process(
    new: NewCluster, deployed: Deployed, told: list[str]
) -> None:
    lifecycle.start(new(), 60, told.append)
    with held(store.owner("one")), pytest.raises(RuntimeError, match="one is up already"):
        lifecycle.start(new(owned=True), 60, told.append)


def test_containers_are_found_by_their_labels_if_their_directory_is_gone(
    new: NewCluster, deployed: Deployed, engine: DockerEngine, told: list[str]
) -> None:
    engine.have("one", "master")
    engine.have("other", "master", blocks="20000 20100")
    lifecycle.start(new(), 60, told.append)
    assert told == ["removed container one-master"]
    # The blocks of the other one are in use.
    assert deployed[0].blocks == (20200, 20300)


def test_a_cluster_of_the_same_name_of_another_user_is_refused(
    new: NewCluster, deployed: Deployed, engine: DockerEngine, told: list[str]
) -> None:
    engine.have("one", "master", home="machine:/home/other")
    with pytest.raises(RuntimeError, match="has a cluster 'one' of machine:/home/other: use another --name"):
        lifecycle.start(new(), 60, told.append)
    assert "one-master" in engine.containers


def test_down_removes_all_of_one_cluster_and_nothing_of_another(
    new: NewCluster, deployed: Deployed, engine: DockerEngine, told: list[str]
) -> None:
    for name in ("one", "two"):
        lifecycle.start(new(name), 60, told.append)
    removal.down("one", new().connection, told.append)
    assert set(engine.containers) == {"two-zookeeper", "two-master", "two-agent-1", "mesos-task-of-two"}
    assert store.names() == ["two"]
    assert not store.directory("one").exists()
    assert list(blocks()) == ["two"]
    (cleaner,) = engine.created
    assert cleaner["Entrypoint"][3:] == [
        "clean",
        "/var/lib/cdktf-mesos/throwaway",
        "/var/run/cdktf-mesos",
        "/sys/fs/cgroup",
        "one",
        "one-agent-1",
    ]


def test_down_of_a_cluster_that_does_not_exist_names_those_that_do(
    new: NewCluster, deployed: Deployed, told: list[str]
) -> None:
    with pytest.raises(RuntimeError, match="there is no cluster 'one': `up` starts one"):
        removal.down("one", new().connection, told.append)
    lifecycle.start(new("two"), 60, told.append)
    with pytest.raises(RuntimeError, match="there is no cluster 'one': there are two"):
        removal.down("one", new().connection, told.append)


def test_down_does_not_end_what_another_command_is_about_to_start(
    new: NewCluster, deployed: Deployed, told: list[str]
) -> None:
    store.write(new())
    with held(store.lock("one")), pytest.raises(RuntimeError, match="process [0-9]+ works on it"):
        removal.down("one", new().connection, told.append)
    assert store.names() == ["one"]


def test_down_removes_a_cluster_that_another_release_has_written_down(
    new: NewCluster, deployed: Deployed, engine: DockerEngine, told: list[str]
) -> None:
    lifecycle.start(new(), 60, told.append)
    (store.directory("one") / "cluster.json").write_text('{"name": "one", "colour": "red"}')
    with pytest.raises(RuntimeError, match="cannot be read: .*`down --name one` removes the cluster"):
        lifecycle.start(new(), 60, told.append)
    removal.down("one", new().connection, told.append)
    assert not engine.containers and not store.directory("one").exists() and blocks() == {}


def test_an_interrupted_down_leaves_a_leftover(new: NewCluster, deployed: Deployed, told: list[str]) -> None:
    lifecycle.start(new(), 60, told.append)
    gone = dataclasses.replace(store.get("one"), engine="unix:///nowhere/docker.sock")
    store.write(gone)
    with pytest.raises(RuntimeError, match=r"cannot be reached: .*If this engine is gone for good, remove .*/one"):
        removal.down("one", new().connection, told.append)
    assert store.is_leftover(store.get("one"))


def test_a_full_disk_does_not_keep_a_cluster_that_makes_room_when_it_goes(
    new: NewCluster, deployed: Deployed, engine: DockerEngine, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.start(new(), 60, told.append)
    state, write_text = store.directory("one") / "terraform.tfstate", Path.write_text
    state.touch()

    def write(path: Path, text: str, **more: Any) -> int:
        if state.exists():
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write_text(path, text, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", write)
        removal.down("one", new().connection, told.append)
    assert not engine.containers and not store.directory("one").exists() and blocks() == {}


def test_down_all_removes_all_but_those_that_a_process_uses(
    new: NewCluster, deployed: Deployed, engine: DockerEngine, told: list[str]
) -> None:
    for name in ("one", "two"):
        lifecycle.start(new(name), 60, told.append)
    engine.have("lost", "master")
    engine.have("foreign", "master", home="machine:/home/other")
    with held(store.owner("used")):
        lifecycle.start(new("used", owned=True), 60, told.append)
        removal.down_all(new().connection, told.append)
    assert store.names() == ["used"]
    left = {name for name in engine.containers if not name.startswith("mesos-")}
    assert left == {"used-zookeeper", "used-master", "used-agent-1", "foreign-master"}
    assert any(line.startswith("kept used: process ") for line in told)
    assert "removed container lost-master" in told


def test_an_upgrade_replaces_the_master_before_the_agents(new: NewCluster, deployed: Deployed, told: list[str]) -> None:
    lifecycle.start(new(mesos="1.10.0", agents_mesos="1.10.0"), 60, told.append)
    after = lifecycle.upgrade("one", {"mesos": "1.11.0"}, 60)
    versions = [(each.mesos, each.agents_mesos) for each in deployed]
    assert versions == [("1.10.0", "1.10.0"), ("1.11.0", "1.10.0"), ("1.11.0", "1.11.0")]
    assert store.get("one") == after and after.ready


def test_an_upgrade_to_the_version_that_is_written_down_deploys_it_again(
    new: NewCluster, deployed: Deployed, told: list[str]
) -> None:
    lifecycle.start(new(), 60, told.append)
    lifecycle.upgrade("one", {"mesos": "1.11.0"}, 60)
    assert [each.mesos for each in deployed] == ["1.11.0", "1.11.0"]


def test_an_upgrade_that_mesos_forbids_is_refused(new: NewCluster, deployed: Deployed, told: list[str]) -> None:
    lifecycle.start(new(mesos="0.26.0", agents_mesos="0.26.0"), 60, told.append)
    with pytest.raises(RuntimeError, match=r"Mesos 0.26.0 runs, 1.4.0 is wanted: .*Deploy one after the other"):
        lifecycle.upgrade("one", {"mesos": "1.4.0"}, 60)
    assert len(deployed) == 1


def test_an_upgrade_of_a_marathon_that_there_is_not_is_refused(
    new: NewCluster, deployed: Deployed, told: list[str]
) -> None:
    lifecycle.start(new(), 60, told.append)
    with pytest.raises(RuntimeError, match="one has no Marathon"):
        lifecycle.upgrade("one", {"marathon": "v1.11.24"}, 60)
