"""The machine check stops a deploy at a machine that is unfit for its members, before anything on it changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cdktf_mesos.host.host import DATA_DIR
from sandbox.hosts import Host
from sandbox.project import Project
from sandbox.static import containers, entries, live, log_of, removed_afterwards, static_project
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

# Where a disk of 8 MiB is mounted.
SMALL = "/srv/small"


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = static_project(tmp_path_factory.mktemp("checked"), "checked", control[:1], agents[:1], **PINS)
    with removed_afterwards(project, control[:1], agents[:1]):
        yield project


def log_of_refused_deploy(project: Project, host: Host, role: str) -> str:
    """Deploy, which the machine check must stop; returns the check's log."""
    code, output = project.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "machine_is_ready" in output[output.index("Error:") :]
    return log_of(host, f"checked-preflight-machine-{role}")


def test_an_address_that_no_interface_has_stops_the_deploy_at_that_machine(
    project: Project, control: list[Host], agents: list[Host]
) -> None:
    host = agents[0]
    (right,) = entries([host])
    project.change(platform={"agents": [{**right, "address": "203.0.113.7"}]})
    log = log_of_refused_deploy(project, host, "agent")
    project.change(platform={"agents": [right]})
    found = (
        f"{host.name} (203.0.113.7): address: found {host.address}, wanted 203.0.113.7 on an interface of this machine"
    )
    assert found in log
    assert not containers(project, [host])


def test_a_port_in_use_stops_the_deploy_at_that_machine(
    project: Project, control: list[Host], agents: list[Host]
) -> None:
    host = agents[0]
    client = host.docker()
    listens = ["sh", "-c", "while true; do nc -l -p 5051; done"]
    taken = client.containers.run("busybox:1.35.0", listens, network_mode="host", detach=True)
    log = log_of_refused_deploy(project, host, "agent")
    assert f"{host.name} ({host.address}): port 5051: found a process that listens, wanted it free" in log
    assert not containers(project, [host])
    taken.remove(force=True)
    client.close()
    project.deploy()
    live(project, control[:1]).wait_until_serving(agents=1)


def test_a_disk_that_is_too_full_stops_a_change_until_it_has_room(
    project: Project, control: list[Host], agents: list[Host]
) -> None:
    hosts = [*control[:1], *agents[:1]]
    before = containers(project, hosts)
    project.change(platform={"min_free_mib": 10**9}, mesos_version="1.10.0")
    assert "wanted 1000000000: make room, or a larger disk" in log_of_refused_deploy(project, control[0], "zookeeper")
    assert containers(project, hosts) == before
    hosts[0].run("sh", "-c", f"mkdir {SMALL} && mount -t tmpfs -o size=8m tmpfs {SMALL} && ln -s {SMALL} /srv/link")
    project.change(platform={"min_free_mib": 50, "data_dir": "/srv/link"})
    log = log_of_refused_deploy(project, control[0], "zookeeper")
    hosts[0].run("sh", "-c", f"umount {SMALL} && rm -r {SMALL} /srv/link")
    assert "/srv/link/checked: found 8 MiB free, wanted 50: make room, or a larger disk" in log
    assert containers(project, hosts) == before
    project.change(platform={"min_free_mib": 1, "data_dir": DATA_DIR}, mesos_version=PINS["mesos_version"])
    project.deploy()
    assert containers(project, hosts) == before
