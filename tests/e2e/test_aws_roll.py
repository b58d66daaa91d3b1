"""A cluster with 3 + 2 machines on AWS: upgraded by a pin, and its machines replaced, while a client writes."""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest

from sandbox.aws import AGENTS, BASTION, CONTROL, aws_project
from sandbox.ec2.emulator import Ec2
from sandbox.live import LiveCluster
from sandbox.project import ROOT, Project
from sandbox.static import PATIENCE, TASKS, containers, run_tasks, tasks
from sandbox.watch import Writer
from tests.e2e.aws_account import check_account, instances
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def cloud(ec2: Ec2, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A cluster deployed from nothing by one command."""
    project = aws_project(tmp_path_factory.mktemp("aws"), "prod", ec2, **{**PINS, "mesos_version": "1.10.0"})
    project.deploy()
    return project


@pytest.fixture
def cluster(cloud: Project) -> LiveCluster:
    """The cluster, serving, with an app of several tasks."""
    return run_tasks(LiveCluster(cloud.outputs("prod-3-marathon-1-members")), AGENTS)


def test_the_account_has_what_was_deployed_and_nothing_else(cloud: Project, ec2: Ec2) -> None:
    check_account(ec2, "prod", CONTROL, AGENTS, BASTION)


def test_the_preview_shows_what_a_pin_replaces(cloud: Project) -> None:
    before = cloud.settings["mesos_version"]
    cloud.change(mesos_version="1.11.0")
    try:
        preview = cloud.preview()
    finally:
        cloud.change(mesos_version=before)
    assert (preview["complete"], preview["warnings"]) == (True, [])
    changes = [each for stack in preview["stacks"] for each in stack["resources"] if each["action"] != "none"]
    containers = [(each["name"], each["action"]) for each in changes if each["kind"] == "container"]
    assert containers == [("prod-master", "replace")] * len(CONTROL) + [("prod-agent-1", "replace")] * len(AGENTS)


def test_a_pin_is_rolled_through_the_bastion(cluster: LiveCluster, cloud: Project, ec2: Ec2) -> None:
    before, machines = tasks(AGENTS), instances(ec2)
    with Writer(cluster.zookeeper_connect_string, "/rolled") as writer:
        cloud.change(mesos_version="1.11.0")
        cloud.deploy()
    assert len(writer.acknowledged) > 100
    assert not writer.lost()
    assert writer.longest_stall() < PATIENCE
    print(f"\nroll: {len(writer.acknowledged)} writes, longest stall {writer.longest_stall():.1f} s")
    assert tasks(AGENTS) == before
    assert cluster.state()["version"] == "1.11.0"
    assert {name: each["InstanceId"] for name, each in instances(ec2).items()} == {
        name: each["InstanceId"] for name, each in machines.items()
    }


def test_a_machine_is_not_replaced_while_another_zookeeper_server_is_down(
    cluster: LiveCluster, cloud: Project, ec2: Ec2
) -> None:
    before = instances(ec2)["prod-control-2"]["InstanceId"]
    client = CONTROL[2].docker()
    client.containers.get("prod-zookeeper").stop()
    replace(cloud, "control-2", 2)
    code, output = cloud.cdktf("deploy", "*", "--auto-approve")
    client.containers.get("prod-zookeeper").start()
    client.close()
    assert code != 0
    assert f"not every other zookeeper serves: {CONTROL[2].address} does not serve" in " ".join(output.split())
    assert "prod-control-2 is not ended" in " ".join(output.split())
    assert instances(ec2)["prod-control-2"]["InstanceId"] == before


def test_a_replaced_machine_keeps_its_data_and_its_place_in_the_sets(
    cluster: LiveCluster, cloud: Project, ec2: Ec2
) -> None:
    before, machines, others = tasks(AGENTS), instances(ec2), [*CONTROL[:1], *CONTROL[2:], *AGENTS]
    mark = "/var/lib/cdktf-mesos/prod/of-the-machine-before"
    CONTROL[1].run("touch", mark)
    untouched = containers(cloud, others)
    with Writer(cluster.zookeeper_connect_string, "/replaced") as writer:
        replace(cloud, "control-2", 2)
        cloud.deploy()
    assert len(writer.acknowledged) > 100
    assert not writer.lost()
    print(f"\nreplaced: {len(writer.acknowledged)} writes, longest stall {writer.longest_stall():.1f} s")
    after = instances(ec2)
    changed = {name for name, each in after.items() if each["InstanceId"] != machines[name]["InstanceId"]}
    assert changed == {"prod-control-2"}
    # The new machine has the old data volume, so its server did not have to fetch all data from the others.
    CONTROL[1].run("ls", mark)
    assert containers(cloud, others) == untouched
    assert tasks(AGENTS) == before
    assert ec2.failures == []


def test_a_drained_agent_and_its_machine_are_removed_and_a_pool_takes_the_address(
    cluster: LiveCluster, cloud: Project, ec2: Ec2
) -> None:
    machines, before = set(instances(ec2)), tasks(AGENTS)
    assert tasks(AGENTS[:1])
    change_platform(cloud, leaving=["agent-1"])
    code, output = cloud.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "every_other_agent_is_healthy" in output[output.index("Error:") :]
    assert tasks(AGENTS) == before
    # As described in docs/agents.md: only the bastion reaches the masters.
    tunnel = shlex.split(cloud.outputs("prod-0-network-bastion")["tunnel"].replace("-N -D 127.0.0.1:1080 ", ""))
    drain = [*tunnel, f"python3 - {cluster.master} {AGENTS[0].address} --seconds 60"]
    program = (ROOT / "constructs/cdktf_mesos/operations/drain/bare.py").read_text()
    subprocess.run(drain, input=program, text=True, timeout=90, check=True)
    cloud.deploy()
    assert not containers(cloud, AGENTS[:1])
    change_platform(cloud, leaving=[], left=["agent-1"])
    cloud.deploy()
    assert machines - set(instances(ec2)) == {"prod-agent-1"}
    change_platform(cloud, addresses={"canary-1": AGENTS[0].address})
    change_platform(cloud, pools=[{"name": "canary", "agents": 1, "first": 13, "attributes": {"rack": "b"}}])
    cloud.deploy()
    cluster.wait_until_serving(agents=2)
    assert set(instances(ec2)) - machines == {"prod-canary-1"}
    attributes = {each["hostname"]: each["attributes"] for each in cluster.state()["slaves"]}
    assert attributes == {AGENTS[0].address: {"rack": "b"}, AGENTS[1].address: {}}
    cluster.wait_for_tasks("web", TASKS)
    assert ec2.failures == []


def test_destroy_removes_all_machines_and_leaves_snapshots_of_the_data(cloud: Project, ec2: Ec2) -> None:
    cloud.destroy()
    assert instances(ec2) == {}
    api = ec2.client("ec2")
    assert {each["State"] for each in api.describe_volumes()["Volumes"]} <= {"deleted"}
    # Destroy leaves a snapshot of each data volume.
    assert len(api.describe_snapshots(OwnerIds=["self"])["Snapshots"]) >= len(CONTROL) + len(AGENTS)


def replace(project: Project, name: str, generation: int) -> None:
    """Change the settings so that the next deploy replaces the machine."""
    change_platform(project, generations={name: generation})


def change_platform(project: Project, **aws: Any) -> None:
    """Change settings of the platform."""
    project.change(platform=aws)
