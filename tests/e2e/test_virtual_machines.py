"""A virtual machine as a host: Debian 13 with its own kernel, init system and engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.hosts import Host, VirtualMachine
from sandbox.process import run
from sandbox.static import live, removed_afterwards, task_containers
from tests.e2e.conftest import PINS
from tests.e2e.virtual import IMAGE, booted, check, emulated_project, task_limits

TASK_MEMORY = 32 << 20  # bytes, as `run_app` asks for


@pytest.fixture(scope="module")
def debian13() -> Iterator[VirtualMachine]:
    """A machine as an agent's, new."""
    with booted("debian13", memory=2048) as host:
        yield host


def test_a_debian_13_machine_runs_systemd_and_its_engine_limits_a_container(debian13: VirtualMachine) -> None:
    check(debian13, "debian13")
    assert debian13.run("stat", "--file-system", "--format", "%T", "/sys/fs/cgroup").strip() == "cgroup2fs"
    assert debian13.run("cat", "/proc/1/comm").strip() == "systemd"
    login = ["ssh", *debian13.ssh_opts, debian13.ssh_engine.removeprefix("ssh://")]
    assert run(*login, "docker", "ps", "--all", "--quiet", timeout=120) == ""


def test_a_debian_13_machine_joins_as_an_agent_and_a_task_sees_its_limit(
    debian13: VirtualMachine, apart: Host, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    project = emulated_project(
        tmp_path,
        "virtual",
        [apart],
        [debian13],
        agents={"cpus": 1, "mem_mib": 512, "disk_mib": 1024},
        **PINS,
    )
    with removed_afterwards(project, [apart], [debian13]):
        start = time.monotonic()
        project.deploy()
        measured(f"deploy with an agent on a virtual machine: {time.monotonic() - start:.0f} s")
        cluster = live(project, [apart])
        cluster.wait_until_serving(agents=1)
        cluster.run_app("web", image=IMAGE, command="exec sleep 100000")
        cluster.wait_for_tasks("web", seconds=240)
        assert len(task_containers(debian13)) == 1
        seen, given = task_limits(debian13)
        assert seen == given
        assert given >= TASK_MEMORY
