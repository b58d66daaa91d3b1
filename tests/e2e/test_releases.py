"""A cluster is upgraded through every Mesos release that the sandbox has, while a task keeps running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project
from tests.e2e.conftest import PINS
from tests.e2e.evidence import assert_unchanged, evidence_of

pytestmark = pytest.mark.full

RELEASES = ("1.7.1", "1.8.1", "1.9.0", "1.10.0", "1.11.0")


@pytest.fixture
def project(machines: list[Host], tmp_path: Path) -> Iterator[Project]:
    """A cluster with the oldest release on a separate host."""
    host = machines[0]
    pins = {**PINS, "mesos_version": RELEASES[0]}
    project = Project(
        tmp_path,
        name="releases",
        platform={"engine": host.engine, "address": host.address},
        wait_seconds=60,
        **pins,
    )
    try:
        project.deploy()
        yield project
    finally:
        project.destroy()


def test_a_docker_task_outlives_the_roll_through_all_releases(project: Project, machines: list[Host]) -> None:
    cluster = LiveCluster(project.outputs())
    cluster.wait_until_serving(agents=1)
    cluster.run_app("web", image="busybox:1.35.0", command="exec sleep 100000")
    cluster.wait_for_tasks("web")
    before = evidence_of(cluster, machines[0])
    for release in RELEASES:
        project.change(mesos_version=release)
        project.deploy()
        assert_unchanged(before, cluster, machines[0])
        state = cluster.state()
        assert (state["version"], state["slaves"][0]["version"]) == (release, release)
