"""Apps on Marathon: deployed with the program, changed by hand, changed, broken and removed; and a framework."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.hosts import Host
from sandbox.images.scheduler import SCHEDULER
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import live, log_of, removed_afterwards, static_project, tasks, versions
from tests.e2e.conftest import PINS

STACK = "apps-5-apps"
SHOP: dict[str, Any] = {
    "id": "/shop",
    "cmd": "exec sleep 100000",
    "cpus": 0.1,
    "mem": 32,
    "instances": 2,
    "env": {"GREETING": 'a "b" ${HOME}'},
    # In the form of old releases: Marathon answers it in another one.
    "ports": [0],
    "container": {"type": "DOCKER", "docker": {"image": "busybox:1.35.0", "network": "HOST"}},
}
WATCH = "apps-marathon-app.shop"
OWN_TASKS = 3
# What runs at first. Then all components are rolled to PINS.
BEFORE: dict[str, Any] = {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0", "marathon_version": "v1.11.23"}


def scheduler(control: Host) -> dict[str, Any]:
    """The settings of the framework."""
    ensemble = f"zk://{control.address}:2181"
    command = f"exec /scheduler/bin/scheduler {ensemble}/mesos {ensemble}/own $PORT0 {OWN_TASKS}"
    return {"id": "/own", "image": SCHEDULER, "command": command, "cpus": 0.1, "mem_mib": 128}


@pytest.fixture(scope="module")
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    apps = {"definitions": [SHOP], "frameworks": [scheduler(control[0])], "wait_seconds": 180}
    project = static_project(tmp_path_factory.mktemp("apps"), "apps", control[:1], agents, apps=apps, **BEFORE)
    with removed_afterwards(project, control[:1], agents):
        project.deploy()
        yield project


@pytest.fixture
def cluster(project: Project, control: list[Host]) -> LiveCluster:
    return live(project, control[:1])


def changes(project: Project) -> dict[str, list[str]]:
    """The planned changes of the apps' stack: the actions by the resource's path without its digest."""
    return {
        change["address"].rpartition("_")[0]: change["change"]["actions"]
        for change in project.plan(stack=STACK).get("resource_changes", [])
        if change["change"]["actions"] != ["no-op"]
    }


def watch(control: list[Host]) -> str:
    """The state of the watch's container."""
    with contextlib.closing(control[0].docker()) as client:
        return str(client.containers.get(WATCH).status)


def own(cluster: LiveCluster) -> dict[str, Any]:
    """The status of the framework that Marathon runs."""
    (task,) = requests.get(f"{cluster.marathon}/v2/apps/own/tasks", timeout=5).json()["tasks"]
    status: dict[str, Any] = requests.get(f"http://{task['host']}:{task['ports'][0]}", timeout=5).json()
    return {**status, "host": task["host"], "ports": task["ports"], "task": task["id"]}


def own_tasks(cluster: LiveCluster) -> dict[str, Any]:
    """The framework's status, once all of its tasks run."""

    def running() -> dict[str, Any] | None:
        status = own(cluster)
        return status if list(status["tasks"].values()) == ["TASK_RUNNING"] * OWN_TASKS else None

    return eventually(running, f"{OWN_TASKS} tasks of the framework")


def test_apps_run_when_the_deploy_has_ended(cluster: LiveCluster, project: Project, control: list[Host]) -> None:
    shop = cluster.apps()["/shop"]
    assert (shop["tasksRunning"], shop["deployments"], shop["env"]) == (2, [], SHOP["env"])
    assert cluster.apps()["/own"]["tasksRunning"] == 1
    assert watch(control) == "running"
    assert changes(project) == {}


def test_a_framework_runs_docker_tasks_of_its_own(cluster: LiveCluster, agents: list[Host]) -> None:
    status = own_tasks(cluster)
    assert status["libprocess"] == [status["host"], str(status["ports"][1])]
    (framework,) = (each for each in cluster.state()["frameworks"] if each["id"] == status["framework"])
    assert sorted(each["id"] for each in framework["tasks"]) == sorted(status["tasks"])
    # Two tasks of the shop, the scheduler, and those that it has started.
    assert len(tasks(agents)) == 2 + 1 + OWN_TASKS


@pytest.mark.full
def test_a_framework_and_its_tasks_survive_a_roll_of_all_components(
    cluster: LiveCluster, project: Project, control: list[Host], agents: list[Host]
) -> None:
    before = own_tasks(cluster), tasks(agents)
    project.change(**PINS)
    project.deploy()
    cluster.wait_until_serving(agents=len(agents))
    for name in ("zookeeper", "mesos", "marathon"):
        container = f"apps-{'master' if name == 'mesos' else name}"
        assert versions(control[:1], container) == [PINS[f"{name}_version"]]
    assert versions(agents, "apps-agent-1") == [PINS["mesos_version"]] * len(agents)
    assert (own_tasks(cluster), tasks(agents)) == before
    assert changes(project) == {}


def test_an_app_that_was_changed_by_hand_is_in_the_plan_and_the_next_deploy_restores_it(
    cluster: LiveCluster, project: Project, control: list[Host]
) -> None:
    # Until it has seen the app as wanted, the watch waits for a deploy.
    eventually(lambda: "/shop: as the program wants it" in log_of(control[0], WATCH), "the watch has seen the app")
    requests.put(f"{cluster.marathon}/v2/apps/shop", json={"instances": 1}, timeout=5).raise_for_status()
    eventually(lambda: watch(control) == "exited", "end of the watch")
    assert changes(project) == {
        "docker_container.apps_shop_watch": ["update"],
        "terraform_data.apps_shop_deployed": ["delete", "create"],
    }
    problems = json.loads(project.operate("status", "--json", check=False).stdout)["problems"]
    assert [
        each for each in problems if "the app was changed, but not by a deploy: instances: wanted 2, found 1" in each
    ]
    assert "/shop" in json.dumps(project.preview())
    project.deploy()
    assert cluster.apps()["/shop"]["instances"] == 2
    assert watch(control) == "running"
    assert changes(project) == {}


@pytest.mark.full
def test_a_changed_definition_changes_the_app_in_place(cluster: LiveCluster, project: Project) -> None:
    before = cluster.apps()["/shop"]["portDefinitions"]
    project.change(apps={"definitions": [{**SHOP, "env": {}, "labels": {"tier": "web"}}]})
    project.deploy()
    shop = cluster.apps()["/shop"]
    assert (shop["env"], shop["labels"], shop["tasksRunning"]) == ({}, {"tier": "web"}, 2)
    assert shop["portDefinitions"] == before
    assert changes(project) == {}


@pytest.mark.full
def test_an_app_that_does_not_run_fails_the_deploy_with_its_last_failure(
    cluster: LiveCluster, project: Project
) -> None:
    before = cluster.apps()["/shop"]
    broken = {**SHOP, "container": {"type": "DOCKER", "docker": {"image": "busybox:none"}}}
    project.change(apps={"definitions": [broken], "wait_seconds": 30})
    code, output = project.cdktf("deploy", "*", "--auto-approve")
    assert code != 0
    assert "/shop: not deployed after" in output
    assert "last failure: TASK_FAILED on" in output
    assert "/shop: the deployment was undone" in output
    eventually(lambda: cluster.apps()["/shop"]["tasksRunning"] == 2, "tasks of the app as it was")
    assert cluster.apps()["/shop"]["container"] == before["container"]


@pytest.mark.full
def test_an_app_that_is_no_longer_in_the_program_is_removed(
    cluster: LiveCluster, project: Project, control: list[Host]
) -> None:
    project.change(apps={"definitions": [], "wait_seconds": 180})
    project.deploy()
    assert set(cluster.apps()) == {"/own"}
    with contextlib.closing(control[0].docker()) as client:
        assert WATCH not in [each.name for each in client.containers.list(all=True)]


def test_destroying_their_stack_removes_all_apps(cluster: LiveCluster, project: Project, agents: list[Host]) -> None:
    framework = own(cluster)["framework"]
    code, output = project.cdktf("destroy", STACK, "--auto-approve")
    assert code == 0, output
    assert cluster.apps() == {}
    # The framework stays registered, in case it comes back, and its tasks go on.
    assert len(tasks(agents)) == OWN_TASKS
    data = {"frameworkId": framework}
    requests.post(f"{cluster.master}/teardown", data=data, timeout=5).raise_for_status()
    eventually(lambda: not tasks(agents), "end of the framework's tasks")
