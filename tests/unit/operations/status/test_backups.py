"""The containers that make backups by a timer, in the status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cdktf_mesos.operations.commands import cli
from tests.unit.operations.engines import Engine

NAME, LABELS = "prod-backups", {"cdktf-mesos.backups": "/srv/backups"}


@pytest.fixture
def engine(engines: dict[str, Engine], project: Path) -> Engine:
    """The engine of c1, in a program that has this timer there."""
    path = project / "cdktf.out/stacks/prod-1-control-c1-members/cdk.tf.json"
    document = json.loads(path.read_text())
    document["resource"]["docker_container"]["backups"] = {"name": NAME, "provider": "docker.c1"}
    path.write_text(json.dumps(document))
    return engines["c1"]


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CliRunner().invoke(cli, ["status", "--json"]).stdout)
    return found


def test_the_age_of_the_last_good_backup_is_shown(engine: Engine) -> None:
    engine.run(NAME, labels=LABELS, output="the last good backup is prod-c1-20260101T065000Z.tar.gz\n")
    found = status()
    assert found["backups"] == [{"host": "c1", "container": NAME, "last": "2026-01-01T06:50:00Z"}]
    assert found["problems"] == []
    lines = CliRunner().invoke(cli, ["status"]).stdout.splitlines()
    assert [line for line in lines if line.startswith("Last good backup of c1: ") and line.endswith(" d ago")]


def test_before_the_first_backup_there_is_none(engine: Engine) -> None:
    engine.run(NAME, labels=LABELS, health="starting", output="there is no backup yet\n")
    assert (status()["backups"][0]["last"], status()["problems"]) == (None, [])
    assert "Last good backup of c1: none yet" in CliRunner().invoke(cli, ["status"]).stdout


def test_a_backup_that_is_too_old_is_a_problem(engine: Engine) -> None:
    output = "no good backup for more than 125 min; the last one is prod-c1-20260101T065000Z.tar.gz"
    engine.run(NAME, labels=LABELS, health="unhealthy", output=output)
    assert status()["problems"] == [f"{NAME} on c1: {output}"]


def test_a_timer_that_does_not_run_is_a_problem(engine: Engine) -> None:
    engine.run(NAME, labels=LABELS, state="exited", output="")
    assert status()["problems"] == [f"{NAME} on c1 is exited, so it makes no backups"]
