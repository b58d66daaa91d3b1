"""A framework's twenty tasks outlive their agents, whatever happens to an agent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from sandbox.framework import Framework, cgroups_roots, command_processes
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.process import wait_until
from sandbox.project import Project
from sandbox.static import live, removed_afterwards, static_project, tasks
from tests.e2e.conftest import PINS

TASKS, COMMANDS = 20, 4


@pytest.fixture(scope="module")
def old(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster whose agents are older than its master, and use the `cgroups_root` of this library's 0.1.0."""
    pins = {**PINS, "agents": {"version": "1.9.0", "flags": {"cgroups_root": "mesos"}}}
    project = static_project(tmp_path_factory.mktemp("survival"), "survival", control[:1], agents, **pins)
    with removed_afterwards(project, control[:1], agents):
        project.deploy()
        yield project


@pytest.fixture(scope="module")
def cluster(old: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    cluster = live(old, control[:1])
    cluster.wait_until_serving(agents=len(agents))
    return cluster


@pytest.fixture(scope="module")
def framework(cluster: LiveCluster, agents: list[Host]) -> Iterator[Framework]:
    """A framework with twenty tasks that have just started, some on each agent."""
    with Framework([cluster.master], TASKS) as framework:
        wait_until(framework.all_run, lambda: f"not all run: {framework.states()}", 120)
        yield framework
    eventually(lambda: not tasks(agents), "end of the framework's tasks")


class Unchanged:
    """Checks that agent ids and the tasks' containers and processes stay the same, with no update but TASK_RUNNING."""

    def __init__(self, cluster: LiveCluster, framework: Framework, agents: list[Host]) -> None:
        self._cluster, self._framework, self._agents = cluster, framework, agents
        eventually(framework.all_run, "all tasks running")
        self._before = (cluster.agent_ids(), tasks(agents))
        assert len(self._before[1]) == TASKS
        self._update_count = len(framework.updates)

    def check(self) -> None:
        eventually(lambda: self._cluster.agent_ids() == self._before[0], "the same agents again", 90)
        assert (self._cluster.agent_ids(), tasks(self._agents)) == self._before
        assert {update.state for update in self._framework.updates[self._update_count :]} <= {"TASK_RUNNING"}
        assert self._framework.all_run()


@pytest.fixture
def unchanged(cluster: LiveCluster, framework: Framework, agents: list[Host]) -> Unchanged:
    return Unchanged(cluster, framework, agents)


def test_all_tasks_survive_rolls_of_their_agents_to_newer_and_older_releases(
    unchanged: Unchanged, old: Project, agents: list[Host], measured: Callable[[str], None]
) -> None:
    for version in ("1.10.0", "1.11.0", "1.10.0"):
        old.change(agents={"version": version})
        started = time.monotonic()
        old.deploy()
        measured(f"agents to {version}: {time.monotonic() - started:.0f} s")
        unchanged.check()
        assert {version_of(host) for host in agents} == {version}


def test_command_tasks_outlive_their_agents_container(cluster: LiveCluster, old: Project, agents: list[Host]) -> None:
    """They need the isolator cgroups/devices, which needs CAP_SYS_ADMIN: without it, no command task starts."""
    with Framework([cluster.master], COMMANDS, docker=False) as framework:
        wait_until(framework.all_run, lambda: f"not all run: {framework.updates}", 60)
        ids, processes, update_count = cluster.agent_ids(), command_processes(agents), len(framework.updates)
        assert len(processes) == COMMANDS
        old.change(agents=None)  # removes its flags, too
        old.change(agents={"version": "1.11.0"})
        old.deploy()
        client = agents[0].docker()
        client.containers.get("survival-agent-1").kill()
        client.containers.get("survival-agent-1").start()
        client.close()
        eventually(lambda: healthy(agents[0]), "healthy agent", 60)
        eventually(lambda: cluster.agent_ids() == ids, "the same agents again", 90)
        assert command_processes(agents) == processes
        assert cgroups_roots(processes) == {"mesos"}
        assert {update.state for update in framework.updates[update_count:]} <= {"TASK_RUNNING"}
        assert framework.all_run()
    eventually(lambda: not command_processes(agents), "end of the command tasks' processes")


def version_of(host: Host) -> str:
    """The release of the agent on this host."""
    client = host.docker()
    label = str(client.containers.get("survival-agent-1").labels["cdktf-mesos.version"])
    client.close()
    return label


@pytest.mark.parametrize("seconds", [0, pytest.param(50, marks=pytest.mark.full)])
def test_all_tasks_survive_when_an_agent_is_killed_and_comes_back(
    unchanged: Unchanged, agents: list[Host], seconds: float
) -> None:
    """By SIGKILL, and for less than the 75 s after which the master removes an agent (Mesos docs, master flags)."""
    client = agents[0].docker()
    agent = client.containers.get("survival-agent-1")
    agent.kill()
    time.sleep(seconds)  # the test is about an agent that is away for this time
    agent.start()
    eventually(lambda: healthy(agents[0]), "healthy agent", 60)
    client.close()
    unchanged.check()


@pytest.mark.full
@pytest.mark.parametrize("what", ["engine", "machine"])
def test_tasks_end_with_their_engine_or_machine_and_the_agent_keeps_its_id(
    cluster: LiveCluster, framework: Framework, agents: list[Host], what: str
) -> None:
    """Docker stops its containers when it stops (Docker docs, live restore); the framework gets an update for each."""
    host, other = agents if what == "engine" else reversed(agents)
    ids, before, here = cluster.agent_ids(), tasks([other]), tasks([host])
    update_count = len(framework.updates)
    if what == "engine":
        host.engine_stop()
        host.engine_start()
    else:
        host.power_off()
        host.power_on()
    eventually(lambda: healthy(host), "healthy agent", 120)
    # The master may answer over a connection that was lost with the machine; the agent retries less and less often.
    wait_until(lambda: cluster.agent_ids() == ids, lambda: f"{ids} became {cluster.agent_ids()}\n{log_of(host)}", 180)
    wait_until(lambda: not tasks([host]), lambda: f"left over: {tasks([host])}", 60)
    assert tasks([other]) == before

    def ended() -> dict[str, str]:
        return {
            update.task: update.state for update in framework.updates[update_count:] if update.state != "TASK_RUNNING"
        }

    # The agent sends the updates after it has registered again, which is also when it gets healthy.
    wait_until(lambda: len(ended()) == len(here), lambda: f"{len(ended())} of {len(here)} ended: {ended()}", 60)
    assert set(ended().values()) <= {"TASK_FAILED", "TASK_LOST"}


def healthy(host: Host) -> bool:
    """Whether the agent on this host is healthy: registered, with the state that it had before."""
    client = host.docker()
    try:
        status = client.containers.get("survival-agent-1").attrs["State"]["Health"]["Status"]
    finally:
        client.close()
    return bool(status == "healthy")


def log_of(host: Host) -> str:
    """The end of the log of the agent on this host."""
    client = host.docker()
    try:
        return str(client.containers.get("survival-agent-1").logs(tail=60).decode())
    finally:
        client.close()
