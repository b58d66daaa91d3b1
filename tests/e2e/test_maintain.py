"""`cdktf-mesos maintain` on a real cluster, under tasks and a writer: engine restarts on all machines, and a reboot."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.hosts import Host, VirtualMachine
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import live, removed_afterwards, run_tasks, static_project, tasks
from sandbox.vm.identity import daemon
from sandbox.vm.machine import EMULATED_SECONDS
from sandbox.watch import Writer
from tests.e2e.conftest import PINS
from tests.e2e.orphans import named_by_status
from tests.e2e.virtual import booted, emulated_project

pytestmark = pytest.mark.full

REFUSED, LOCKED = 3, 4
FAULT = [sys.executable, "-m", "sandbox", "fault", "{host}"]
RESTART = shlex.join([*FAULT, "engine-stop"]) + " && " + shlex.join([*FAULT, "engine-start"])


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = static_project(tmp_path_factory.mktemp("maintain"), "maintain", control, agents, **PINS)
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture
def cluster(project: Project, control: list[Host], agents: list[Host]) -> LiveCluster:
    return run_tasks(live(project, control), agents)


def test_all_engines_restart_one_after_another_and_nothing_is_lost(
    cluster: LiveCluster,
    project: Project,
    control: list[Host],
    agents: list[Host],
    measured: Callable[[str], None],
) -> None:
    ids, count = cluster.agent_ids(), len(cluster.tasks("web"))
    started = time.monotonic()
    with Writer(",".join(f"{host.address}:2181" for host in control), "/writer") as writer:
        words = ("--all", "--quiet-seconds", "0", "--", "sh", "-c", RESTART)
        done = project.operate("maintain", *words, seconds=1800)
    measured(f"five engines: {time.monotonic() - started:.0f} s")
    assert writer.lost() == set()
    assert cluster.agent_ids() == ids
    for host in agents:
        assert f"agent {ids[f'{host.address}:5051']} is back under the same id" in done.stdout
    cluster.wait_for_tasks("web", count)
    assert "No machine is locked." in project.operate("lock").stdout


def test_a_set_that_has_lost_a_member_refuses_to_lose_another(
    cluster: LiveCluster, project: Project, control: list[Host]
) -> None:
    control[2].run("docker", "stop", "maintain-master")
    try:
        words = ("--patience-seconds", "5", "--quiet-seconds", "0", "--", "false")
        done = project.operate("maintain", control[0].name, *words, check=False)
    finally:
        control[2].run("docker", "start", "maintain-master")
    assert (done.returncode, "not every other master serves" in done.stderr) == (REFUSED, True), done.stderr
    eventually(lambda: project.operate("status", check=False).returncode == 0, "a cluster that is well", 90)


def test_a_deploy_and_a_maintenance_exclude_each_other(
    cluster: LiveCluster, project: Project, agents: list[Host]
) -> None:
    name = agents[0].name
    count = len(cluster.tasks("web"))
    assert project.operate("maintain", name, "--quiet-seconds", "0").returncode == 0
    cluster.wait_for_tasks("web", count)
    before = tasks(agents[1:])
    project.change(agents={"flags": {"max_completed_executors_per_framework": 20}})
    # Its machine check refuses, so it replaces nothing.
    with pytest.raises(RuntimeError):
        project.deploy()
    assert tasks(agents[1:]) == before
    assert project.operate("lock", "--", "true", check=False).returncode == LOCKED
    project.operate("maintain", "--done")
    project.deploy()
    # Longer than the end of the deploy takes, after the last machine with a change.
    late = project.operate("maintain", name, "--quiet-seconds", "600", "--", "true", check=False)
    assert (late.returncode, "a deploy may be under way" in late.stderr) == (LOCKED, True), late.stderr


def test_a_drain_of_somebody_else_stays_and_a_second_call_is_refused_meanwhile(
    cluster: LiveCluster, project: Project, agents: list[Host]
) -> None:
    agent = agents[0]
    project.operate("drain", cluster.master, agent.address)
    second = shlex.join([sys.executable, "-m", "cdktf_mesos.operations", "maintain", agent.name, "--", "true"])
    words = ("--quiet-seconds", "0", "--", "sh", "-c", f"{second}; test $? = {LOCKED}")
    done = project.operate("maintain", agent.name, *words)
    assert "was drained before, and stays so afterwards" in done.stdout
    states = {each["hostname"]: each.get("drain_info") for each in cluster.state()["slaves"]}
    assert states[agent.address] is not None
    project.operate("drain", cluster.master, agent.address, "--undo")


def process(host: Host, container: str) -> int:
    """The main process of a container."""
    with closing(host.docker(timeout=EMULATED_SECONDS)) as client:
        return int(client.containers.get(container).attrs["State"]["Pid"])


@pytest.fixture(scope="module")
def virtual() -> Iterator[VirtualMachine]:
    with booted("debian13", memory=2048) as found:
        yield found


def test_a_virtual_machine_restarts_its_engine_with_live_restore_and_then_reboots(
    virtual: VirtualMachine, machines: list[Host], tmp_path: Path, measured: Callable[[str], None]
) -> None:
    """Its members live through a restart of the engine with live-restore (Docker docs, live restore)."""
    # The other hosts still have the cluster of the tests above.
    control = machines[:1]
    config = {**daemon(virtual.kind), "live-restore": True}
    virtual.run("sh", "-c", f"echo {shlex.quote(json.dumps(config))} > /etc/docker/daemon.json")
    virtual.run("systemctl", "reload", "docker")
    own = {"cpus": 1, "mem_mib": 512, "disk_mib": 1024}
    project = emulated_project(tmp_path, "maintain-vm", control, [virtual], agents=own, **PINS)
    with removed_afterwards(project, control, [virtual]):
        project.deploy()
        cluster = run_tasks(live(project, control), [virtual], EMULATED_SECONDS)
        ids, count = cluster.agent_ids(), len(cluster.tasks("web"))
        agent, before = process(virtual, "maintain-vm-agent-1"), tasks([virtual])
        waits = ("--quiet-seconds", "0", "--timeout", "120", "--back-seconds", "1500")
        restart = ("{ssh}", "sudo", "systemctl", "restart", "docker.service")
        done = project.operate("maintain", virtual.name, "--keep-tasks", *waits, "--", *restart, seconds=1800)
        assert f"agent {ids[f'{virtual.address}:5051']} is back under the same id" in done.stdout
        assert process(virtual, "maintain-vm-agent-1") == agent
        # Their containers live on, but their executors have lost sight of them: Marathon starts others.
        cluster.wait_for_tasks("web", count, EMULATED_SECONDS)
        assert len(tasks([virtual])) == 2 * count
        eventually(lambda: named_by_status(project) == set(before), "a status that names the old containers", 300)

        before = tasks([virtual])
        started = time.monotonic()
        # The only agent's tasks have nowhere to go: they end, and start again afterwards.
        project.operate("maintain", virtual.name, "--reboots", *waits, "--", *FAULT, "reboot", seconds=1800)
        measured(f"reboot of a virtual machine: {time.monotonic() - started:.0f} s")
        assert cluster.agent_ids() == ids
        cluster.wait_for_tasks("web", count, EMULATED_SECONDS)
        assert not set(before) & set(tasks([virtual]))
