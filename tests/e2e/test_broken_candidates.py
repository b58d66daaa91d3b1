"""A broken release candidate: the deploy fails in limited time and names the component; the old pin repairs it."""

from __future__ import annotations

import re
import time

import pytest

from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import Project
from tests.e2e.conftest import PINS
from tests.e2e.evidence import assert_unchanged, evidence_of, planned_changes

# In CI, test_roll.py shows the same on several machines.
pytestmark = pytest.mark.full

UNHEALTHY = "container failed to be in healthy state"
CANDIDATES = [
    # Starts and never serves: the deploy waits the whole time for its health.
    ("zookeeper_version", "3.9.5-rc1", "(host/e2e-zookeeper)", UNHEALTHY),
    # Ends at once, and Docker restarts it again and again (restart policy): the deploy waits the whole time, too.
    ("mesos_version", "1.11.1-rc2", "(host/e2e-master)", UNHEALTHY),
    # No registry has it.
    ("mesos_version", "1.11.1-rc3", "(host/image-mesosphere-mesos-master-", "unable to pull image"),
    ("marathon_version", "v1.11.25-RC1", "(host/e2e-marathon)", UNHEALTHY),
]


@pytest.mark.parametrize(("variable", "candidate", "component", "reason"), CANDIDATES)
def test_a_broken_candidate_fails_the_deploy_and_the_old_pin_repairs_it(
    cluster: LiveCluster, project: Project, host: Host, variable: str, candidate: str, component: str, reason: str
) -> None:
    before = evidence_of(cluster, host)
    project.change(**{variable: candidate})
    start = time.monotonic()
    code, output = project.cdktf("deploy", "--auto-approve", timeout=240)
    took = time.monotonic() - start
    project.change(**PINS)
    project.deploy()
    assert planned_changes(project.plan()) == {}
    assert_unchanged(before, cluster, host)
    assert code != 0
    found = errors(output)
    assert [error for error in found if reason in error and component in error], found or output
    # 45 s of waiting for health (conftest), stopping containers before that, and cdktf itself.
    assert took < 150


def errors(output: str) -> list[str]:
    """The text after each `Error:`, without cdktf's prefix of each line: the stack's name, or spaces."""
    lines = [re.sub(r"^(e2e)?\s+", "", line) for line in output.splitlines()]
    return " ".join(lines).split("Error: ")[1:]
