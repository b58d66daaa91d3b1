"""The first boot of an EC2 machine with Debian 13 on a virtual machine: real cloud-init, systemd, kernel and engine."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable

import pytest

from cdktf_mesos.aws.cloud_init import PROGRAM, HostSettings, user_data
from sandbox import paths
from sandbox.hosts import VirtualMachine
from sandbox.process import wait_until
from sandbox.vm.machine import EMULATED_SECONDS
from tests.e2e.debian import CLOUD_CONFIGURATION, seed
from tests.e2e.virtual import booted

pytestmark = pytest.mark.full

SECONDS = 2400  # an emulated machine takes minutes to unpack packages
# Instead of Debian's `aws` command, which would search for the service of AWS.
AWS = '#!/bin/sh\necho "$@" > /var/lib/aws\n'
LOG = "/var/log/cloud-init-output.log"


def write(host: VirtualMachine, path: str, text: str, mode: str = "644") -> None:
    host.run(
        "sh", "-c", f"mkdir -p $(dirname /{path}) && printf %s {shlex.quote(text)} > /{path} && chmod {mode} /{path}"
    )


def check(host: VirtualMachine) -> str:
    """What the machine says of itself, to the user who logs in."""
    command = f'{PROGRAM} check "$(date +%s)"; echo "exit code $?"'
    return host.run("runuser", "-u", paths.USER, "--", "sh", "-c", command, timeout=EMULATED_SECONDS)


def cloud_init(host: VirtualMachine) -> str:
    """Its status; before it begins, that is another one than `running`."""
    return (
        host.run("sh", "-c", "cloud-init status || true", timeout=EMULATED_SECONDS)
        .partition("status: ")[2]
        .split("\n")[0]
    )


def test_a_debian_13_machine_is_ready_after_one_boot(measured: Callable[[str], None]) -> None:
    settings = HostSettings(name="vm", key_parameter="/c7/vm/key", region="eu-central-1", login_user=paths.USER)
    with booted("debian13-bare", memory=2048) as host:
        host.run(
            "sh", "-c", "apt-get -q update && apt-get -q -y --no-install-recommends install cloud-init", timeout=SECONDS
        )
        for path, text in {**CLOUD_CONFIGURATION, **seed(user_data(settings))}.items():
            write(host, path, text)
        write(host, "usr/local/bin/aws", AWS, "755")
        host.run("cloud-init", "clean", "--logs", timeout=EMULATED_SECONDS)
        start = time.monotonic()
        host.reboot()
        boot = host.run("cat", "/proc/sys/kernel/random/boot_id")
        wait_until(lambda: cloud_init(host) in ("done", "error"), lambda: host.run("tail", LOG), SECONDS)
        measured(f"Debian 13 from boot to ready: {time.monotonic() - start:.0f} s")

        assert cloud_init(host) == "done", host.run("tail", "-n", "50", LOG)
        ready = check(host)
        assert ready.startswith("vm: ready: Docker 26.1, cgroup v2, ") and ready.endswith("exit code 0\n")
        assert " ssm put-parameter " in f" {host.run('cat', '/var/lib/aws')}"
        assert host.run("cat", "/proc/sys/kernel/random/boot_id") == boot
        assert "unified_cgroup_hierarchy" not in host.run("cat", "/proc/cmdline")
        before = host.run("systemctl", "show", "--property=MainPID,ActiveEnterTimestamp", "docker.service")
        assert host.run(PROGRAM, "prepare", timeout=EMULATED_SECONDS) == "vm: nothing to change\n"
        assert host.run("systemctl", "show", "--property=MainPID,ActiveEnterTimestamp", "docker.service") == before
