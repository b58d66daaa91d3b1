from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.cdk import App, TerraformStack
from stacks import Cluster, Local, Machine, Static, add_cluster
from stacks.platforms import Platform
from tests.unit.aws_app import cluster as on_aws

PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


def warnings(app: App) -> list[str]:
    stacks = [child for child in app.node.children if isinstance(child, TerraformStack)]
    found = [entry for stack in stacks for each in stack.node.find_all() for entry in each.node.metadata]
    return [str(entry.data) for entry in found if "warn" in entry.type and "public addresses" in str(entry.data)]


@pytest.mark.parametrize(
    ("platform", "named"),
    [
        (Static(control_plane=[Machine("c1", "9.9.9.9", "ssh://ops@9.9.9.9")]), "9.9.9.9."),
        (
            Static(
                control_plane=[Machine("c1", "10.20.30.11", "ssh://ops@10.20.30.11")],
                agents=[Machine(f"a{n}", f"9.9.9.{n}", f"ssh://ops@9.9.9.{n}") for n in (10, 2)],
            ),
            "9.9.9.2, 9.9.9.10.",
        ),
        (Local(address="9.9.9.9"), "9.9.9.9."),
        (Static(control_plane=[Machine("c1", "192.168.1.11", "ssh://ops@192.168.1.11")]), None),
        (Local(), None),
    ],
)
def test_a_warning_names_machines_that_the_internet_may_reach(app: App, platform: Platform, named: str | None) -> None:
    add_cluster(app, Cluster(name="dev", platform=platform, **PINS))
    found = warnings(app)
    assert len(found) == (1 if named else 0)
    if named:
        assert found[0].startswith(f"members listen on public addresses: {named}")


def test_on_aws_there_is_no_such_warning_as_security_groups_are_in_front(app: App) -> None:
    add_cluster(app, on_aws())
    assert warnings(app) == []
