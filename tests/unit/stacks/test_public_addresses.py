from __future__ import annotations

from typing import Any

import pytest

from stacks import Cluster, Local, Machine, Static
from stacks.platforms import Platform
from tests.unit.aws_app import cluster as on_aws
from tests.unit.synthesised import synthesised

PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


def warnings(what: Cluster) -> list[str]:
    return [each for each in synthesised(what).warnings if "public addresses" in each]


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
def test_a_warning_names_machines_that_the_internet_may_reach(platform: Platform, named: str | None) -> None:
    found = warnings(Cluster(name="dev", platform=platform, **PINS))
    assert len(found) == (1 if named else 0)
    if named:
        assert found[0].startswith(f"members listen on public addresses: {named}")


def test_on_aws_there_is_no_such_warning_as_security_groups_are_in_front() -> None:
    assert warnings(on_aws()) == []
