"""The sandbox's faults work: full disk, power cut, missing registry. Other tests cover the remaining ones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import docker
import pytest

from sandbox import disk, registry
from sandbox.hosts import Host

FILE = "/var/lib/cdktf-mesos/written-by-test-faults"


@pytest.fixture
def machine(machines: list[Host]) -> Iterator[Host]:
    """A host on which no cluster runs; its faults are undone afterwards."""
    yield machines[0]
    machines[0].end_faults()
    machines[0].run("rm", "-f", FILE)
    registry.ensure_running()


def test_a_full_disk_rejects_writes_and_keeps_its_files(machine: Host) -> None:
    machine.run("sh", "-c", f"echo before > {FILE}")
    machine.disk_full()
    assert machine.disk_is_full
    with pytest.raises(RuntimeError, match="No space left on device"):
        machine.run("dd", "if=/dev/zero", f"of={FILE}.more", "count=1")
    machine.run("sh", "-c", "echo the engine and the logs have another disk > /var/log/test-faults")
    assert machine.run("cat", FILE) == "before\n"
    machine.disk_free()
    assert not machine.disk_is_full
    machine.run("dd", "if=/dev/zero", f"of={FILE}.more", "count=1")
    machine.run("rm", f"{FILE}.more")


def test_the_disk_outlives_a_power_cut_and_its_loop_device_is_freed(machine: Host) -> None:
    machine.run("sh", "-c", f"echo before > {FILE}")
    assert not disk.is_detached(machine.name)
    machine.power_off()
    assert disk.is_detached(machine.name)
    machine.power_on()
    assert machine.run("cat", FILE) == "before\n"


def test_no_image_can_be_pulled_while_the_registry_is_stopped(machine: Host) -> None:
    with contextlib.closing(machine.docker()) as client:
        registry.stop()
        with pytest.raises(docker.errors.APIError):
            client.images.pull("busybox:1.35.0")
        registry.ensure_running()
        assert client.images.pull("busybox:1.35.0").tags == ["busybox:1.35.0"]
