"""Terraform's states of a running cluster are lost: `cdktf-mesos adopt` takes it over, and one roll makes it whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sandbox.hosts import Host
from sandbox.project import Project
from sandbox.static import containers, live, removed_afterwards, run_tasks, static_project, tasks
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def control(machines: list[Host]) -> list[Host]:
    return machines[1:2]


@pytest.fixture(scope="module")
def agents(machines: list[Host]) -> list[Host]:
    return machines[4:5]


@pytest.fixture
def project(control: list[Host], agents: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = static_project(tmp_path_factory.mktemp("adopted"), "adopted", control, agents, **PINS)
    with removed_afterwards(project, control, agents):
        project.deploy()
        yield project


def test_a_cluster_whose_states_are_lost_is_taken_over_and_loses_nothing(
    project: Project, control: list[Host], agents: list[Host]
) -> None:
    here = [*control, *agents]
    cluster = run_tasks(live(project, control), agents)
    running, ids, members = tasks(agents), cluster.agent_ids(), containers(project, here)
    for state in project.directory.glob("terraform.*.tfstate*"):
        state.unlink()

    done = project.operate("adopt", "--yes")
    assert "adopted" in done.stdout
    assert containers(project, here) == members, "adopt changed something on a machine"
    again = json.loads(project.operate("adopt", "--json").stdout)
    known = {each["name"] for each in again["containers"] if each["outcome"] == "in its state"}
    assert {name for _, name in members} <= known
    assert not again["problems"]

    planned = [each for stack in project.preview()["stacks"] for each in stack["resources"]]
    actions = {each["name"]: each["action"] for each in planned if each["kind"] == "container"}
    assert actions == {name: "replace" for _, name in members}
    assert not [each for each in planned if each["action"] == "destroy"]

    project.deploy()
    after = containers(project, here)
    assert set(after) == set(members)
    assert not set(after.values()) & set(members.values())
    cluster.wait_until_serving(agents=len(agents))
    assert tasks(agents) == running
    assert cluster.agent_ids() == ids
    cluster.wait_for_tasks("web", len(running))
    assert not project.preview()["changed"]
