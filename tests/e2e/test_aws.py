"""The AWS platform with the real providers, moto as the API, and hosts of the sandbox as instances."""

from __future__ import annotations

import pytest

from sandbox.aws import AGENTS, BASTION, CONTROL, aws_project
from sandbox.ec2.emulator import Ec2
from sandbox.live import LiveCluster
from sandbox.project import Project
from sandbox.static import TASKS, run_tasks
from tests.e2e.aws_account import check_account, instances
from tests.e2e.conftest import PINS


@pytest.fixture(scope="module")
def cloud(ec2: Ec2, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A cluster with one machine for the control plane and one for an agent. The end of `ec2` removes it."""
    return aws_project(tmp_path_factory.mktemp("aws"), "cloud", ec2, control=1, agents=1, **PINS)


def test_one_deploy_makes_network_machines_and_a_cluster_that_serves(cloud: Project, ec2: Ec2) -> None:
    cloud.deploy()
    assert ec2.failures == []
    cluster = LiveCluster(cloud.outputs("cloud-3-marathon-1-members"))
    run_tasks(cluster, AGENTS[:1])
    assert list(cluster.agent_ids()) == [f"{AGENTS[0].address}:5051"]
    assert len(cluster.tasks("web")) == TASKS
    with cluster.zookeeper() as client:
        client.create("/before", b"the machine was replaced")


def test_the_account_has_what_was_deployed_and_nothing_else(cloud: Project, ec2: Ec2) -> None:
    check_account(ec2, "cloud", CONTROL[:1], AGENTS[:1], BASTION)


@pytest.mark.full
def test_a_machine_of_another_generation_keeps_the_data(cloud: Project, ec2: Ec2) -> None:
    before = instances(ec2)
    cloud.change(platform={"generations": {"control-1": 2}})
    cloud.deploy()
    assert ec2.failures == []
    after = instances(ec2)
    replaced = {name for name, instance in after.items() if instance["InstanceId"] != before[name]["InstanceId"]}
    assert replaced == {"cloud-control-1"}
    cluster = LiveCluster(cloud.outputs("cloud-3-marathon-1-members"))
    with cluster.zookeeper() as client:
        assert client.get("/before")[0] == b"the machine was replaced"
    cluster.wait_until_serving(agents=1)
