"""A deploy fails or is disturbed during a roll: nothing is lost, and another deploy repairs the cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import containers, live, removed_afterwards, run_tasks, static_project, tasks, versions
from sandbox.watch import Writer
from tests.e2e.conftest import PINS

# test_roll.py has the fault that CI tests.
pytestmark = pytest.mark.full

# Only the masters' pin changes, which is the shortest roll.
OLD, NEW = ({"masters": {"version": version}} for version in ("1.10.0", "1.11.0"))


@pytest.fixture(scope="module")
def faults(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    pins = {**PINS, "mesos_version": "1.10.0", **OLD}
    project = static_project(tmp_path_factory.mktemp("faults"), "faults", control, agents, **pins)
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


@pytest.fixture
def cluster(faults: Project, control: list[Host], agents: list[Host]) -> Iterator[LiveCluster]:
    """The cluster with the old pins. Checks after the test that no write, task or agent is lost."""
    faults.change(**OLD)
    faults.deploy()
    cluster = run_tasks(live(faults, control), agents)
    before, ids = tasks(agents), cluster.agent_ids()
    with Writer(cluster.zookeeper_connect_string, "/writer") as writer:
        yield cluster
        cluster.wait_until_serving(agents=len(agents))
    assert writer.lost() == set()
    assert tasks(agents) == before
    assert cluster.agent_ids() == ids
    with cluster.zookeeper() as zookeeper:
        zookeeper.delete("/writer", recursive=True)


def test_containers_removed_or_stopped_by_hand_are_restored(
    cluster: LiveCluster, faults: Project, control: list[Host], agents: list[Host]
) -> None:
    before = containers(faults, [*control, *agents])
    control[0].run("docker", "rm", "--force", "faults-master")
    control[1].run("docker", "stop", "faults-zookeeper")
    preview = faults.preview()
    assert [text for text in preview["warnings"] if f"faults-master on {control[0].name} is gone" in text]
    causes = {
        resource["name"]: resource["cause"]
        for stack in preview["stacks"]
        for resource in stack["resources"]
        if resource["kind"] == "container" and resource["action"] != "none"
    }
    assert causes == {"faults-master": "gone", "faults-zookeeper": "stopped"}
    faults.deploy()
    after = containers(faults, [*control, *agents])
    assert {where for where in before if after.get(where) != before[where]} == {(control[0].name, "faults-master")}
    assert control[1].run("docker", "inspect", "--format={{.State.Running}}", "faults-zookeeper") == "true\n"


def test_a_degraded_set_is_changed_only_with_override_preflight(
    cluster: LiveCluster, faults: Project, control: list[Host], agents: list[Host]
) -> None:
    before = containers(faults, [*control, *agents])
    control[2].run("docker", "stop", "faults-master")
    faults.change(**NEW)
    code, output = faults.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "every_other_master_is_healthy" in output[output.index("Error:") :]
    assert containers(faults, [*control, *agents]) == before
    code, output = faults.cdktf("deploy", "*", "--auto-approve", "--var", "override_preflight=true")
    assert code == 0, output
    assert versions(control, "faults-master") == ["1.11.0"] * 3


def test_the_second_of_two_deploys_at_once_finds_the_state_locked(
    cluster: LiveCluster, faults: Project, control: list[Host]
) -> None:
    faults.change(**NEW)
    lock = faults.directory / f".terraform.faults-1-control-{control[0].name}-machine.tfstate.lock.info"
    lock.unlink(missing_ok=True)  # a killed deploy may have left it
    control[0].engine_hang()  # makes the first deploy hold the lock until `engine_resume`
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(faults.deploy)
        eventually(lock.exists, "lock of the first deploy", 240)
        code, output = faults.cdktf("deploy", "*", "--auto-approve")
        control[0].engine_resume()
        first.result()
    assert code != 0
    assert "Error acquiring the state lock" in output
    assert versions(control, "faults-master") == ["1.11.0"] * 3


def test_a_candidate_that_breaks_on_a_later_machine_is_repaired_there_first(
    cluster: LiveCluster, faults: Project, control: list[Host], agents: list[Host], tmp_path: Path
) -> None:
    repository = "mesosphere/mesos-master"
    with contextlib.closing(control[1].docker()) as client:
        # An image that exists is not pulled, so on this machine the new tag is an image that never serves.
        client.images.pull(repository, "1.11.1-rc1").tag(repository, "1.11.0")
    faults.change(**NEW)
    code, output = faults.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert f"({control[1].name}/faults-master)" in output[output.index("Error:") :]
    faults.change(**OLD)
    code, output = faults.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "every_other_master_is_healthy" in output[output.index("Error:") :]
    that_machine = [
        f"faults-1-control-{control[1].name}-*",
        "--ignore-missing-stack-dependencies",
        "--parallelism",
        "1",
    ]
    code, output = faults.cdktf("deploy", *that_machine, "--auto-approve")
    assert code == 0, output
    faults.deploy()
    assert versions(control, "faults-master") == ["1.10.0"] * 3
    control[1].run("docker", "rmi", f"{repository}:1.11.0", f"{repository}:1.11.1-rc1")
