from __future__ import annotations

import errno
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from cdktf_mesos.operations.commands import cli
from cdktf_mesos.throwaway import store
from cdktf_mesos.throwaway.cluster import Cluster
from tests.unit.throwaway.conftest import DockerEngine, NewCluster


@pytest.fixture(autouse=True)
def cluster(new: NewCluster, engine: DockerEngine) -> None:
    """A cluster that is up."""
    store.write(new(ready=True))
    engine.have("one", "zookeeper", "master", "agent-1")


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_info_prints_a_table_json_or_variables() -> None:
    assert "master     one-master     1.11.0   http://127.0.0.1:20003\n" in run("info", "--name", "one")[1]
    assert json.loads(run("info", "--name", "one", "--json")[1])["agents"] == ["http://127.0.0.1:20006"]
    assert run("info", "--name", "one", "--shell")[1].splitlines()[0] == "export CDKTF_MESOS_NAME=one"


def test_a_variable_names_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDKTF_MESOS_NAME", "one")
    assert run("info")[0] == 0
    monkeypatch.setenv("CDKTF_MESOS_NAME", "two")
    assert run("info") == (1, "", "info: there is no cluster 'two': there are one\n")


def test_members_are_killed_frozen_and_brought_back(engine: DockerEngine) -> None:
    assert run("kill", "agent-1", "--name", "one") == (0, "", "")
    assert run("pause", "master", "--name", "one") == (0, "", "")
    engine.containers["one-master"]["State"]["Paused"] = True
    engine.containers["one-agent-1"]["State"]["Paused"] = False
    assert run("resume", "master", "--name", "one") == (0, "", "")
    assert run("resume", "agent-1", "--name", "one") == (0, "", "")
    assert [call for call in engine.calls if call.startswith("POST")] == [
        "POST /containers/one-agent-1/kill",
        "POST /containers/one-master/pause",
        "POST /containers/one-master/unpause",
        "POST /containers/one-agent-1/start",
    ]


def test_a_member_is_cut_off_until_it_is_resumed(engine: DockerEngine) -> None:
    assert run("partition", "agent-1", "--name", "one") == (0, "", "")
    assert "one-agent-1-partition" in engine.containers
    assert run("resume", "agent-1", "--name", "one") == (0, "", "")
    assert "one-agent-1-partition" not in engine.containers


@pytest.mark.parametrize("command", ["kill", "pause", "partition", "resume", "state", "logs"])
def test_a_member_that_there_is_not_is_an_error(command: str) -> None:
    code, _, error = run(command, "agent-2", "--name", "one")
    assert (code, error) == (1, f"{command}: one has no member 'agent-2': it has zookeeper, master, agent-1\n")


def test_a_full_disk_is_an_error_and_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/state/one")

    monkeypatch.setattr(store, "get", full)
    assert run("info", "--name", "one") == (1, "", "info: [Errno 28] No space left on device: '/state/one'\n")


def test_logs_are_those_of_the_member(engine: DockerEngine) -> None:
    engine.containers["one-master"]["Output"] = "I am the leader\n"
    assert run("logs", "master", "--name", "one") == (0, "I am the leader\n", "")


def test_flags_and_attributes_are_kept_with_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(wanted: Cluster, *_: object) -> Cluster:
        store.write(wanted)
        return replace(wanted, blocks=(20000, 20100))

    monkeypatch.setattr("cdktf_mesos.throwaway.lifecycle.start", start)
    words = [
        "--attributes=rack:a",
        "--attributes",
        "rack:b",
        "--master-flag=weights=a=2",
        "--agent-flag=strict=false",
    ]
    assert run("up", "--name", "two", *words)[0] == 0
    kept = store.get("two")
    assert (kept.master_flags, kept.agent_flags) == ({"weights": "a=2"}, {"strict": "false"})
    assert list(kept.attributes) == ["rack:a", "rack:b"]
    code, _, error = run("up", "--name", "two", "--agent-flag", "strict")
    assert (code, "'strict' is not NAME=VALUE" in error) == (2, True)


def test_an_upgrade_needs_a_version() -> None:
    code, _, error = run("upgrade", "--name", "one")
    assert code == 2
    assert "give at least one of --mesos, --zookeeper and --marathon" in error
