"""What survives on every kind of host, and a whole cluster on hosts of several kinds."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from sandbox.framework import COMMAND_SECONDS, Framework
from sandbox.hosts import Host, VirtualMachine
from sandbox.live import LiveCluster, eventually
from sandbox.process import wait_until
from sandbox.project import Project
from sandbox.static import containers, live, poller, removed_afterwards, run_tasks, tasks
from sandbox.vm.machine import EMULATED_SECONDS
from sandbox.watch import Writer
from tests.e2e.conftest import PINS, VIRTUAL
from tests.e2e.virtual import KINDS, booted, emulated_project, task_limits

pytestmark = pytest.mark.full

COUNT = 2
MEMORY = 32  # MiB of each task
# MiB, that an agent adds for its own executor (Mesos, src/slave/constants.hpp, DEFAULT_EXECUTOR_MEM).
EXECUTOR_MEMORY = 32
CANDIDATE = "candidate"
# An executor on an emulated machine with load takes longer to come back to a new agent than Mesos's 2 s.
AGENTS = {"cpus": 1, "mem_mib": 512, "disk_mib": 1024, "flags": {"executor_reregistration_timeout": "15secs"}}


class Tasks:
    """Docker tasks and command tasks on one machine, and what happens to them.

    Args:
        cluster: the cluster.
        host: the machine, the cluster's only one with an agent.
    """

    def __init__(self, cluster: LiveCluster, host: VirtualMachine) -> None:
        self._cluster, self._host = cluster, host

    def ids(self) -> dict[str, str]:
        """The ids of the registered agents."""
        return self._cluster.agent_ids()

    def commands(self) -> list[str]:
        """The processes of the command tasks."""
        return self._host.run(
            "sh", "-c", f"pgrep -fx 'sleep {COMMAND_SECONDS}' || true", timeout=EMULATED_SECONDS
        ).split()

    def _logs(self) -> str:
        """The logs of the agent and of the executors, also of those that have ended."""
        with closing(self._host.docker(timeout=EMULATED_SECONDS)) as client:
            found = client.containers.list(all=True, filters={"name": "agent-1|executor"})
            return "\n".join(f"{each.name}:\n{each.logs(tail=300).decode()}" for each in found)

    def wait_until_run(self, framework: Framework) -> None:
        wait_until(framework.all_run, lambda: f"not all run: {framework.updates}", EMULATED_SECONDS)

    def check_limit(self, cgroups: str) -> None:
        """Check that a Docker task sees the memory limit that its container has."""
        seen, given = task_limits(self._host)
        # With cgroup v1, the agent soon adds the memory of the executor to the limit.
        assert seen - given in ({0} if cgroups == "2" else {0, EXECUTOR_MEMORY << 20})
        assert given >= MEMORY << 20

    def check_unchanged(self, framework: Framework, change: Callable[[], object]) -> None:
        """Check that agent id, task containers and their processes stay the same through a change."""
        before, count = (self.ids(), tasks([self._host])), len(framework.updates)
        assert len(before[1]) == COUNT
        change()
        eventually(lambda: self.ids() == before[0], "the same agent again", EMULATED_SECONDS)
        assert (self.ids(), tasks([self._host])) == before
        lost = [update for update in framework.updates[count:] if update.state != "TASK_RUNNING"]
        assert lost == [], f"{lost}\n{self._logs()}"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "debian12"])
def test_docker_tasks_survive_rolls_and_kills_of_their_agent_on_every_kind_of_host(
    kind: str, control: list[Host], tmp_path: Path, measured: Callable[[str], None]
) -> None:
    cgroups, _, _ = KINDS[kind]
    with booted(kind, memory=2048) as host:
        pins = {**PINS, "agents": {**AGENTS, "version": "1.9.0"}}
        project = emulated_project(tmp_path, "today", control[:1], [host], **pins)
        with removed_afterwards(project, control[:1], [host]):
            project.deploy()
            cluster = live(project, control[:1])
            cluster.wait_until_serving(agents=1, seconds=EMULATED_SECONDS)
            all_tasks = Tasks(cluster, host)
            with (
                Framework([cluster.master], COUNT, mem=MEMORY) as docker,
                Framework([cluster.master], COUNT, mem=MEMORY, docker=False) as command,
            ):
                all_tasks.wait_until_run(docker)
                all_tasks.check_limit(cgroups)
                all_tasks.wait_until_run(command)
                commands = all_tasks.commands()
                assert len(commands) == COUNT
                for version in ("1.10.0", "1.11.0"):
                    all_tasks.check_unchanged(docker, partial(roll, project, version))
                    assert release(host) == version
                survivors = all_tasks.commands()
                assert survivors == (commands if cgroups == "1" else [])
                all_tasks.check_unchanged(docker, partial(kill_agent, host))
                ids, count = all_tasks.ids(), len(docker.updates)
                host.reboot()
                eventually(lambda: all_tasks.ids() == ids, "the agent after a reboot, with its id", EMULATED_SECONDS)
                wait_until(
                    lambda: len({update.task for update in docker.updates[count:]}) == COUNT,
                    lambda: f"no end of each task: {docker.updates[count:]}",
                    EMULATED_SECONDS,
                )
                ends = {update.state for update in docker.updates[count:]}
                assert ends <= {"TASK_FAILED", "TASK_LOST", "TASK_KILLED", "TASK_FINISHED"}
            with Framework([cluster.master], COUNT, mem=MEMORY) as again:
                all_tasks.wait_until_run(again)
            measured(
                f"{kind}: docker tasks keep their limit and survive 1.9.0 -> 1.10.0 -> 1.11.0 and a killed agent; "
                f"command tasks run, {len(survivors)} of {COUNT} survive a roll; a reboot ends tasks with "
                f"{', '.join(sorted(ends))}, the agent keeps its id, and new tasks run"
            )


def test_a_cluster_on_hosts_of_several_kinds_is_rolled_without_loss(
    control: list[Host], agents: list[Host], tmp_path: Path, measured: Callable[[str], None]
) -> None:
    with booted("debian13", 3072) as master, booted("forky-29", 2048, VIRTUAL + 1) as worker:
        members, workers = [control[0], master, control[1]], [agents[0], worker]
        pins = {**PINS, "zookeeper_version": "3.8.4", "mesos_version": "1.10.0", "agents": AGENTS}
        project = emulated_project(tmp_path, "mixed", members, workers, **pins)
        with removed_afterwards(project, members, workers):
            project.deploy()
            cluster = run_tasks(live(project, members), workers, EMULATED_SECONDS)
            before, ids = tasks(workers), cluster.agent_ids()
            project.change(zookeeper_version="3.9.4", mesos_version="1.11.0")
            with Writer(cluster.zookeeper_connect_string, "/writer") as writer, poller(members, workers) as watched:
                start = time.monotonic()
                project.deploy()
                took = time.monotonic() - start
                cluster.wait_until_serving(agents=len(workers), seconds=EMULATED_SECONDS)
            measured(
                f"cgroup v1 and v2, engines 20.10, 26.1 and 29, rolled in {took:.0f} s: {len(writer.acknowledged)} "
                f"writes acknowledged, longest stall {writer.longest_stall():.1f} s, "
                f"longest without a leading master {watched.longest_without_leader('master'):.1f} s"
            )
            assert len(writer.acknowledged) > 100
            assert writer.lost() == set()
            assert watched.fewest("master") >= 2
            assert cluster.state()["version"] == "1.11.0"
            assert (tasks(workers), cluster.agent_ids()) == (before, ids)


def test_what_a_host_cannot_run_is_refused_before_anything_changes(control: list[Host], tmp_path: Path) -> None:
    with booted("forky-29", memory=2048) as host:
        pins = {**PINS, "agents": AGENTS}
        project = emulated_project(tmp_path, "today", control[:1], [host], **pins)
        with removed_afterwards(project, control[:1], [host]):
            project.deploy()
            before = containers(project, [*control[:1], host])
            # Terraform waits for a check that refuses as for one that is slow.
            project.change(agents={"isolation": "cgroups/mem"}, platform={"preflight_seconds": 180})
            found = f"{host.name} ({host.address}): cgroups: found version 2, wanted version 1 for"
            assert f"{found} isolation=cgroups/mem: " in log_of_refused_deploy(project, host)
            tag_candidate(host)
            project.change(agents={"isolation": None, "version": CANDIDATE, "release": "1.4.0"})
            assert f"{found} Docker tasks of Mesos 1.4.0: " in log_of_refused_deploy(project, host)
            project.change(agents={"version": "1.10.0", "release": None})
            accept_only(host, "1.44")
            log = log_of_refused_deploy(project, host)
            accept_only(host, "1.40")
            for user, image in (("agents", "mesosphere/mesos-slave"), ("executors", "mesosphere/mesos")):
                line = f"{host.name} ({host.address}): docker command of {user} in {image}:1.10.0: found "
                assert line in log
            assert containers(project, [*control[:1], host]) == before


def log_of_refused_deploy(project: Project, host: Host) -> str:
    """Deploy, which the machine check must stop; returns the check's log."""
    code, output = project.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "machine_is_ready" in output[output.index("Error:") :]
    # Not by the client of Python's tests, whose API is 1.41.
    return host.run("docker", "logs", "today-preflight-machine-agent", timeout=EMULATED_SECONDS)


def tag_candidate(host: Host) -> None:
    """Give the agent's images on this host another tag, of which nobody can tell the release."""
    for repository in ("mesosphere/mesos-slave", "mesosphere/mesos"):
        given = f"{repository}:{PINS['mesos_version']}"
        host.run("docker", "tag", given, f"{repository}:{CANDIDATE}", timeout=EMULATED_SECONDS)


def accept_only(host: Host, api: str) -> None:
    """Let the engine refuse commands before this version of its API, as engines from 29.0 to 29.2 do."""
    path = "/etc/docker/daemon.json"
    settings = json.loads(host.run("cat", path))
    text = json.dumps({**settings, "min-api-version": api})
    host.run("sh", "-c", f"echo {shlex.quote(text)} > {path} && systemctl restart docker", timeout=EMULATED_SECONDS)


def roll(project: Project, version: str) -> None:
    """Deploy another release of the agent."""
    project.change(agents={"version": version})
    project.deploy()


def release(host: Host) -> str:
    """The release of the agent that runs on this host."""
    with closing(host.docker(timeout=EMULATED_SECONDS)) as client:
        return str(client.containers.get("today-agent-1").labels["cdktf-mesos.version"])


def kill_agent(host: Host) -> None:
    """Kill the agent by SIGKILL, and start it again."""
    with closing(host.docker(timeout=EMULATED_SECONDS)) as client:
        agent = client.containers.get("today-agent-1")
        agent.kill()
        agent.start()
        eventually(
            lambda: client.containers.get("today-agent-1").attrs["State"]["Health"]["Status"] == "healthy",
            "healthy agent",
            EMULATED_SECONDS,
        )
