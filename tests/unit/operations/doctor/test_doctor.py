from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.operations.commands import cli
from tests.unit.operations.engines import Engine

Engines = dict[str, Engine]
AGENT, EXECUTOR, ZOOKEEPER = "mesosphere/mesos-slave:1.11.0", "mesosphere/mesos:1.11.0", "zookeeper:3.9.4"
LINE = "a1 (10.0.0.21): port 5051: found somebody who listens, wanted it free, for prod-agent-1: ss -ltnp says who"


def doctor(*words: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", "--no-synth", *words])


@pytest.fixture(autouse=True)
def nothing_is_deployed(project: Path) -> None:
    for path in project.glob("*.tfstate"):
        path.unlink()


def test_machines_that_are_well_are_told_with_their_engines(engines: Engines) -> None:
    result = doctor()
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines == [["machine", "engine", "what", "was", "found"]] + [
        [name, "20.10.24", "well"] for name in ("c1", "c2", "c3", "a1", "a2")
    ]


def test_a_machine_is_checked_as_before_a_deploy_and_nothing_stays_there(engines: Engines) -> None:
    engine = engines["a1"]
    before = dict(engine.containers)
    assert doctor("--host", "a1").exit_code == 0
    (created,) = engine.created
    assert created["Image"] == AGENT
    assert created["Entrypoint"][:2] == ["bash", "-c"] and created["Entrypoint"][3:] == ["machine-check", "0"]
    assert "${limit[@]}" in created["Entrypoint"][2] and "$${" not in created["Entrypoint"][2]
    assert {"NAME=a1", "ADDRESS=10.0.0.21", "AGENT=yes", "OVERRIDE=false"} <= set(created["Env"])
    (commands,) = (each for each in created["Env"] if each.startswith("DOCKER_COMMANDS="))
    assert [line.split()[1] for line in commands.splitlines()] == [AGENT, EXECUTOR]
    assert created["HostConfig"]["Binds"] == ["/:/host:ro"]
    assert (created["HostConfig"]["NetworkMode"], created["User"]) == ("host", "0:0")
    assert (engine.containers, engine.images) == (before, set())
    assert not engines["c1"].created


def test_an_image_that_the_engine_has_stays_and_one_that_was_pulled_if_that_is_wanted(engines: Engines) -> None:
    engines["a1"].images |= {AGENT, EXECUTOR}
    assert doctor("--host", "a1").exit_code == 0
    assert engines["a1"].images == {AGENT, EXECUTOR}
    assert "POST /images/create" not in engines["a1"].calls
    assert doctor("--host", "a2", "--keep-images").exit_code == 0
    assert engines["a2"].images == {AGENT, EXECUTOR}


def test_a_machine_of_two_phases_has_both_checks(engines: Engines) -> None:
    assert doctor("--host", "c1").exit_code == 0
    assert sorted(each["Image"] for each in engines["c1"].created) == ["mesosphere/marathon:v1.11.24", ZOOKEEPER]


def test_all_findings_of_all_machines_are_shown(engines: Engines) -> None:
    engines["a1"].check = (1, f"{LINE}\na1 (10.0.0.21): clock: found 9 s from 10.0.0.11\n")
    engines["c1"].check = (1, "c1 (10.0.0.11): address: found 10.0.0.99\n")
    engines["a2"].check = (0, "a2 (10.0.0.22): no docker command on the machine reaches its engine\n")
    result = doctor()
    assert result.exit_code == 2
    for line in ("port 5051: found somebody who listens", "clock: found 9 s", "address: found 10.0.0.99"):
        assert result.stdout.count(line) == 1
    assert "no docker command" in result.stdout
    assert result.stdout.count("well") == 2


@pytest.mark.usefixtures("over_ssh")
def test_a_machine_that_cannot_be_reached_is_a_line(engines: Engines, project: Path) -> None:
    (project / "10.0.0.21").unlink()
    result = doctor("--json", "--host", "a1", "--host", "a2")
    assert result.exit_code == 1
    away, there = json.loads(result.stdout)
    assert away["machine"] == "a1" and away["error"].endswith("No route to host")
    assert there == {"machine": "a2", "engine": "20.10.24", "checks": 1, "findings": [], "notes": []}


def test_a_machine_that_is_not_in_the_program_is_refused_with_those_that_are(engines: Engines) -> None:
    result = doctor("--host", "a9")
    assert result.exit_code == 1
    assert result.stderr == "doctor: --host a9: no such machine; there are a1, a2, c1, c2, c3\n"


def test_a_check_that_says_nothing_is_a_finding(engines: Engines) -> None:
    engines["a1"].check = (125, "")
    result = doctor("--host", "a1")
    assert result.exit_code == 2
    assert "the check ended with exit code 125, and printed nothing" in result.stdout
