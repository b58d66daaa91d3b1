"""The fixture `mesos_cluster` in test runs of its own, with a command that only writes down how it was called."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.testing import cluster
from cdktf_mesos.throwaway import live, store
from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.held import is_held

pytest_plugins = "pytester"


def owned(name: str, version: str) -> Cluster:
    return Cluster(
        name=name,
        engine="unix:///var/run/docker.sock",
        certificates=None,
        address="127.0.0.1",
        mesos=version,
        agents_mesos=version,
        zookeeper="3.9.4",
        marathon=None,
        agents=1,
        cpus=1,
        mem=512,
        owned=True,
    )


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that were run."""
    found: list[str] = []

    def run(*words: str) -> str:
        found.append(" ".join(words))
        name = words[words.index("--name") + 1]
        assert is_held(store.owner(name))
        if words[0] == "up":
            version = words[words.index("--mesos") + 1] if "--mesos" in words else "1.11.0"
            store.write(owned(name, version))
            if version == "broken":
                raise RuntimeError("up: it does not serve: no master leads")
            addresses = {"zk": "zk://h:1/mesos", "master": "http://h:2", "agents": [], "zookeeper": "h:1"}
            members = {"master": f"{name}-master"}
            return json.dumps({"name": name, "mesos": version, "marathon": None, "members": members, **addresses})
        if words[0] == "down":
            store.forget(name)
        return "I lead\n" if words[0] == "logs" else "[]"

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setattr(cluster, "_run", run)
    monkeypatch.setattr(live, "tasks", lambda _: [])
    return found


def run(pytester: pytest.Pytester, text: str, *words: str) -> pytest.RunResult:
    pytester.makepyfile(text)
    return pytester.runpytest_inprocess("-p", "cdktf_mesos.testing.plugin", "-v", *words)


def test_each_test_runs_on_each_version_and_tests_share_a_cluster(pytester: pytest.Pytester, calls: list[str]) -> None:
    text = """
        def test_zk(mesos_cluster):
            assert mesos_cluster.zk == "zk://h:1/mesos"

        def test_tasks(mesos_cluster):
            assert mesos_cluster.tasks() == []

        def test_without():
            pass
    """
    words = ("--mesos-agent-flag", "a=1", "--mesos-agent-flag", "b=2", "--mesos-attributes", "rack:a")
    result = run(pytester, text, "--mesos-versions", "1.10.0,1.11.0-rc1", "--mesos-agents", "3", *words)
    result.assert_outcomes(passed=5)
    assert {"test_zk[1.10.0]", "test_tasks[1.11.0-rc1]"} <= {
        line.split("::")[1].split()[0] for line in result.outlines if "::" in line
    }
    assert [call.split()[0] for call in calls] == ["up", "down"] * 2
    assert "--owned" in calls[0] and "--mesos 1.10.0 --agents 3" in calls[0]
    assert calls[0].endswith("--attributes=rack:a --agent-flag=a=1 --agent-flag=b=2")


def test_with_another_scope_each_test_has_its_own(pytester: pytest.Pytester, calls: list[str]) -> None:
    text = """
        def test_one(mesos_cluster):
            mesos_cluster.kill("master")

        def test_two(mesos_cluster):
            mesos_cluster.upgrade("1.11.1")
            assert mesos_cluster.mesos == "1.11.1"
    """
    run(pytester, text, "--mesos-scope", "function").assert_outcomes(passed=2)
    assert [call.split()[0] for call in calls] == ["up", "kill", "down", "up", "upgrade", "down"]


def test_the_report_of_a_failed_test_has_the_logs_of_the_members(pytester: pytest.Pytester, calls: list[str]) -> None:
    result = run(pytester, "def test_red(mesos_cluster):\n    assert mesos_cluster.agents")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*log of master*", "I lead"])


def test_a_cluster_that_does_not_start_is_removed(pytester: pytest.Pytester, calls: list[str]) -> None:
    result = run(pytester, "def test_one(mesos_cluster):\n    pass", "--mesos-versions", "broken")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*up: it does not serve: no master leads"])
    assert [call.split()[0] for call in calls] == ["up", "down"]


def test_the_name_is_the_same_in_the_next_run_and_another_one_for_each_worker(
    pytester: pytest.Pytester, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "def test_one(mesos_cluster):\n    pass"
    for worker in (None, None, "gw1"):
        if worker:
            monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        run(pytester, text)
    names = [call.split()[call.split().index("--name") + 1] for call in calls if call.startswith("up")]
    assert names[0] == names[1] != names[2]
    assert names[2].endswith("-gw1")


def test_a_condition_is_asked_until_it_holds_or_its_time_is_over() -> None:
    known: dict[str, Any] = {
        "name": "one",
        "mesos": "1",
        "zk": "",
        "master": "",
        "agents": [],
        "zookeeper": "",
        "marathon": None,
    }
    found = cluster.MesosCluster({**known, "members": {}})
    answers = iter([[], None, ["task"]])

    def tasks() -> list[str]:
        if (answer := next(answers)) is None:
            raise live.NoAnswerError("master of one does not answer")
        return answer

    assert found.wait_for(tasks) == ["task"]
    with pytest.raises(TimeoutError, match="not within 0 s; it returned False"):
        found.wait_for(lambda: False, seconds=0)


def test_a_cluster_of_that_name_that_somebody_has_started_by_hand_stays(
    pytester: pytest.Pytester, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: str) -> str:
        calls.append(words[0])
        name = words[words.index("--name") + 1]
        store.write(dataclasses.replace(owned(name, "1.11.0"), owned=False))
        raise RuntimeError(f"up: {name} is up already")

    monkeypatch.setattr(cluster, "_run", refuse)
    run(pytester, "def test_one(mesos_cluster):\n    pass").assert_outcomes(errors=1)
    assert calls == ["up"]
