"""Members whose health is checked from outside, by a gate container: for images without a shell."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project
from tests.e2e.conftest import PINS
from tests.e2e.evidence import planned_changes

pytestmark = pytest.mark.full


@pytest.fixture
def project(machines: list[Host], tmp_path: Path) -> Iterator[Project]:
    """A cluster without agents on a separate host."""
    host = machines[0]
    gate = f"zookeeper:{PINS['zookeeper_version']}"
    project = Project(
        tmp_path,
        name="gated",
        platform={"engine": host.engine, "address": host.address, "agents": 0},
        wait_seconds=45,
        gate_image=gate,
        **PINS,
    )
    try:
        project.deploy()
        yield project
    finally:
        project.destroy()
        host.run("rm", "-rf", "/var/lib/cdktf-mesos/gated")


def test_a_gate_waits_until_a_member_serves_and_stops_a_deploy_whose_member_never_does(
    project: Project, machines: list[Host]
) -> None:
    cluster = LiveCluster(project.outputs())
    cluster.wait_until_serving(agents=0)
    with contextlib.closing(machines[0].docker()) as client:
        for role in ("zookeeper", "master", "marathon"):
            container = client.containers.get(f"gated-{role}")
            assert container.attrs["Config"]["Healthcheck"] == {"Test": ["NONE"]}
            assert "Health" not in container.attrs["State"]
            client.containers.get(f"gated-{role}-gate")
    assert planned_changes(project.plan()) == {}

    project.change(mesos_version="1.10.0")
    project.deploy()
    cluster.wait_until_serving(agents=0)
    assert cluster.state()["version"] == "1.10.0"

    project.change(zookeeper_version="3.9.5-rc1")
    code, output = project.cdktf("deploy", "--auto-approve", timeout=240)
    assert code != 0
    assert "(host/gated-zookeeper-gate)" in output[output.index("Error:") :]
    project.change(zookeeper_version=PINS["zookeeper_version"])
    project.deploy()
    cluster.wait_until_serving(agents=0)
    assert planned_changes(project.plan()) == {}
