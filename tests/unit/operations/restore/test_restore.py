from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.operations.commands import cli
from cdktf_mesos.operations.restore import order
from tests.unit.operations.backup.test_archive import FILES, MANIFEST, packed
from tests.unit.operations.conftest import SERVES, ZOOKEEPER, agent, summary
from tests.unit.operations.restore.conftest import Machine

Machines = dict[str, Machine]
CONTROL = ("c1", "c2", "c3")


def restore(archive: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["restore", "--no-synth", str(archive), *words])


def refused(archive: Path, *words: str) -> str:
    result = restore(archive, *words)
    assert result.exit_code == 1, result.output
    return result.stderr


def nothing_written(machines: Machines) -> bool:
    return not any("PUT" in call for machine in machines.values() for call in machine.calls)


def installed(machine: Machine) -> dict[str, bytes]:
    """The files of the machine, by their names in an archive."""
    place = machine.data.parent
    names = {"data/": "zookeeper/data/", "datalog/": "zookeeper/log/"}
    found = {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    return {
        name.replace(old, new): each
        for name, each in found.items()
        for old, new in names.items()
        if name.startswith(old)
    }


def test_every_server_gets_the_same_data(machines: Machines, archive: Path) -> None:
    result = restore(archive)
    assert result.exit_code == 0, result.output
    data = {name: content for name, content in FILES.items() if name.startswith("zookeeper/")}
    assert {name: installed(machines[name]) for name in CONTROL} == dict.fromkeys(CONTROL, data)
    assert not any(machines[name].created for name in ("a1", "a2"))
    assert not any(machine.containers for machine in machines.values())
    assert f"zookeeper:{ZOOKEEPER}" in machines["c1"].images
    assert "all 3 servers have the data of prod of 2026-11-29T06:50:00Z, up to 0x9" in result.stdout


def test_the_next_deploys_bring_marathon_last(machines: Machines, archive: Path) -> None:
    lines = restore(archive).stdout.splitlines()
    first, second, third = [line.strip() for line in lines[-3:]]
    waves = [f"prod-1-control-{name}-{part}" for name in CONTROL for part in ("machine", "members")]
    assert first == f"cdktf deploy {' '.join(waves)}"
    assert second == f"cdktf-mesos restore --await-agents {archive}"
    assert third == "cdktf deploy '*'"


def test_a_second_run_changes_nothing_and_completes_what_was_interrupted(machines: Machines, archive: Path) -> None:
    restore(archive)
    before = installed(machines["c1"])
    (machines["c2"].data.parent / "datalog/version-2/log.6").unlink()
    assert restore(archive).exit_code == 0
    assert installed(machines["c1"]) == installed(machines["c2"]) == before


def test_a_server_with_other_data_stops_it_before_any_server_gets_some(machines: Machines, archive: Path) -> None:
    (machines["c3"].data / "version-2").mkdir(parents=True)
    (machines["c3"].data / "version-2/snapshot.0").write_text("x")
    message = refused(archive)
    assert "1 of 3 servers must not get the data:" in message
    assert "prod-zookeeper on c3: /" in message and "version-2 has other data" in message
    assert nothing_written(machines)


def test_a_server_keeps_its_own_id(machines: Machines, archive: Path) -> None:
    for number, name in enumerate(CONTROL, start=1):
        machines[name].data.mkdir(parents=True)
        (machines[name].data / "myid").write_text(f"{number}\n")
    assert restore(archive).exit_code == 0
    assert (machines["c2"].data / "myid").read_text() == "2\n"
    (machines["c2"].data / "myid").write_text("3\n")
    assert "has the id of server 3, but this is server 2" in refused(archive)


@pytest.mark.parametrize("state", ["running", "restarting"])
def test_an_ensemble_that_runs_is_refused(machines: Machines, archive: Path, state: str) -> None:
    machines["c2"].member("prod-zookeeper", "zookeeper", ZOOKEEPER, state=state)
    assert "prod-zookeeper on c2: it runs: if its data may go, stop it first: docker stop" in refused(archive)
    assert nothing_written(machines)


def test_marathon_must_not_run(machines: Machines, archive: Path) -> None:
    machines["c3"].member("prod-marathon", "marathon", "v1.11.24", state="restarting")
    message = refused(archive)
    assert "prod-marathon on c3: it runs" in message and "before the masters list the agents again" in message
    assert nothing_written(machines)


def test_a_machine_that_cannot_be_reached_stops_it(machines: Machines, archive: Path, project: Path) -> None:
    (project / "10.0.0.12").unlink()
    assert "prod-marathon on c2: unix://" in refused(archive)
    assert nothing_written(machines)


def test_an_archive_that_is_cut_off_or_of_another_cluster_is_refused(
    machines: Machines, archive: Path, tmp_path: Path
) -> None:
    other = packed(tmp_path, dataclasses.replace(MANIFEST, cluster="stage"))
    assert "the archive is of the cluster stage, not of prod: if that is intended, use --other-cluster" in refused(
        other
    )
    assert restore(other, "--other-cluster", "stage", "--dry-run").exit_code == 0
    archive.write_bytes(archive.read_bytes()[:-20])
    assert "is cut off" in refused(archive)
    assert nothing_written(machines)


def test_a_release_older_than_the_archives_is_refused(machines: Machines, tmp_path: Path) -> None:
    newer = packed(tmp_path, dataclasses.replace(MANIFEST, release="3.9.5"))
    assert "the archive is of ZooKeeper 3.9.5, but prod-zookeeper on c1 is to run 3.9.4" in refused(newer)


def test_other_addresses_are_named(machines: Machines, archive: Path) -> None:
    assert "the servers had other addresses: 10.0.0.11:2181" in restore(archive, "--dry-run").stdout
    assert nothing_written(machines)


@pytest.fixture
def masters(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Machines:
    """The masters of a cluster that comes back."""
    monkeypatch.setattr(order, "_PAUSE_SECONDS", 0.01)
    for name in CONTROL:
        machines[name].member("prod-master", "master", "1.11.0", SERVES + "leads=no\n")
    return machines


def test_it_waits_until_the_masters_list_the_agents_of_the_archive(masters: Machines, archive: Path) -> None:
    leader = SERVES + "leads=yes\n"
    for found in (agent("a1", id="S1", active=False), agent("a1", id="S2"), agent("a2", id="S1")):
        masters["c2"].printed["prod-master"] = leader + summary(found)
        result = restore(archive, "--await-agents", "--wait", "1")
        assert (result.exit_code, result.stdout) == (1, "0 of 1 agents are back\n")
        assert "not listed as active within 1 s: 10.0.0.21:5051" in result.stderr
    masters["c2"].printed["prod-master"] = leader + summary(agent("a1", id="S1"))
    result = restore(archive, "--await-agents", "--wait", "1")
    assert (result.exit_code, result.stdout) == (0, "1 of 1 agents are back\n")


def test_a_marathon_that_started_too_early_ends_the_wait(masters: Machines, archive: Path) -> None:
    masters["c1"].member("prod-marathon", "marathon", "v1.11.24")
    assert "prod-marathon on c1: it runs" in refused(archive, "--await-agents", "--wait", "1")


def test_without_agents_in_the_archive_it_waits_for_those_of_the_program(masters: Machines, tmp_path: Path) -> None:
    archive = packed(tmp_path, dataclasses.replace(MANIFEST, agents=None))
    masters["c2"].printed["prod-master"] += summary(agent("a1"))
    assert "10.0.0.22:5051" in refused(archive, "--await-agents", "--wait", "1")
    masters["c2"].printed["prod-master"] += summary(agent("a1"), agent("a2"))
    assert restore(archive, "--await-agents").exit_code == 0
