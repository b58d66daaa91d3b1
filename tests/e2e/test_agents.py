from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.framework import Framework, cgroups_roots, command_processes
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.volume_framework import VOLUME, VolumeFramework
from tests.e2e.evidence import assert_unchanged, evidence_of, planned_changes


@pytest.fixture
def one_agent_afterwards(project: Project) -> Iterator[None]:
    yield
    project.change(platform={"pools": []})
    project.deploy()


@pytest.mark.usefixtures("one_agent_afterwards")
def test_two_agents_of_two_versions_share_one_engine_and_leave_each_others_tasks_alone(
    cluster: LiveCluster, project: Project, host: Host
) -> None:
    (first,) = evidence_of(cluster, host).agents.values()
    project.change(platform={"pools": [{"name": "canary", "agents": 1, "first": 2, "version": "1.10.0"}]})
    new = ("e2e-agent-canary-2", "mesosphere/mesos-slave:1.10.0", "mesosphere/mesos:1.10.0")
    assert planned_changes(project.plan()) == {
        **{name: ["create"] for name in new},
        "e2e-old-images": ["delete", "create"],
    }
    project.deploy()
    cluster.wait_until_serving(agents=2)
    assert first in cluster.agent_ids().values()
    assert sorted(each["version"] for each in cluster.state()["slaves"]) == ["1.10.0", "1.11.0"]
    with Framework([cluster.master], 2, docker=False) as framework:
        eventually(framework.all_run, "a command task on each agent")
        processes = command_processes([host])
        assert cgroups_roots(processes) == {"mesos-e2e-agent-1", "mesos-e2e-agent-canary-2"}
        # More instances than one agent has resources for.
        cluster.run_app("wide", image="busybox:1.35.0", command="exec sleep 100000", instances=14)
        tasks = cluster.wait_for_tasks("wide", 14)
        assert len({task["slave_id"] for task in tasks}) == 2
        before = evidence_of(cluster, host)
        client = host.docker()
        for agent in ("e2e-agent-1", "e2e-agent-canary-2"):
            client.containers.get(agent).restart(timeout=10)
        client.close()
        eventually(lambda: cluster.state()["activated_slaves"] == 2, "both agents registered again after their restart")
        cluster.wait_for_tasks("wide", 14)
        assert_unchanged(before, cluster, host)
        assert command_processes([host]) == processes
        assert set(framework.states().values()) == {"TASK_RUNNING"}
    cluster.delete_app("wide")
    eventually(lambda: not cluster.tasks("wide"), "end of the tasks of the app wide")


def test_a_docker_task_finds_what_it_wrote_to_a_persistent_volume_after_its_agent_was_replaced(
    cluster: LiveCluster, project: Project, host: Host
) -> None:
    with VolumeFramework([cluster.master]) as framework:
        eventually(framework.running, f"a task with a volume: {framework.updates}")
        kept = f"/var/lib/cdktf-mesos/e2e/e2e-agent-1/work/volumes/roles/{framework.role}/{VOLUME}/word"
        eventually(
            lambda: host.run("sh", "-c", f"cat {kept} || true") == "kept\n",
            "the word that the task writes to the volume",
        )
        ids, update_count = cluster.agent_ids(), len(framework.updates)
        client = host.docker()
        agent = client.containers.get("e2e-agent-1")
        agent.stop(timeout=25)
        agent.remove()
        client.close()
        project.deploy()
        eventually(lambda: cluster.agent_ids() == ids, "the same agent again")
        assert {update.state for update in framework.updates[update_count:]} <= {"TASK_RUNNING"}, framework.updates
        framework.restart()
        eventually(lambda: framework.running() == ["volume-1"], "another task that reads what the first one wrote")
        assert host.run("cat", kept) == "kept\n"
        mounts = "grep /executors/volume-0/ /proc/mounts || true"
        eventually(lambda: not host.run("sh", "-c", mounts), "end of the first task's mount")
        framework.destroy()


def test_data_agents_and_apps_survive_destroy_and_deploy(cluster: LiveCluster, project: Project, host: Host) -> None:
    before = evidence_of(cluster, host)
    project.destroy()
    client = host.docker()
    assert not client.containers.list(all=True, filters={"name": "^/e2e-"})
    client.close()
    project.deploy()
    assert_unchanged(before, cluster, host)
