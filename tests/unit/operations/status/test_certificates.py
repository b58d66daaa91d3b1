"""The ends of the members' certificates, in the status."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from click.testing import CliRunner

from cdktf_mesos.operations.commands import cli
from tests.unit.operations.conftest import HOSTS
from tests.unit.operations.engines import Engine

Engines = dict[str, Engine]


def give(engines: Engines, days: dict[str, float]) -> dict[str, str]:
    """Have the master of each machine a certificate that ends in so many days; return when."""
    ends = {}
    for name, number in days.items():
        ends[name] = (datetime.now(timezone.utc) + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        engines[name].containers["prod-master"]["Config"]["Labels"]["cdktf-mesos.certificate-ends"] = ends[name]
    return ends


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CliRunner().invoke(cli, ["status", "--json"]).stdout)
    return found


def test_the_ends_are_shown_the_first_one_first(engines: Engines) -> None:
    ends = give(engines, {"c1": 90, "c2": 90, "c3": 30})
    found = status()
    assert found["problems"] == []
    shown = {each["host"]: each["certificate_ends"] for each in found["members"] if each["role"] == "master"}
    assert shown == ends
    lines = [line for line in CliRunner().invoke(cli, ["status"]).stdout.splitlines() if "Certificates" in line]
    assert lines == [
        f"Certificates end on {ends['c3'][:10]}: prod-master on c3",
        f"Certificates end on {ends['c1'][:10]}: 2 members",
    ]


def test_without_tls_nothing_is_shown(engines: Engines) -> None:
    assert {*HOSTS} == {*engines}
    assert "Certificates" not in CliRunner().invoke(cli, ["status"]).stdout


@pytest.mark.parametrize(("days", "when"), [(13.5, "ends in 13 d"), (-0.5, "has ended")])
def test_one_that_ends_soon_is_a_problem(engines: Engines, days: float, when: str) -> None:
    ends = give(engines, {"c2": days})["c2"]
    assert status()["problems"] == [
        f"prod-master on c2: its certificate {when} ({ends}): replace its files, and deploy"
    ]
