"""Bare machines are made hosts by `cdktf-mesos prepare`, and join a cluster: the real command, ssh, apt and systemd."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.host.prepare import CHANGES
from sandbox.hosts import Host, VirtualMachine
from sandbox.project import Project
from sandbox.static import live, removed_afterwards, task_containers
from sandbox.vm import identity
from sandbox.vm.machine import EMULATED_SECONDS
from tests.e2e.conftest import PINS
from tests.e2e.virtual import booted, emulated_project, task_limits

pytestmark = pytest.mark.full

SSHD = "/etc/ssh/sshd_config.d/sandbox.conf"
DAEMON = "/etc/docker/daemon.json"
SECONDS = 2400  # an emulated machine takes minutes to unpack packages


def prepare(project: Project, host: VirtualMachine, *words: str) -> dict[str, Any]:
    """What the command says about the machine, as its user who deploys."""
    options = [word for option in host.ssh_opts for word in ("--ssh-option", option)]
    login = host.ssh_engine.removeprefix("ssh://")
    words = (login, "--json", "--timeout", str(SECONDS), *options, *words)
    done = project.operate("prepare", *words, check=False, seconds=2 * SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = json.loads(done.stdout)
    return dict(found)


def engine(host: VirtualMachine) -> str:
    """The process of the engine, and since when its unit is active."""
    return host.run("systemctl", "show", "--property=MainPID,ActiveEnterTimestamp", "docker.service")


def everything(host: VirtualMachine) -> str:
    """All files that a second run might change."""
    return host.run(
        "sh", "-c", "find /etc /var/lib/cdktf-mesos-host -type f -exec sha256sum {} + | sort", timeout=EMULATED_SECONDS
    )


def lead_to_the_registry(host: VirtualMachine) -> None:
    """Have the new engine pull from the sandbox's registry, as an administrator does with a registry of theirs, and let
    the tests use it without ssh."""
    settings = json.loads(host.run("cat", DAEMON)) | identity.daemon(host.kind)
    host.run("sh", "-c", f"cat > {DAEMON} <<'END'\n{json.dumps(settings)}\nEND")
    host.run("systemctl", "restart", "docker.service", timeout=EMULATED_SECONDS)
    host.run("systemctl", "start", "sandbox-engine.socket")


@pytest.mark.parametrize(("kind", "release"), [("debian12-bare", "20.10."), ("debian13-bare", "26.1.")])
def test_a_bare_machine_is_made_ready_joins_as_an_agent_and_a_second_run_changes_nothing(
    kind: str, release: str, control: list[Host], tmp_path: Path, measured: Callable[[str], None]
) -> None:
    with booted(kind, memory=2048) as host:
        # The sandbox has raised these for itself.
        host.run("sh", "-c", f"sed -i /^Max/d {SSHD} && systemctl reload ssh")
        host.wait_ready()  # for a moment, sshd refuses logins
        project = emulated_project(
            tmp_path,
            "prepared",
            control[:1],
            [host],
            agents={"cpus": 1, "mem_mib": 512, "disk_mib": 1024},
            **PINS,
        )
        planned = prepare(project, host, "--dry-run")["would"]
        assert {"write /etc/ssh/sshd_config.d/10-cdktf-mesos.conf", "make /var/lib/cdktf-mesos"} < set(planned)

        start = time.monotonic()
        done = prepare(project, host, "--yes")
        measured(f"prepare of a {kind}: {time.monotonic() - start:.0f} s")
        assert [each["change"] for each in done["did"]] == planned
        assert done["left"] == []
        assert all(each["undo"] in host.run("cat", CHANGES) for each in done["did"])
        assert host.run("docker", "version", "--format", "{{.Server.Version}}", timeout=EMULATED_SECONDS).startswith(
            release
        )
        assert "maxstartups 100:" in host.run("sshd", "-T")

        lead_to_the_registry(host)
        with removed_afterwards(project, control[:1], [host]):
            checked = project.operate("doctor", "--host", host.name, "--json", check=False)
            assert checked.returncode == 0, checked.stdout + checked.stderr
            project.deploy()
            cluster = live(project, control[:1])
            cluster.wait_until_serving(agents=1)
            cluster.run_app("web", image="busybox:1.35.0", command="exec sleep 100000")
            cluster.wait_for_tasks("web", seconds=EMULATED_SECONDS)
            assert len(task_containers(host)) == 1
            seen, given = task_limits(host)
            assert seen == given

            before = engine(host), everything(host), task_containers(host)
            again = prepare(project, host, "--yes")
            assert (again["would"], again["did"], again["left"]) == ([], [], [])
            assert (engine(host), everything(host), task_containers(host)) == before
