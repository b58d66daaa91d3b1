from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.operations.commands import cli
from tests.unit.operations.conftest import HOSTS, MESOS, SERVES, agent, state, summary
from tests.unit.operations.engines import Engine

Engines = dict[str, Engine]


def status(*words: str) -> Result:
    return CliRunner().invoke(cli, ["status", *words])


def document() -> tuple[int, dict[str, Any]]:
    result = status("--json")
    return result.exit_code, json.loads(result.stdout)


def problems() -> list[str]:
    """What is not well, where something is."""
    code, found = document()
    assert code == 2
    return list(found["problems"])


def test_a_healthy_cluster_is_well_and_each_member_is_there(engines: Engines) -> None:
    result = status()
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert lines[0] == ["role", "host", "container", "runs", "pinned", "in", "its", "set", "for", "health"]
    assert ["c2", "prod-zookeeper", "3.9.4", "3.9.4", "leader"] in [line[:5] for line in lines]
    assert ["c2", "prod-master", MESOS, MESOS, "leading"] in [line[:5] for line in lines]
    assert ["agent", "a1", "prod-agent-1", MESOS, MESOS, "registered,", "2", "tasks"] in [line[:8] for line in lines]
    assert "Leader of prod/masters: c2" in result.output
    assert result.output.endswith("All is well.\n")


def test_the_document_has_all_of_it(engines: Engines) -> None:
    code, found = document()
    assert (code, found["well"], found["complete"], found["problems"]) == (0, True, True, [])
    assert len(found["members"]) == 11
    master = next(each for each in found["members"] if each["role"] == "master" and each["host"] == "c2")
    assert master == {
        "stack": "prod-1-control-c2-members",
        "host": "c2",
        "set": "prod/masters",
        "role": "master",
        "container": "prod-master",
        "address": "10.0.0.12:5050",
        "pinned": MESOS,
        "in_state": MESOS,
        "running": MESOS,
        "release": MESOS,
        "state": "running",
        "standing": "leading",
        "leads": True,
        "since": "2026-01-01T10:00:00.123456789Z",
        "restarts": 0,
        "health": "healthy",
        "tasks": None,
        "certificate_ends": None,
    }
    assert found["leaders"]["prod/zookeeper"] == ["c2"]
    assert [(each["address"], each["state"], each["tasks"]) for each in found["agents"]] == [
        ("10.0.0.21:5051", "active", 2),
        ("10.0.0.22:5051", "active", 0),
    ]
    assert {(each["name"], each["version"]) for each in found["hosts"]} == {(name, "20.10.24") for name in HOSTS}


@pytest.mark.usefixtures("over_ssh")
def test_engines_are_reached_with_the_options_of_the_deploy(engines: Engines, project: Path) -> None:
    assert status().exit_code == 0
    words = (project / "words").read_text().splitlines()
    assert all("-o BatchMode=yes -o StrictHostKeyChecking=yes" in line and "ControlPath=~/" in line for line in words)
    assert all(line.endswith(f"-l ops -T -- {line.split()[-4]} docker system dial-stdio") for line in words)


def test_a_member_that_is_down_is_named(engines: Engines) -> None:
    engines["c1"].member("prod-zookeeper", "zookeeper", "3.9.4", state="exited", exit_code=137)
    (text,) = problems()
    assert text == "prod-zookeeper on c1 does not run: its container is exited, exit code 137"


def test_a_member_that_is_not_healthy_is_named_with_what_its_check_said(engines: Engines) -> None:
    engines["c1"].containers["prod-master"]["State"]["Health"] = {
        "Status": "unhealthy",
        "Log": [{"Output": "a\nwhy\n"}],
    }
    assert problems() == ["prod-master on c1 is unhealthy: why"]


def test_a_member_that_does_not_serve_is_named_before_its_health_check_has_found_out(engines: Engines) -> None:
    engines["c1"].printed["prod-master"] = "listens=no\n"
    assert problems() == ["prod-master on c1 does not serve: nothing listens on 10.0.0.11:5050"]


def test_a_half_finished_roll_names_the_members_that_it_has_not_come_to(engines: Engines, project: Path) -> None:
    for name in ("a1", "a2"):
        engines[name].member("prod-agent-1", "agent", "1.10.0", f"{SERVES}standing=registered\n")
        state(project, f"prod-2-agent-{name}-members", agent="1.10.0")
    assert problems() == [
        f"prod-agent-1 on {name} has 1.10.0, pinned is 1.11.0: the roll has not come to prod-2-agent-{name}-members"
        for name in ("a1", "a2")
    ]


def test_a_check_that_refused_is_named_with_its_reason(engines: Engines) -> None:
    labels = {"cdktf-mesos.of": "1.11.0 abc"}
    output = "not every other master serves: 10.0.0.12 does not serve\n"
    engines["c3"].run("prod-preflight-master", state="exited", health="", exit_code=1, output=output, labels=labels)
    engines["c2"].run("prod-preflight-master", state="exited", health="", labels=labels)
    engines["c1"].run("prod-preflight-zookeeper", health="starting", labels=labels)
    engines["c1"].run("another-projects", state="exited", health="", exit_code=1, labels=labels)
    engines["c1"].run("prod-preflight-master", health="healthy", labels=labels)
    engines["c1"].run("prod-preflight-images-zookeeper", health="", labels=labels)
    assert problems() == [
        "prod-preflight-zookeeper on c1 runs: a deploy is under way, or was broken off",
        "prod-preflight-master on c3 refused: not every other master serves: 10.0.0.12 does not serve",
    ]


def test_a_container_that_is_missing_is_told_from_one_that_is_not_deployed_yet(engines: Engines, project: Path) -> None:
    del engines["a1"].containers["prod-agent-1"], engines["a2"].containers["prod-agent-1"]
    engines["c2"].printed["prod-master"] = f"{SERVES}standing=leading\nleads=yes\n"
    (project / "terraform.prod-2-agent-a2-members.tfstate").unlink()
    missing, new = problems()
    assert missing.startswith("prod-agent-1 on a1 is missing, though the state of prod-2-agent-a1-members has it")
    assert new == "prod-agent-1 on a2 is not deployed yet: prod-2-agent-a2-members comes with the next deploy"


def test_a_container_that_a_killed_deploy_left_is_named_with_what_to_do(engines: Engines, project: Path) -> None:
    (project / "terraform.prod-2-agent-a1-members.tfstate").unlink()
    (text,) = problems()
    assert text.startswith(
        "prod-agent-1 on a1 is not in the state of prod-2-agent-a1-members: a deploy runs, or was killed"
    )
    assert text.endswith("cdktf-mesos adopt")


def test_a_container_that_was_adopted_is_well(engines: Engines, project: Path) -> None:
    path = project / "terraform.prod-2-agent-a1-members.tfstate"
    lost = json.loads(path.read_text())
    # The provider does not read labels back.
    lost["resources"][0]["instances"][0]["attributes"] = {"id": "prod-agent-1", "labels": []}
    path.write_text(json.dumps(lost))
    assert document()[0] == 0


def test_what_is_not_in_the_program_is_named(engines: Engines, project: Path) -> None:
    engines["a1"].member("prod-agent-9", "agent", "1.9.0", state="exited")
    engines["a1"].member("another-projects", "agent", "1.9.0", state="exited")
    resource = {"type": "docker_container", "instances": [{"attributes": {"name": "prod-agent-9"}}]}
    (project / "terraform.prod-2-agent-a9-members.tfstate").write_text(json.dumps({"resources": [resource]}))
    container, left = problems()
    assert container == "prod-agent-9 on a1 is not in the program: its container is exited"
    assert left.startswith("terraform.prod-2-agent-a9-members.tfstate is the state of a stack that is no longer")


@pytest.mark.parametrize(
    ("more", "printed"),
    [
        ({"drain_info": {"state": "DRAINED"}, "deactivated": True, "TASK_RUNNING": 0}, "drained, with 0 tasks"),
        ({"drain_info": {"state": "DRAINING"}, "deactivated": True}, "draining, with 2 tasks"),
        ({"deactivated": True}, "deactivated, with 2 tasks"),
        ({"active": False}, "disconnected, with 2 tasks"),
    ],
)
def test_an_agent_that_gets_no_tasks_is_named(engines: Engines, more: dict[str, Any], printed: str) -> None:
    head = engines["c2"].printed["prod-master"].partition("\nanswer")[0]
    engines["c2"].printed["prod-master"] = head + summary(agent("a1", **more), agent("a2"))
    (text,) = problems()
    assert text.startswith(f"prod-agent-1 on a1: the agent is {printed}")


def test_before_1_9_a_schedule_says_which_machine_is_drained(engines: Engines) -> None:
    schedule = '"draining_machines":[{"id":{"hostname":"10.0.0.22","ip":"10.0.0.22"}}]'
    printed = engines["c2"].printed
    printed["prod-master"] = printed["prod-master"].replace('"draining_machines":[]', schedule)
    (text,) = problems()
    assert text.startswith("prod-agent-1 on a2: the agent is drained, with 0 tasks")


def test_a_set_without_a_leader_is_named(engines: Engines) -> None:
    engines["c2"].printed["prod-zookeeper"] = f"{SERVES}standing=follower\nleads=no\n"
    assert problems() == ["prod/zookeeper: no zookeeper leads"]


def test_an_agent_that_the_leading_master_does_not_know_is_named(engines: Engines) -> None:
    head = engines["c2"].printed["prod-master"].partition("\nanswer")[0]
    engines["c2"].printed["prod-master"] = head + summary(agent("a2"))
    (text,) = problems()
    assert text == "prod-agent-1 on a1: the leading master does not know an agent at 10.0.0.21:5051"


@pytest.mark.usefixtures("over_ssh")
def test_a_host_that_cannot_be_reached_is_a_line_and_the_others_are_there(engines: Engines, project: Path) -> None:
    (project / "10.0.0.22").unlink()
    result = status()
    assert result.exit_code == 1, result.output
    line = "ssh://ops@10.0.0.22 cannot be reached: ssh: connect to host 10.0.0.22 port 22: No route to host"
    assert f"Unknown: a2: {line}" in result.output
    assert "c1" in result.output


def test_a_host_that_hangs_costs_no_more_than_its_time(engines: Engines) -> None:
    engines["a2"].hangs = True
    started = time.monotonic()
    result = status("--timeout", "2")
    assert time.monotonic() - started < 10
    assert result.exit_code == 1
    assert "Unknown: a2: " in result.output


def test_a_member_without_bash_is_asked_from_another_container_of_its_machine(engines: Engines) -> None:
    engines["c1"].printed["prod-zookeeper"] = "no bash"
    code, found = document()
    member = next(each for each in found["members"] if each["host"] == "c1" and each["role"] == "zookeeper")
    assert (code, member["standing"]) == (0, "standby")
    assert "POST /containers/prod-master/exec" in engines["c1"].calls


def test_an_output_of_an_older_release_is_refused(engines: Engines, project: Path) -> None:
    for path in project.glob("cdktf.out/stacks/*/cdk.tf.json"):
        path.write_text(path.read_text().replace('"cdktf-mesos": {', '"older": {'))
    result = status()
    assert (result.exit_code, result.stderr) == (
        1,
        "status: cdktf.out was written by an older cdktf-mesos: synthesise again, or use --synth\n",
    )


def test_without_an_output_it_synthesises(engines: Engines, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.move(project / "cdktf.out", project / "other")
    monkeypatch.setattr("shutil.which", lambda name, path=None: None)
    (project / "cdktf.json").write_text(json.dumps({"app": "sh -c 'cp -r other $CDKTF_OUTDIR'"}))
    assert status().exit_code == 0


def test_a_picture_of_a_terminal_has_no_fonts_from_elsewhere(engines: Engines, project: Path) -> None:
    assert status("--screenshot", "status.svg").exit_code == 0
    drawn = (project / "status.svg").read_text()
    assert "prod-zookeeper" in drawn and "url(" not in drawn.replace("url(#", "")
    assert str(project) not in drawn


def test_it_watches_until_it_is_interrupted(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        engines["c1"].printed["prod-master"] = "listens=no\n"
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("cdktf_mesos.operations.status.command.sleep", pause)
    result = status("--watch", "--json")
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["well"], second["well"], pauses, result.exit_code) == (True, False, [5.0, 5.0], 2)


def test_a_state_that_is_cut_off_is_said_and_watched_on(
    engines: Engines, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "terraform.prod-2-agent-a1-members.tfstate").write_text("{")
    assert "the state is cut off" in status().stderr

    def pause(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cdktf_mesos.operations.status.command.sleep", pause)
    result = status("--watch", "2")
    assert result.exit_code == 1
    assert "the state is cut off" in result.stdout


def test_a_picture_is_refused_before_the_work_if_it_cannot_be_written(engines: Engines, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "status.svg"
    for words, reason in (
        (["--screenshot", str(missing)], f"{missing} cannot be written: there is no {missing.parent}"),
        (["--screenshot", "-"], "- cannot be written: give the name of a file"),
        (["--screenshot", "status.svg", "--watch"], "--screenshot cannot be used with --watch"),
    ):
        result = status(*words)
        assert result.exit_code == 2
        assert reason in result.output
    assert not any(engine.calls for engine in engines.values())
