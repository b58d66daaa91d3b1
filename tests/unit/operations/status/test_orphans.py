"""Containers of tasks that have ended for their agent, in the status."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from cdktf_mesos.mesos.agent import survival
from cdktf_mesos.operations.commands import cli
from tests.unit.operations.engines import Engine

AGENT = "prod-agent-1"


class Agent:
    """The checkpoints and sandboxes of the agent on a1, and the containers of its tasks.

    Args:
        engine: the engine of a1.
        data_dir: the data directory of its machine.
    """

    def __init__(self, engine: Engine, data_dir: Path) -> None:
        self.engine, self._data_dir = engine, data_dir
        self.work_dir = self._work_dir(AGENT, 1)
        self.registered("S1")
        engine.scripted = self._scripted

    def registered(self, id: str, *, recently: bool = False) -> None:
        latest = self.work_dir / "meta/slaves/latest"
        latest.parent.mkdir(parents=True, exist_ok=True)
        latest.unlink(missing_ok=True)
        latest.symlink_to(latest.with_name(id))
        self._date(latest, recently)

    def runs(
        self,
        container: str,
        *,
        agent: str = AGENT,
        incarnation: int = 1,
        id: str = "S1",
        has_sandbox: bool = True,
    ) -> Path:
        """Have a task's container with its sandbox; returns the path of the run in the work directory."""
        run = Path(f"slaves/{id}/frameworks/F/executors/web.1/runs/{container}")
        sandbox = self._work_dir(agent, incarnation) / run
        if has_sandbox:
            sandbox.mkdir(parents=True)
        self.engine.run(f"mesos-{container}", health="", directories=["/etc", str(sandbox), str(sandbox)])
        return run

    def ended(self, run: Path, *, recently: bool = False) -> None:
        sentinel = self.work_dir / "meta" / run / "executor.sentinel"
        sentinel.parent.mkdir(parents=True)
        sentinel.touch()
        self._date(sentinel, recently)

    def _work_dir(self, agent: str, incarnation: int) -> Path:
        return Path(survival.work_dir(str(self._data_dir), agent, incarnation))

    def _date(self, path: Path, recently: bool) -> None:
        if not recently:
            os.utime(path, (1_700_000_000, 1_700_000_000), follow_symlinks=False)

    def _scripted(self, words: list[str], _: list[str]) -> tuple[int, str] | None:
        if "MESOS_WORK_DIR" not in words[2]:
            return None
        variables = {"PATH": "/usr/bin:/bin", "MESOS_WORK_DIR": str(self.work_dir)}
        done = subprocess.run(words, env=variables, stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout


@pytest.fixture
def agent(engines: dict[str, Engine], tmp_path: Path) -> Agent:
    return Agent(engines["a1"], tmp_path)


def problems() -> list[str]:
    found: list[str] = json.loads(CliRunner().invoke(cli, ["status", "--json"]).stdout)["problems"]
    return found


def orphans() -> list[str]:
    """The containers in the only problem."""
    (problem,) = problems()
    start, _, names = problem.partition(" still run: ")
    assert start == f"{AGENT} on a1: tasks have ended for this agent, but their containers"
    return names.partition(". ")[0].split(", ")


def test_containers_whose_executor_has_ended_are_named(agent: Agent) -> None:
    agent.runs("live")
    for name in ("c2", "c1"):
        agent.ended(agent.runs(name))
    assert orphans() == ["mesos-c1", "mesos-c2"]


def test_those_of_an_earlier_id_and_of_an_earlier_incarnation_are_named(agent: Agent) -> None:
    agent.runs("live")
    agent.runs("of-id", id="S0")
    agent.runs("of-incarnation", incarnation=2)
    agent.runs("without-sandbox", has_sandbox=False)
    assert orphans() == ["mesos-of-id", "mesos-of-incarnation", "mesos-without-sandbox"]


def test_what_the_agent_may_be_ending_just_now_is_not_named(agent: Agent) -> None:
    agent.ended(agent.runs("just-ended"), recently=True)
    assert problems() == []
    agent.runs("of-id", id="S0")
    agent.registered("S1", recently=True)
    assert problems() == []


def test_containers_of_other_agents_are_not_named(agent: Agent) -> None:
    # Even with an id that this agent does not have.
    agent.runs("others", agent="other-agent", id="S0")
    assert problems() == []
