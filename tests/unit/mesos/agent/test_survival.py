"""The scripts that let tasks outlive their agent, run by bash on a work directory as an agent has it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from cdktf_mesos import scripts
from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.mesos.agent import health, survival
from cdktf_mesos.role.probe import ASK
from sandbox.process import wait_until
from tests.unit.answers import HERE, answering, metrics, seconds_per_question

# A terminal update as an agent and as an executor write it: source and reason of TaskStatus, fields 9 and 10.
BY_AGENT, BY_EXECUTOR = b"\x08\x03\x48\x01\x50\x0e", b"\x08\x02\x48\x02\x58\x01"


class Agent:
    """An agent's work directory, and the scripts that look at it.

    Args:
        folder: for the directory and what a container has of its own.
        name: of the directory.
    """

    def __init__(self, folder: Path, name: str = "work") -> None:
        self._folder, self.work_dir = folder, folder / name
        self.processes: list[subprocess.Popen[bytes]] = []

    def register(self, name: str) -> None:
        slaves = self.work_dir / "meta/slaves"
        (slaves / name).mkdir(parents=True)
        (slaves / "latest").unlink(missing_ok=True)
        (slaves / "latest").symlink_to(slaves / name)

    def launch(self, task: str, *, http: bool = False) -> Path:
        """An executor's run that is not written down yet."""
        runs = self.work_dir / "meta/slaves/latest/frameworks/f-1/executors" / task / "runs"
        run = runs / f"run-of-{task}"
        (run / "pids").mkdir(parents=True)
        (run / "tasks" / task).mkdir(parents=True)
        (run / "tasks" / task / "task.updates").touch()
        (runs / "latest").symlink_to(run)
        if http:
            (run / "pids/http.marker").touch()
        return run

    def checkpoint(self, run: Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(["sleep", "1000"])
        self.processes.append(process)
        (run / "pids/forked.pid").write_text(str(process.pid))
        if not (run / "pids/http.marker").exists():
            (run / "pids/libprocess.pid").write_text("executor(1)@10.0.0.1:5000")
        return process

    def cgroup(self, root: str, container: str) -> None:
        """The cgroup of a command task's executor, below a root."""
        (self._folder / "cgroup/freezer" / root / container).mkdir(parents=True)

    def end(self, run: Path, process: subprocess.Popen[bytes], update: bytes) -> None:
        process.kill()
        process.wait()
        (run / "executor.sentinel").touch()
        next(run.glob("tasks/*/task.updates")).write_bytes(update)

    def words(self, words: list[str]) -> list[str]:
        """A command as a container gets it, but with the record and the cgroups in the test's folder."""
        own = {survival.RECORD: str(self._folder / "before"), survival.CGROUPS: str(self._folder / "cgroup")}
        return [own.get(word, word) for word in words]

    def settled(self) -> tuple[bool, str]:
        """Whether it may be replaced, as a preflight sees it."""
        check = survival.check(str(self.work_dir), "5mins", {})
        assert [mount.read_only for mount in check.mounts] == [True]
        return settled(check)

    def start(self, *program: str, cgroups_root: str | None = None) -> subprocess.Popen[bytes]:
        """A container with that as the agent's program."""
        words = self.words(survival.entrypoint(str(self.work_dir), "5mins", cgroups_root))
        started = subprocess.Popen([*words, *program], stderr=subprocess.PIPE)
        self.processes.append(started)
        wait_until((self._folder / "before").exists, lambda: "no record", 10)
        return started

    def healthy(
        self, *, ending: int = 0, masters: Sequence[str] = (HERE,), masters_port: int | None = None
    ) -> tuple[bool, str]:
        """Whether the agent's container is healthy; the agent is registered, and ends that many executors.

        Without a port of the masters the one at this address has the agent.
        """
        gauges = metrics(slave__registered="1.0", slave__executors_terminating=f"{ending}.0")
        known = {"/slaves": f'HTTP/1.1 200 OK\r\n\r\n{{"active":true,"id":"{self._id()}"}}'}
        with answering(gauges) as port, answering(known) as knowing:
            probe = health.probe(port, authenticated=False)
            test = survival.gated(probe, HERE, str(self.work_dir), masters, masters_port or knowing)
            words = self.words(test[1:])
            done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
        return done.returncode == 0, done.stdout

    def _id(self) -> str:
        return (self.work_dir / "meta/slaves/latest").resolve().name


def settled(check: HostCheck, *, seconds: int = 3) -> tuple[bool, str]:
    """Whether a check is passed, as it is run by a preflight, and what it says."""
    script = scripts.joined(ASK, check.script)
    if seconds != 3:
        script = seconds_per_question(script, seconds)
    done = subprocess.run(
        ["bash", "-c", f"{script}\nfind_limit && settled"],
        env={**os.environ, **check.environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode == 0, done.stdout


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    agent = Agent(tmp_path)
    yield agent
    for process in agent.processes:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def test_an_agent_that_never_was_may_be_replaced(agent: Agent) -> None:
    assert agent.settled() == (True, "")


@pytest.mark.parametrize("http", [False, True])
def test_it_is_waited_for_an_executor_until_both_its_processes_are_written_down(agent: Agent, http: bool) -> None:
    agent.register("S0")
    run = agent.launch("a", http=http)
    assert agent.settled() == (False, f"{agent.work_dir}/meta/slaves/latest/frameworks/f-1/executors/a/runs/{run.name} "
        "begins, and could not be found again\n")  # fmt: skip
    (run / "pids/forked.pid").write_text("1")
    assert agent.settled()[0] is http
    agent.checkpoint(run)
    assert agent.settled() == (True, "")


def test_what_never_registered_in_time_or_has_ended_is_not_waited_for(agent: Agent) -> None:
    agent.register("S0")
    old, ended = agent.launch("old"), agent.launch("ended")
    os.utime(old, (time.time() - 400, time.time() - 400))
    (ended / "executor.sentinel").touch()
    assert agent.settled() == (True, "")


def test_an_agent_that_is_told_to_stop_waits_for_an_executor_that_begins(agent: Agent) -> None:
    agent.register("S0")
    started = agent.start("sleep", "1000")
    run = agent.launch("a")
    started.send_signal(signal.SIGTERM)
    assert started.stderr is not None
    assert started.stderr.readline().startswith(b"waits for ")
    assert started.poll() is None
    agent.checkpoint(run)
    assert started.wait(timeout=10) == 128 + signal.SIGTERM


def test_one_without_any_stops_at_once_and_one_that_ends_gives_its_code(agent: Agent) -> None:
    started = agent.start("sleep", "1000")
    started.send_signal(signal.SIGTERM)
    assert started.wait(timeout=5) == 128 + signal.SIGTERM
    assert agent.start("bash", "-c", "exit 3").wait(timeout=5) == 3


def test_an_agent_has_the_root_of_cgroups_that_its_executors_run_in_and_without_any_its_own(agent: Agent) -> None:
    def root() -> bytes:
        program = ("bash", "-c", "echo ${MESOS_CGROUPS_ROOT-none} >&2")
        return agent.start(*program, cgroups_root="mesos-a").communicate(timeout=5)[1].strip()

    agent.register("S0")
    assert root() == b"mesos-a"
    run = agent.launch("a")
    agent.cgroup("mesos", "run-of-another-agent")
    assert root() == b"mesos-a"
    agent.cgroup("mesos", run.name)
    assert root() == b"mesos"
    (run / "executor.sentinel").touch()
    assert root() == b"mesos-a"


def test_an_agent_that_is_told_no_root_of_cgroups_has_that_of_mesos(agent: Agent) -> None:
    agent.register("S0")
    agent.cgroup("elsewhere", agent.launch("a").name)
    started = agent.start("bash", "-c", "echo ${MESOS_CGROUPS_ROOT-none} >&2")
    assert started.communicate(timeout=5)[1].strip() == b"none"


def test_it_is_healthy_with_the_id_and_the_tasks_that_were_there(agent: Agent) -> None:
    agent.register("S0")
    agent.checkpoint(agent.launch("a"))
    agent.start("sleep", "1000")
    assert agent.healthy() == (True, "")
    assert agent.healthy(ending=1)[0] is False


def test_it_is_not_with_another_id(agent: Agent) -> None:
    agent.register("S0")
    agent.start("sleep", "1000")
    agent.register("S1")
    assert agent.healthy() == (False, "is agent S1, and was S0\n")


def test_a_first_id_is_no_other_one(agent: Agent) -> None:
    agent.start("sleep", "1000")
    agent.register("S0")
    assert agent.healthy() == (True, "")


def test_it_is_not_when_the_agent_gave_a_task_up(agent: Agent) -> None:
    agent.register("S0")
    run = agent.launch("a")
    process = agent.checkpoint(run)
    agent.start("sleep", "1000")
    agent.end(run, process, BY_AGENT)
    assert agent.healthy() == (False, f"has lost {agent.work_dir}/meta/slaves/latest/frameworks/f-1/executors/a/runs/"
        f"{run.name}\n")  # fmt: skip


def test_it_is_when_a_task_ended_by_itself_meanwhile(agent: Agent) -> None:
    agent.register("S0")
    run = agent.launch("a")
    process = agent.checkpoint(run)
    agent.start("sleep", "1000")
    agent.end(run, process, BY_EXECUTOR)
    assert agent.healthy() == (True, "")


def test_what_is_lost_once_it_is_healthy_is_the_frameworks_matter(agent: Agent) -> None:
    agent.register("S0")
    run = agent.launch("a")
    process = agent.checkpoint(run)
    agent.start("sleep", "1000")
    assert agent.healthy()[0]
    agent.end(run, process, BY_AGENT)
    assert agent.healthy()[0]


# What masters answer of an agent, in short: releases differ in the order of the fields.
ENTRY = """{"slaves":[{"id":"S0","hostname":"a","port":5051,"attributes":{},"pid":"slave(1)@10.0.0.1:5051","resources":
{"cpus":2.0,"ports":"[31000-31999]"},"reserved_resources":{"web":{"cpus":1.0}},"active":ACTIVE,"version":"1.11.0"}]}"""
SORTED = """{"slaves":[{"active":ACTIVE,"attributes":{},"hostname":"a","id":"S0","resources":{"cpus":2}},
{"active":true,"attributes":{},"hostname":"b","id":"S1","resources":{}}]}"""


DRAINED = """{"slaves":[{"id":"S0","hostname":"a","drain_info":{"state":"DRAINED","config":{"max_grace_period":
{"nanoseconds":1}}},"active":false,"deactivated":ACTIVE}]}"""


@pytest.mark.parametrize("entry", [ENTRY, SORTED, DRAINED])
@pytest.mark.parametrize("active", [True, False])
def test_it_is_not_until_the_leading_master_has_it_registered(agent: Agent, entry: str, active: bool) -> None:
    agent.register("S0")
    agent.start("sleep", "1000")
    body = entry.replace("ACTIVE", str(active).lower()).replace("\n", "")
    with answering({"/slaves?slave_id=S0 ": f"HTTP/1.1 200 OK\r\n\r\n{body}"}) as port:
        # Nobody is at the first address.
        masters = ["127.0.0.9", HERE]
        expected = (True, "") if active else (False, "no master has the agent S0 registered\n")
        assert agent.healthy(masters=masters, masters_port=port) == expected
    # Once it was, it is the masters' matter.
    assert agent.healthy(masters=masters, masters_port=port)[0] is active


@pytest.mark.parametrize(("status", "is_healthy"), [("401 Unauthorized", True), ("307 Temporary Redirect", False)])
def test_masters_that_want_a_password_are_not_asked_for_it(agent: Agent, status: str, is_healthy: bool) -> None:
    agent.register("S0")
    agent.start("sleep", "1000")
    with answering(f"HTTP/1.1 {status}\r\n\r\n") as port:
        assert agent.healthy(masters_port=port)[0] is is_healthy


def test_an_agent_leaves_only_when_it_has_no_tasks(agent: Agent) -> None:
    agent.register("S0")
    check = survival.has_none(str(agent.work_dir), "127.0.0.1", 9)

    assert settled(check) == (True, "")
    run, other = agent.launch("a"), agent.launch("b")
    assert settled(check) == (False, "the agent 127.0.0.1 has 2 executors with tasks: drain it first\n")
    for each in (run, other):
        (each / "executor.sentinel").touch()
    assert settled(check) == (True, "")


@pytest.mark.parametrize(
    ("metric", "leaves"),
    [('"slave\\/executors_running":0.0', True), ('"slave/executors_running":3', False)],
)
def test_executors_without_checkpoints_count_as_well(agent: Agent, metric: str, leaves: bool) -> None:
    with answering("HTTP/1.1 200 OK\r\n\r\n{" + metric + ',"x":1}') as port:
        check = survival.has_none(str(agent.work_dir), "127.0.0.1", port)
        assert settled(check)[0] is leaves


def test_an_agent_that_listens_and_does_not_answer_does_not_leave(agent: Agent) -> None:
    with answering(None) as port:
        check = survival.has_none(str(agent.work_dir), "127.0.0.1", port)
        refused = "the agent 127.0.0.1 accepts connections but does not answer: repair it or stop it first\n"
        assert settled(check, seconds=1) == (False, refused)


@pytest.mark.parametrize(("incarnation", "left"), [(2, 1), (3, 1), (1, 2), (12, 3)])
def test_another_incarnation_waits_until_the_tasks_of_all_others_have_gone(
    tmp_path: Path, incarnation: int, left: int
) -> None:
    own, other = (survival.work_dir(str(tmp_path), "agent", each) for each in (incarnation, left))
    agent = Agent(Path(other).parent, Path(other).name)
    check = survival.check(own, "5mins", {})
    assert [(mount.host_path, mount.read_only) for mount in check.mounts] == [(f"{tmp_path}/agent", True)]

    assert settled(check) == (True, "")
    agent.register("S0")
    runs = [agent.launch("a"), agent.launch("b")]
    refused = f"{other}: 2 executors: drain the agent first; if they are gone, move it aside\n"
    assert settled(check) == (False, refused)
    Path(other).rename(f"{other}.old")
    assert settled(check) == (True, "")
    Path(f"{other}.old").rename(other)
    for run in runs:
        (run / "executor.sentinel").touch()
    assert settled(check) == (True, "")


def test_the_agents_own_tasks_are_none_of_another_incarnation(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "work-2")
    agent.register("S0")
    (agent.launch("a") / "pids/forked.pid").write_text("1")
    (tmp_path / "log").mkdir()
    assert agent.settled()[1].endswith("begins, and could not be found again\n")
