"""Backups by a timer. The tests run the real scripts with bash, on files as a server writes them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, ZookeeperBackups, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.operations.backup.archive import unpack
from sandbox.process import wait_until
from tests.unit.answers import HERE, NOT_SERVING, answering
from tests.unit.conftest import Synth
from tests.unit.operations.zookeeper_files import log
from tests.unit.zookeeper.conftest import AT_NINE, here


@contextmanager
def backups(synth: Synth, stack: TerraformStack, server: Path, answer: str, **more: Any) -> Iterator[dict[str, Any]]:
    """The container's definition, with the directories of the test in place of the machine's."""
    with answering(answer) as port:
        host = DockerHost(stack, "c1", address=HERE)
        ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", client_port=port)
        ZookeeperBackups(stack, "backups", ensemble=ensemble, cluster="prod", directory="/srv/archives", **more)
        definition = synth()["containers"]["zookeeper-backups"]
        yield {
            **definition,
            "entrypoint": here(server, definition["entrypoint"]),
            "age": here(server, definition["healthcheck"]["test"][1:]),
        }


@contextmanager
def running(definition: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """Its process, which is told to stop at the end."""
    variables = {"PATH": os.environ["PATH"], **dict(each.split("=", 1) for each in definition["env"])}
    words = definition["entrypoint"]
    with subprocess.Popen(words, env=variables, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield process
            process.terminate()
            assert process.wait(10) == 0
        finally:
            # Also if the test has failed. Its pause would outlive it, which it does not in a container.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def pauses(process: subprocess.Popen[str]) -> bool:
    """Whether it waits until the next archive may be due."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    # A child may have ended by now.
    with suppress(OSError):
        return any(Path(f"/proc/{child}/comm").read_text() == "sleep\n" for child in children)
    return False


def first_line(definition: dict[str, Any]) -> str:
    """What it prints first."""
    with running(definition) as process:
        assert process.stdout is not None
        return process.stdout.readline().strip()


def age(definition: dict[str, Any]) -> tuple[int, str]:
    done = subprocess.run(definition["age"], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def test_an_archive_has_all_that_the_server_had_applied(synth: Synth, stack: TerraformStack, server: Path) -> None:
    with backups(synth, stack, server, AT_NINE) as definition:
        assert age(definition) == (1, "there is no backup yet")
        line = first_line(definition)
        (archive,) = (server / "archives").glob("*.gz")
        assert line == f"{archive.name}: up to 0x9, {archive.stat().st_size} bytes"
        assert age(definition) == (0, f"the last good backup is {archive.name}")
    assert archive.stat().st_mode & 0o777 == 0o600
    manifest = unpack(archive, server / "out")
    assert (manifest.cluster, manifest.ensemble, manifest.source) == ("prod", "stack/zookeeper", "c1")
    assert (manifest.zxid, manifest.acknowledged, manifest.release, manifest.mode) == (
        "0xa",
        "0x9",
        "3.9.4",
        "follower",
    )
    # The newest snapshot is not complete. The logs before the snapshot are not needed.
    assert set(manifest.parts_in("zookeeper/data/version-2")) == {"snapshot.5", "currentEpoch", "acceptedEpoch"}
    assert set(manifest.parts_in("zookeeper/log/version-2")) == {"log.3", "log.7"}
    assert (server / "out/zookeeper/log/version-2/log.7").read_bytes() == log([7, 8, 9, 10], reserved=0)


def test_the_newest_archives_of_the_machine_are_kept(synth: Synth, stack: TerraformStack, server: Path) -> None:
    names = [f"prod-{each}T000000Z.tar.gz" for each in ("c1-20260101", "c1-20260102", "c1-20260103", "c2-20260101")]
    for name in names:
        (server / "archives" / name).touch()
        os.utime(server / "archives" / name, (0, 0))
    with backups(synth, stack, server, AT_NINE, keep=2) as definition:
        assert age(definition) == (1, f"no good backup for more than 125 min; the last one is {names[2]}")
        first_line(definition)
    kept = sorted(path.name for path in (server / "archives").glob("*.gz"))
    assert kept[0] == names[2] and kept[2] == names[3] and len(kept) == 3


def test_it_waits_while_the_last_archive_is_new(synth: Synth, stack: TerraformStack, server: Path) -> None:
    (server / "archives/prod-c1-20260101T000000Z.tar.gz").touch()
    with backups(synth, stack, server, AT_NINE, interval_minutes=2) as definition, running(definition) as process:
        wait_until(lambda: pauses(process), lambda: "it does not wait")
    assert len(list((server / "archives").iterdir())) == 1


@pytest.mark.parametrize(
    ("answer", "spoil", "reason"),
    [
        pytest.param(NOT_SERVING, lambda server: None, "the server does not serve", id="not serving"),
        pytest.param(
            AT_NINE,
            lambda server: [path.unlink() for path in (server / "data/version-2").glob("snapshot.[15]")],
            "there is no whole snapshot",
            id="no snapshot",
        ),
    ],
)
def test_why_there_is_no_archive_is_in_the_log(
    synth: Synth, stack: TerraformStack, server: Path, answer: str, spoil: Callable[[Path], object], reason: str
) -> None:
    spoil(server)
    with backups(synth, stack, server, answer) as definition:
        assert first_line(definition).startswith(f"no backup: {reason}")
    assert not list((server / "archives").glob("*.gz"))


@pytest.mark.usefixtures("full")
def test_a_full_disk_is_left_as_it_is_and_the_last_archive_too(
    synth: Synth, stack: TerraformStack, server: Path
) -> None:
    last = server / "archives/prod-c1-20260101T000000Z.tar.gz"
    last.touch()
    os.utime(last, (0, 0))
    with backups(synth, stack, server, AT_NINE, keep=1) as definition:
        line = first_line(definition)
        # 64 MiB are left free.
        why = "the directory of the archives is full: 10 MiB are free, and it needs 64"
        assert line == f"no backup: {why}"
        assert age(definition) == (1, f"no good backup for more than 125 min; the last one is {last.name}: {why}")
    assert [path.name for path in (server / "archives").iterdir()] == [last.name]


def test_the_reason_goes_with_the_next_archive(synth: Synth, stack: TerraformStack, server: Path) -> None:
    (server / "reason").write_text("tar: gone\nno backup: the server does not serve\n")
    with backups(synth, stack, server, AT_NINE) as definition:
        assert age(definition) == (1, "there is no backup yet: the server does not serve")
        first_line(definition)
        assert age(definition)[0] == 0
    assert not (server / "reason").exists()


def test_it_only_reads_the_servers_data(synth: Synth, stack: TerraformStack, server: Path) -> None:
    with backups(synth, stack, server, AT_NINE) as definition:
        assert {(each["container_path"], each["read_only"]) for each in definition["volumes"]} == {
            ("/data", True),
            ("/datalog", True),
            ("/backups", False),
        }
        assert "wait" not in definition


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keep": 0}, "keep is invalid: 0"),
        ({"interval_minutes": 1}, "interval_minutes is invalid: 1"),
        ({"directory": "srv"}, "directory is invalid: 'srv'"),
    ],
)
def test_bad_arguments_are_refused(stack: TerraformStack, arguments: dict[str, Any], message: str) -> None:
    ensemble = ZookeeperEnsemble(
        stack, "zookeeper", hosts=[DockerHost(stack, "c1", address=HERE)], image="zookeeper:3.9.4"
    )
    with pytest.raises(ValueError, match=f"stack/backups: {message}"):
        ZookeeperBackups(
            stack, "backups", **{"ensemble": ensemble, "cluster": "prod", "directory": "/srv", **arguments}
        )


def test_servers_that_keep_their_data_in_their_containers_are_refused(stack: TerraformStack) -> None:
    ensemble = ZookeeperEnsemble(
        stack, "zookeeper", hosts=[DockerHost(stack, "c1", address="10.0.0.1")], image="containersol/zookeeper:3.5"
    )
    with pytest.raises(ValueError, match="stack/backups: ensemble is invalid"):
        ZookeeperBackups(stack, "backups", ensemble=ensemble, cluster="prod", directory="/srv")
