"""The backup before a roll. The tests run the real script with bash, on files as a server writes them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import BackupBeforeRoll, DockerHost, Image, Pin, ZookeeperBackups, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.operations.backup.archive import unpack
from tests.unit.answers import HERE, NOT_SERVING, answering
from tests.unit.conftest import Synth
from tests.unit.zookeeper.conftest import AT_NINE, here

OTHER = "127.0.0.2"


@pytest.fixture
def step(synth: Synth, stack: TerraformStack, server: Path) -> Callable[..., tuple[int, str]]:
    """Runs the step of a machine; returns its exit code and what it printed. It has passed if the code is 0."""
    host = DockerHost(stack, "c1", address=HERE)
    ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4")
    backups = ZookeeperBackups(stack, "backups", ensemble=ensemble, cluster="prod", directory="/srv/archives")
    BackupBeforeRoll(stack, "step", host=host, backups=backups, roles=[ensemble], name="step", seconds=1)
    definition = synth()["containers"]["step"]
    program, *arguments = here(server, definition["entrypoint"])[2:]
    own = dict(each.split("=", 1) for each in definition["env"])

    def run(port: int, **environment: str) -> tuple[int, str]:
        (server / "passed").unlink(missing_ok=True)
        script = program.replace("/tmp/passed", str(server / "passed"))
        words = ["bash", "-c", script, arguments[0], "0", HERE, str(port), *arguments[4:]]
        given = {"PATH": os.environ["PATH"], **own, "OVERRIDE": "false", **environment}
        done = subprocess.run(words, env=given, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode == 0) is (server / "passed").exists(), done.stderr
        return done.returncode, done.stdout.strip()

    return run


def archives(server: Path) -> list[Path]:
    return sorted((server / "archives").glob("*.gz"))


def test_an_archive_is_made_and_its_name_is_in_the_log(step: Callable[..., tuple[int, str]], server: Path) -> None:
    with answering(AT_NINE) as port:
        code, output = step(port)
    (archive,) = archives(server)
    assert (code, output) == (0, f"{archive.name}: up to 0x9, {archive.stat().st_size} bytes")
    assert unpack(archive, server / "out").zxid == "0xa"
    assert not list((server / "archives").glob(".part*"))


def test_the_machines_of_a_roll_make_one_archive_in_a_directory_that_they_share(
    step: Callable[..., tuple[int, str]], server: Path
) -> None:
    later = {"FIRST": "no", "NAME": "c2"}
    with answering(AT_NINE) as port:
        step(port)
        (archive,) = archives(server)
        assert step(port, **later) == (0, f"{archive.name} was made at the beginning of this roll")
        assert archives(server) == [archive]
        # Somebody has removed it.
        archive.unlink()
        assert step(port, **later)[0] == 0
    assert [path.name[:8] for path in archives(server)] == ["prod-c2-"]


def test_each_roll_makes_its_own_archive_also_if_it_goes_back(
    step: Callable[..., tuple[int, str]], server: Path
) -> None:
    with answering(AT_NINE) as port:
        for number, roll in enumerate(("a", "b", "a"), start=1):
            step(port, ROLL=roll, NAME=f"c{number}")
        assert len(archives(server)) == 3
        # The first machine of a roll that finds the note of an earlier one like it.
        step(port, ROLL="a", NAME="c4")
        assert len(archives(server)) == 4
        # A machine whose first one had nothing to copy.
        step(port, ROLL="b", NAME="c5", FIRST="no")
    assert len(archives(server)) == 5


def test_a_new_server_has_nothing_to_lose(step: Callable[..., tuple[int, str]], server: Path) -> None:
    nothing = (0, "the server of this machine has no transactions yet")
    for path in [*server.glob("data*/version-2/*")]:
        path.unlink()
    # As a server leaves it that has started alone, and waits for others.
    (server / "data/version-2/snapshot.0").touch()
    (server / "data/version-2/acceptedEpoch").touch()
    assert step(1) == nothing
    shutil.rmtree(server / "data")
    assert step(1) == nothing
    assert archives(server) == []


def test_a_server_that_does_not_run_is_passed_over_if_another_one_serves(
    step: Callable[..., tuple[int, str]], server: Path
) -> None:
    passed = (0, f"the server does not serve; {OTHER} does, and has its own step")
    with answering(AT_NINE, OTHER) as port:
        assert step(port, MEMBERS=f"{HERE} {OTHER}") == passed
        with answering(NOT_SERVING, HERE, port):
            assert step(port, MEMBERS=f"{HERE} {OTHER}") == passed
    assert archives(server) == []


def test_without_a_server_that_serves_the_roll_stops_unless_that_is_overridden(
    step: Callable[..., tuple[int, str]], server: Path
) -> None:
    with answering(NOT_SERVING) as port:
        code, output = step(port)
        assert code == 1
        assert output.startswith("no backup: no server serves. To repair the cluster, deploy with ")
        assert step(port, OVERRIDE="true") == (0, "")
    assert archives(server) == []


def test_a_server_that_lags_is_not_copied(step: Callable[..., tuple[int, str]], server: Path) -> None:
    with answering(AT_NINE) as port, answering(AT_NINE.replace("0x9", "0x100000001"), OTHER, port):
        code, output = step(port, MEMBERS=f"{HERE} {OTHER}")
    assert (code, output) == (1, "no backup: the server lags behind another one")
    assert archives(server) == []


def test_the_beginning_of_an_epoch_is_no_transaction_that_a_follower_lacks(
    step: Callable[..., tuple[int, str]], server: Path
) -> None:
    with answering(AT_NINE) as port, answering(AT_NINE.replace("0x9", "0x100000000"), OTHER, port):
        assert step(port, MEMBERS=f"{HERE} {OTHER}")[0] == 0
    assert len(archives(server)) == 1


@pytest.mark.usefixtures("full")
def test_the_roll_stops_if_there_is_no_space(step: Callable[..., tuple[int, str]], server: Path) -> None:
    with answering(AT_NINE) as port:
        code, output = step(port)
    assert (code, output.partition(": 10 MiB")[0]) == (1, "no backup: the directory of the archives is full")
    assert list((server / "archives").iterdir()) == []


def test_it_only_reads_the_servers_data_and_the_deploy_waits_for_it(synth: Synth, stack: TerraformStack) -> None:
    host = DockerHost(stack, "c1", address=HERE)
    ensemble = ZookeeperEnsemble(
        stack, "zookeeper", hosts=[host], image=Image("zookeeper", Pin("zookeeper_version", "3.9.4"))
    )
    backups = ZookeeperBackups(stack, "backups", ensemble=ensemble, cluster="prod", directory="/srv/archives")
    BackupBeforeRoll(stack, "step", host=host, backups=backups, roles=[ensemble], name="prod-preflight-backup")
    document = synth()
    definition = document["resource"]["docker_container"]["zookeeper_is_backed_up"]
    assert {(each["container_path"], each["read_only"]) for each in definition["volumes"]} == {
        ("/data", True),
        ("/datalog", True),
        ("/backups", False),
    }
    assert (definition["wait"], definition["wait_timeout"], definition["user"]) == (True, 140, "0:0")
    assert definition["labels"][0]["value"].startswith("${var.zookeeper_version} ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seconds": 0}, "seconds is invalid: 0"),
        ({"roles": []}, r"roles is invalid: \[\]"),
        ({"name": "mesos-x"}, "name is invalid: 'mesos-x'"),
    ],
)
def test_bad_arguments_are_refused(stack: TerraformStack, arguments: dict[str, Any], message: str) -> None:
    host = DockerHost(stack, "c1", address=HERE)
    ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4")
    backups = ZookeeperBackups(stack, "backups", ensemble=ensemble, cluster="prod", directory="/srv")
    given = {"host": host, "backups": backups, "roles": [ensemble], "name": "step", **arguments}
    with pytest.raises(ValueError, match=f"stack/step: {message}"):
        BackupBeforeRoll(stack, "step", **given)


def test_a_machine_without_a_server_is_refused(stack: TerraformStack) -> None:
    ensemble = ZookeeperEnsemble(
        stack, "zookeeper", hosts=[DockerHost(stack, "c1", address="10.0.0.1")], image="zookeeper:3.9.4"
    )
    backups = ZookeeperBackups(stack, "backups", ensemble=ensemble, cluster="prod", directory="/srv")
    elsewhere = DockerHost(stack, "a1", address="10.0.0.2", engine="ssh://ops@10.0.0.2")
    with pytest.raises(ValueError, match="stack/step: host is invalid: '10.0.0.2'"):
        BackupBeforeRoll(stack, "step", host=elsewhere, backups=backups, roles=[ensemble], name="step")
