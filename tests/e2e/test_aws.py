"""The AWS platform: the real providers, EC2 by moto, and hosts of the sandbox where its instances would be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from sandbox import images, machine
from sandbox.aws import AGENTS, aws_project
from sandbox.ec2.emulator import Ec2
from sandbox.live import LiveCluster
from sandbox.project import Project
from sandbox.static import TASKS, run_tasks
from tests.e2e.conftest import PINS


@pytest.fixture(scope="module")
def ec2() -> Iterator[Ec2]:
    """An AWS of the tests' own; no instance outlives it."""
    reason = machine.unavailable()
    if reason:
        pytest.skip(f"no sandbox on this machine: {reason}")
    images.ensure()
    with Ec2() as ec2:
        yield ec2


@pytest.fixture(scope="module")
def cloud(ec2: Ec2, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A cluster of one machine for the control plane and one for an agent, from nothing by one command."""
    project = aws_project(tmp_path_factory.mktemp("aws"), "cloud", ec2, control=1, agents=1, **PINS)
    yield project
    with suppress(RuntimeError):
        project.destroy()


def test_one_deploy_makes_network_machines_and_a_cluster_that_serves(cloud: Project, ec2: Ec2) -> None:
    cloud.deploy()
    assert ec2.failures == []
    cluster = LiveCluster(cloud.outputs("cloud-3-marathon-1-members"))
    run_tasks(cluster, AGENTS[:1])
    assert list(cluster.agent_ids()) == [f"{AGENTS[0].address}:5051"]
    assert len(cluster.tasks("web")) == TASKS
    with cluster.zookeeper() as client:
        client.create("/before", b"the machine was replaced")


def test_a_machine_of_another_generation_has_the_data_of_the_one_before(cloud: Project, ec2: Ec2) -> None:
    before = instances(ec2)
    cloud.change(aws={**cloud.settings["aws"], "generations": {"control-1": 2}})
    cloud.deploy()
    assert ec2.failures == []
    after = instances(ec2)
    assert after["cloud-control-1"] != before["cloud-control-1"]
    assert {**after, "cloud-control-1": ""} == {**before, "cloud-control-1": ""}
    cluster = LiveCluster(cloud.outputs("cloud-3-marathon-1-members"))
    with cluster.zookeeper() as client:
        assert client.get("/before")[0] == b"the machine was replaced"
    cluster.wait_until_serving(agents=1)


def instances(ec2: Ec2) -> dict[str, str]:
    """The ids of the instances that run, by name."""
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    found = ec2.client("ec2").describe_instances(Filters=running)["Reservations"]
    return {
        next(tag["Value"] for tag in instance["Tags"] if tag["Key"] == "Name"): instance["InstanceId"]
        for reservation in found
        for instance in reservation["Instances"]
    }
