"""The scripts that let tasks outlive their agent. The tests run them with bash on a directory like an agent's."""

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

# A task's last update, from its agent and from its executor. Source and reason are the fields 9 and 10 of TaskStatus.
BY_AGENT, BY_EXECUTOR = b"\x08\x03\x48\x01\x50\x0e", b"\x08\x02\x48\x02\x58\x01"


class Agent:
    """An agent's work directory, and the scripts that use it.

    Args:
        folder: a folder for the directory, and for files that an agent has in its container.
        name: name of the directory.
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
        """Make an executor's run whose processes are not in the checkpoint yet."""
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
        process = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        self.processes.append(process)
        (run / "pids/forked.pid").write_text(str(process.pid))
        if not (run / "pids/http.marker").exists():
            (run / "pids/libprocess.pid").write_text("executor(1)@10.0.0.1:5000")
        return process

    def cgroup(self, root: str, container: str) -> None:
        """Make the cgroup of a command task's executor, below a root."""
        (self._folder / "cgroup/freezer" / root / container).mkdir(parents=True)

    def end(self, run: Path, process: subprocess.Popen[bytes], update: bytes) -> None:
        process.kill()
        process.wait()
        (run / "executor.sentinel").touch()
        next(run.glob("tasks/*/task.updates")).write_bytes(update)

    def words(self, words: list[str]) -> list[str]:
        """A container's command, but with the record and the cgroups in the test's folder."""
        own = {
            survival.RECORD: str(self._folder / "before"),
            survival.CGROUPS: str(self._folder / "cgroup"),
            survival.OWN: str(self._folder / "own"),
        }
        return [own.get(word, word) for word in words]

    def settled(self) -> tuple[bool, str]:
        """Whether a preflight lets the agent be replaced, and the reason if it does not."""
        check = survival.replacement_check(str(self.work_dir), "5mins", {})
        assert [mount.read_only for mount in check.mounts] == [True]
        return settled(check)

    def start(self, *program: str, cgroups_root: str | None = None) -> subprocess.Popen[bytes]:
        """Run the entrypoint with this as the agent's program."""
        entrypoint = survival.entrypoint(
            str(self.work_dir), "5mins", cgroups_root, variables_on_v2="MESOS_LAUNCHER=posix", needs_v1=""
        )
        words = self.words(entrypoint)
        container = subprocess.Popen([*words, *program], stderr=subprocess.PIPE, start_new_session=True)
        self.processes.append(container)
        wait_until((self._folder / "before").exists, lambda: "no record", 10)
        return container

    def healthy(
        self, *, ending: int = 0, masters: Sequence[str] = (HERE,), masters_port: int | None = None
    ) -> tuple[bool, str]:
        """Whether the container of an agent that is registered is healthy, and what the health check prints.

        Args:
            ending: how many executors the agent is ending.
            masters: the masters' addresses.
            masters_port: the masters' port; by default that of a master that has the agent registered.
        """
        gauges = metrics(slave__registered="1.0", slave__executors_terminating=f"{ending}.0")
        registered = {"/slaves": f'HTTP/1.1 200 OK\r\n\r\n{{"active":true,"id":"{self._id()}"}}'}
        with answering(gauges) as port, answering(registered) as master_port:
            probe = health.probe(port)
            test = survival.health_test(probe, HERE, str(self.work_dir), masters, masters_port or master_port)
            words = self.words(test[1:])
            result = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
        return result.returncode == 0, result.stdout

    def _id(self) -> str:
        return (self.work_dir / "meta/slaves/latest").resolve().name


def settled(check: HostCheck, *, seconds: int = 3) -> tuple[bool, str]:
    """Whether a check passes in a preflight, and what it prints."""
    script = scripts.joined(ASK, check.script)
    if seconds != 3:
        script = seconds_per_question(script, seconds)
    result = subprocess.run(
        ["bash", "-c", f"{script}\nfind_limit && settled"],
        env={**os.environ, **check.environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return result.returncode == 0, result.stdout


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    agent = Agent(tmp_path)
    yield agent
    for process in agent.processes:
        # With the program that the entrypoint has started.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stderr:
            process.stderr.close()


def test_an_agent_that_never_ran_may_be_replaced(agent: Agent) -> None:
    assert agent.settled() == (True, "")


@pytest.mark.parametrize("http", [False, True])
def test_an_agent_is_not_replaced_until_both_processes_of_each_executor_are_in_its_checkpoint(
    agent: Agent, http: bool
) -> None:
    agent.register("S0")
    run = agent.launch("a", http=http)
    directory = f"{agent.work_dir}/meta/slaves/latest/frameworks/f-1/executors/a/runs/{run.name}"
    reason = f"the executor of {directory} is starting, and a new agent could not find it again\n"
    assert agent.settled() == (False, reason)
    (run / "pids/forked.pid").write_text("1")
    assert agent.settled()[0] is http
    agent.checkpoint(run)
    assert agent.settled() == (True, "")


def test_executors_that_have_ended_or_did_not_register_in_time_do_not_keep_an_agent_from_being_replaced(
    agent: Agent,
) -> None:
    agent.register("S0")
    old, ended = agent.launch("old"), agent.launch("ended")
    os.utime(old, (time.time() - 400, time.time() - 400))
    (ended / "executor.sentinel").touch()
    assert agent.settled() == (True, "")


def test_an_agent_that_gets_the_signal_to_stop_waits_for_a_starting_executor(agent: Agent) -> None:
    agent.register("S0")
    container = agent.start("sleep", "1000")
    run = agent.launch("a")
    container.send_signal(signal.SIGTERM)
    assert container.stderr is not None
    assert container.stderr.readline().startswith(b"cdktf-mesos: ")
    assert container.stderr.readline().startswith(b"waits for the executor of ")
    assert container.poll() is None
    agent.checkpoint(run)
    assert container.wait(timeout=10) == 128 + signal.SIGTERM


def test_an_agent_without_starting_executors_stops_at_once(agent: Agent) -> None:
    container = agent.start("sleep", "1000")
    container.send_signal(signal.SIGTERM)
    assert container.wait(timeout=5) == 128 + signal.SIGTERM


def test_the_entrypoint_exits_with_the_status_of_the_agent(agent: Agent) -> None:
    assert agent.start("bash", "-c", "exit 3").wait(timeout=5) == 3


def test_an_agent_keeps_the_root_of_cgroups_of_running_executors_and_otherwise_uses_its_own(agent: Agent) -> None:
    def root() -> bytes:
        program = ("bash", "-c", "echo ${MESOS_CGROUPS_ROOT-none} >&2")
        return agent.start(*program, cgroups_root="mesos-a").communicate(timeout=5)[1].splitlines()[-1]

    agent.register("S0")
    assert root() == b"mesos-a"
    run = agent.launch("a")
    agent.cgroup("mesos", "run-of-another-agent")
    assert root() == b"mesos-a"
    agent.cgroup("mesos", run.name)
    assert root() == b"mesos"
    (run / "executor.sentinel").touch()
    assert root() == b"mesos-a"


def test_the_entrypoint_leaves_the_root_of_cgroups_to_mesos_if_it_gets_none(agent: Agent) -> None:
    agent.register("S0")
    agent.cgroup("elsewhere", agent.launch("a").name)
    container = agent.start("bash", "-c", "echo ${MESOS_CGROUPS_ROOT-none} >&2")
    assert container.communicate(timeout=5)[1].splitlines()[-1] == b"none"


def test_an_agent_that_has_kept_its_id_and_its_tasks_and_ends_no_executor_is_healthy(agent: Agent) -> None:
    agent.register("S0")
    agent.checkpoint(agent.launch("a"))
    agent.start("sleep", "1000")
    assert agent.healthy() == (True, "")
    assert agent.healthy(ending=1)[0] is False


def test_an_agent_with_another_id_than_before_is_not_healthy(agent: Agent) -> None:
    agent.register("S0")
    agent.start("sleep", "1000")
    agent.register("S1")
    assert agent.healthy() == (False, "the agent's id is S1, but it was S0 before\n")


def test_an_agent_with_its_first_id_is_healthy(agent: Agent) -> None:
    agent.start("sleep", "1000")
    agent.register("S0")
    assert agent.healthy() == (True, "")


def test_an_agent_that_has_lost_a_task_is_not_healthy(agent: Agent) -> None:
    agent.register("S0")
    run = agent.launch("a")
    process = agent.checkpoint(run)
    agent.start("sleep", "1000")
    agent.end(run, process, BY_AGENT)
    directory = f"{agent.work_dir}/meta/slaves/latest/frameworks/f-1/executors/a/runs/{run.name}"
    assert agent.healthy() == (False, f"the agent has lost the executor of {directory}\n")


def test_an_agent_whose_task_ended_by_itself_while_the_agent_was_down_is_healthy(agent: Agent) -> None:
    agent.register("S0")
    run = agent.launch("a")
    process = agent.checkpoint(run)
    agent.start("sleep", "1000")
    agent.end(run, process, BY_EXECUTOR)
    assert agent.healthy() == (True, "")


def test_an_agent_that_was_healthy_stays_healthy_when_it_loses_a_task(agent: Agent) -> None:
    agent.register("S0")
    run = agent.launch("a")
    process = agent.checkpoint(run)
    agent.start("sleep", "1000")
    assert agent.healthy()[0]
    agent.end(run, process, BY_AGENT)
    assert agent.healthy()[0]


# A master's entry for an agent, shortened. The order of the fields differs between releases.
ENTRY = """{"slaves":[{"id":"S0","hostname":"a","port":5051,"attributes":{},"pid":"slave(1)@10.0.0.1:5051","resources":
{"cpus":2.0,"ports":"[31000-31999]"},"reserved_resources":{"web":{"cpus":1.0}},"active":ACTIVE,"version":"1.11.0"}]}"""
SORTED = """{"slaves":[{"active":ACTIVE,"attributes":{},"hostname":"a","id":"S0","resources":{"cpus":2}},
{"active":true,"attributes":{},"hostname":"b","id":"S1","resources":{}}]}"""


DRAINED = """{"slaves":[{"id":"S0","hostname":"a","drain_info":{"state":"DRAINED","config":{"max_grace_period":
{"nanoseconds":1}}},"active":false,"deactivated":ACTIVE}]}"""


@pytest.mark.parametrize("entry", [ENTRY, SORTED, DRAINED])
@pytest.mark.parametrize("active", [True, False])
def test_an_agent_is_not_healthy_until_the_leading_master_lists_it_as_registered(
    agent: Agent, entry: str, active: bool
) -> None:
    agent.register("S0")
    agent.start("sleep", "1000")
    body = entry.replace("ACTIVE", str(active).lower()).replace("\n", "")
    with answering({"/slaves?slave_id=S0 ": f"HTTP/1.1 200 OK\r\n\r\n{body}"}) as port:
        # Nothing listens at the first address.
        masters = ["127.0.0.9", HERE]
        expected = (True, "") if active else (False, "no master lists the agent S0 as registered\n")
        assert agent.healthy(masters=masters, masters_port=port) == expected
    # After the first success, the health check does not ask the masters again.
    assert agent.healthy(masters=masters, masters_port=port)[0] is active


@pytest.mark.parametrize(("status", "is_healthy"), [("401 Unauthorized", True), ("307 Temporary Redirect", False)])
def test_an_agent_whose_masters_require_a_password_passes_without_their_answer(
    agent: Agent, status: str, is_healthy: bool
) -> None:
    agent.register("S0")
    agent.start("sleep", "1000")
    with answering(f"HTTP/1.1 {status}\r\n\r\n") as port:
        assert agent.healthy(masters_port=port)[0] is is_healthy


def test_an_agent_leaves_only_when_it_has_no_tasks(agent: Agent) -> None:
    agent.register("S0")
    check = survival.no_tasks_check(str(agent.work_dir), "127.0.0.1", 9)

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
def test_an_agent_leaves_only_when_its_metrics_show_no_executors(agent: Agent, metric: str, leaves: bool) -> None:
    with answering("HTTP/1.1 200 OK\r\n\r\n{" + metric + ',"x":1}') as port:
        check = survival.no_tasks_check(str(agent.work_dir), "127.0.0.1", port)
        assert settled(check)[0] is leaves


def test_an_agent_that_accepts_connections_but_does_not_answer_does_not_leave(agent: Agent) -> None:
    with answering(None) as port:
        check = survival.no_tasks_check(str(agent.work_dir), "127.0.0.1", port)
        refused = "the agent 127.0.0.1 accepts connections but does not answer: repair it or stop it first\n"
        assert settled(check, seconds=1) == (False, refused)


@pytest.mark.parametrize(("incarnation", "other_incarnation"), [(2, 1), (3, 1), (1, 2), (12, 3)])
def test_an_incarnation_is_refused_while_tasks_of_another_incarnation_are_left(
    tmp_path: Path, incarnation: int, other_incarnation: int
) -> None:
    own, other = (survival.work_dir(str(tmp_path), "agent", each) for each in (incarnation, other_incarnation))
    agent = Agent(Path(other).parent, Path(other).name)
    check = survival.replacement_check(own, "5mins", {})
    assert [(mount.host_path, mount.read_only) for mount in check.mounts] == [(f"{tmp_path}/agent", True)]

    assert settled(check) == (True, "")
    agent.register("S0")
    runs = [agent.launch("a"), agent.launch("b")]
    reason = f"{other} has 2 executors: drain the agent first. If none of them runs any more, rename the directory\n"
    assert settled(check) == (False, reason)
    Path(other).rename(f"{other}.old")
    assert settled(check) == (True, "")
    Path(f"{other}.old").rename(other)
    for run in runs:
        (run / "executor.sentinel").touch()
    assert settled(check) == (True, "")


def test_the_agents_own_tasks_do_not_count_as_tasks_of_another_incarnation(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "work-2")
    agent.register("S0")
    (agent.launch("a") / "pids/forked.pid").write_text("1")
    (tmp_path / "log").mkdir()
    assert agent.settled()[1].endswith("is starting, and a new agent could not find it again\n")
