"""Every kind of virtual machine, and their faults."""

from __future__ import annotations

from contextlib import closing
from functools import partial

import pytest

from sandbox.hosts import VirtualMachine
from sandbox.vm.machine import EMULATED_SECONDS
from tests.e2e.virtual import IMAGE, KINDS, booted, check

pytestmark = pytest.mark.full


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "debian13"])
def test_every_kind_is_what_it_says(kind: str) -> None:
    with booted(kind) as host:
        check(host, kind)


def test_containers_and_files_outlive_power_cuts_reboots_and_restarts_of_the_engine() -> None:
    with booted("debian13") as host:
        with closing(host.docker(timeout=EMULATED_SECONDS)) as client:
            kept = client.containers.run(
                IMAGE, ["sleep", "100000"], name="kept", restart_policy={"Name": "always"}, detach=True
            )
        host.run("sh", "-c", "echo kept > /var/lib/cdktf-mesos/file; sync")
        boots = [boot(host)]
        for fault in (host.reboot, partial(cut, host), partial(restart, host)):
            fault()
            boots.append(boot(host))
            with closing(host.docker(timeout=EMULATED_SECONDS)) as client:
                again = client.containers.get("kept")
            assert (again.id, again.status) == (kept.id, "running")
            assert host.run("cat", "/var/lib/cdktf-mesos/file") == "kept\n"
        assert len(set(boots[:3])) == 3
        assert boots[3] == boots[2]


def boot(host: VirtualMachine) -> str:
    """The id of the boot of its kernel."""
    return host.run("cat", "/proc/sys/kernel/random/boot_id")


def cut(host: VirtualMachine) -> None:
    """Cut its power and give it back."""
    host.power_off()
    assert not host.is_on
    host.power_on()


def restart(host: VirtualMachine) -> None:
    """Restart its engine."""
    host.engine_stop()
    assert not host.engine_answers()
    host.engine_start()
