from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.operations.backup.archive import unpack
from cdktf_mesos.operations.backup.manifest import Manifest
from cdktf_mesos.operations.commands import cli
from tests.unit.operations.conftest import MESOS, ZOOKEEPER, agent, summary
from tests.unit.operations.engines import Engine
from tests.unit.operations.servers import MODES, data, give_data
from tests.unit.operations.zookeeper_files import log

Engines = dict[str, Engine]


def backup(*words: str) -> Result:
    return CliRunner().invoke(cli, ["backup", "--no-synth", *words])


def archived(tmp_path: Path, *words: str) -> tuple[Manifest, Path]:
    """The manifest of a new archive, and where its content is."""
    result = backup(str(tmp_path / "a.tar.gz"), *words)
    assert result.exit_code == 0, result.output
    content = tmp_path / "content"
    return unpack(tmp_path / "a.tar.gz", content), content


def refused(*words: str) -> str:
    result = backup(*words)
    assert result.exit_code == 1, result.output
    return result.stderr


def test_an_archive_has_the_newest_snapshot_and_the_whole_transactions_since_then(
    ensemble: Engines, tmp_path: Path
) -> None:
    manifest, content = archived(tmp_path)
    assert {str(path.relative_to(content)) for path in content.glob("zookeeper/**/*") if path.is_file()} == {
        "zookeeper/data/version-2/snapshot.5",
        "zookeeper/data/version-2/currentEpoch",
        "zookeeper/data/version-2/acceptedEpoch",
        "zookeeper/log/version-2/log.3",
        "zookeeper/log/version-2/log.7",
    }
    assert (content / "zookeeper/log/version-2/log.7").read_bytes() == log([7, 8, 9], reserved=0)
    assert (manifest.zxid, manifest.acknowledged, manifest.release) == ("0x9", "0x8", "3.9.4")
    assert manifest.parts["zookeeper/log/version-2/log.7"].owner == (1000, 1001)
    assert (tmp_path / "a.tar.gz").stat().st_mode & 0o777 == 0o600


def test_an_archive_says_what_it_is_of(ensemble: Engines, tmp_path: Path) -> None:
    ensemble["c2"].printed["prod-master"] += summary(agent("a1"), agent("a2"))
    manifest, content = archived(tmp_path)
    assert (manifest.cluster, manifest.ensemble) == ("prod", "prod/zookeeper")
    assert (manifest.source, manifest.mode) == ("c1", "follower")
    assert manifest.servers == ["10.0.0.11:2181", "10.0.0.12:2181", "10.0.0.13:2181"]
    assert manifest.agents == {"10.0.0.21:5051": "S-a1", "10.0.0.22:5051": "S-a2"}
    assert (manifest.pins["zookeeper_version"], manifest.pins["mesos_version"]) == (ZOOKEEPER, MESOS)
    state = json.loads((content / "terraform/terraform.prod-1-control-c1-members.tfstate").read_text())
    assert state["resources"]


def test_states_can_be_left_out_and_a_state_that_is_cut_off_is_an_error(
    ensemble: Engines, project: Path, tmp_path: Path
) -> None:
    (project / "terraform.prod-2-agent-a1-members.tfstate").write_text('{"resou')
    assert "the state is cut off" in refused(str(tmp_path / "a.tar.gz"))
    manifest, _ = archived(tmp_path, "--no-states")
    assert not manifest.parts_in("terraform")


def test_a_follower_that_lacks_acknowledged_writes_is_not_the_source(ensemble: Engines, tmp_path: Path) -> None:
    # The leader and c3 have applied more than c1 has on its disk.
    give_data(ensemble["c2"], "leader", 20, data(20))
    give_data(ensemble["c3"], "follower", 20, data(20))
    manifest, _ = archived(tmp_path)
    assert (manifest.source, manifest.zxid, manifest.acknowledged) == ("c3", "0x14", "0x14")
    give_data(ensemble["c3"], "follower", 21, data(19))
    message = refused(str(tmp_path / "b.tar.gz"))
    assert "prod-zookeeper on c1: no whole copy in 5 tries: the server's disk has no transaction after 0x9" in message
    assert not (tmp_path / "b.tar.gz").exists()


def test_just_after_an_election_a_backup_has_all_that_was_written(ensemble: Engines, tmp_path: Path) -> None:
    for host, mode in (("c1", "follower"), ("c2", "leader"), ("c3", "follower")):
        give_data(ensemble[host], mode, 0x200000000, data(9))
    manifest, _ = archived(tmp_path)
    assert manifest.zxid == "0x9"


def test_a_damaged_server_is_not_the_source_and_a_part_of_a_snapshot_is_not_taken(
    ensemble: Engines, tmp_path: Path
) -> None:
    for path, content in data().items():
        if "log.3" in path:
            ensemble["c1"].files[path] = content[:40] + b"?" + content[41:]
        if "snapshot.5" in path:
            ensemble["c3"].files[path] = content[:50]
    manifest, _ = archived(tmp_path)
    assert manifest.source == "c3"
    # So the logs since the older snapshot are there, too.
    assert set(manifest.parts_in("zookeeper/data/version-2")) == {"snapshot.1", "currentEpoch", "acceptedEpoch"}
    assert set(manifest.parts_in("zookeeper/log/version-2")) == {"log.1", "log.3", "log.7"}


def test_a_snapshot_during_the_copy_makes_it_begin_again(
    ensemble: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = {**data(), "/data/version-2/snapshot.9": data()["/data/version-2/snapshot.5"]}
    answer, engine = Engine.answer, ensemble["c1"]

    def with_snapshot(self: Engine, method: str, path: str, query: Any, body: Any) -> tuple[int, Any]:
        if self is engine and "acceptedEpoch" in str(query) and "/data/version-2/snapshot.9" not in self.files:
            give_data(engine, "follower", 9, later)
        return answer(self, method, path, query, body)

    monkeypatch.setattr(Engine, "answer", with_snapshot)
    manifest, content = archived(tmp_path)
    assert manifest.source == "c1"
    assert [path.name for path in content.glob("zookeeper/data/version-2/snapshot*")] == ["snapshot.9"]


def test_machines_that_cannot_be_reached_do_not_matter_while_a_server_serves(
    ensemble: Engines, project: Path, tmp_path: Path
) -> None:
    for address in ("10.0.0.11", "10.0.0.12", "10.0.0.21"):
        (project / address).unlink()
    manifest, _ = archived(tmp_path)
    assert (manifest.source, manifest.agents) == ("c3", None)


def test_without_a_server_that_serves_nothing_is_copied(ensemble: Engines, project: Path, tmp_path: Path) -> None:
    (project / "10.0.0.11").unlink()
    for name in ("c2", "c3"):
        ensemble[name].printed["prod-zookeeper"] = "file=/data/version-2/snapshot.5\n"
    message = refused(str(tmp_path / "a.tar.gz"))
    assert "no server of prod/zookeeper serves" in message
    assert "prod-zookeeper on c2: it does not serve" in message and "prod-zookeeper on c1: unix://" in message
    assert not list(tmp_path.glob("*.gz"))


def test_a_standalone_server_is_copied_too(ensemble: Engines, tmp_path: Path) -> None:
    files = {path: content for path, content in data().items() if "Epoch" not in path}
    for name in MODES:
        give_data(ensemble[name], "standalone", 8, files)
    manifest, _ = archived(tmp_path)
    assert manifest.mode == "standalone"
    assert set(manifest.parts_in("zookeeper/data/version-2")) == {"snapshot.5"}


def test_the_command_says_what_it_copied_and_warns_of_the_states(ensemble: Engines, tmp_path: Path) -> None:
    result = backup(str(tmp_path))
    data_line, states_line, target_line = result.stdout.splitlines()
    assert "prod: ZooKeeper 3.9.4 of c1 (follower): a snapshot with 3 znodes and 7 transactions, up to 0x9" in data_line
    assert "8 states of Terraform, which have all flags and environment in clear text" in states_line
    (file,) = tmp_path.glob("prod-*Z.tar.gz")
    assert target_line == f"{file}: {file.stat().st_size} bytes, checked"
    assert json.loads(backup(str(tmp_path / "b.tar.gz"), "--json").stdout)["target"] == f"{tmp_path}/b.tar.gz"


def test_a_target_that_cannot_be_used_is_an_error_before_anything_is_copied(ensemble: Engines) -> None:
    assert "no such directory" in refused("/nowhere/a.tar.gz")
    assert not any(call.endswith("archive") for engine in ensemble.values() for call in engine.calls)
