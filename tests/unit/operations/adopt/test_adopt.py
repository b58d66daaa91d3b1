"""`cdktf-mesos adopt` with engines that have the members, and a Terraform that imports what it is told to."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.operations import confirm
from cdktf_mesos.operations.commands import cli
from tests.unit.operations.engines import Engine

Engines = dict[str, Engine]
# The program's stacks in these tests. They have two servers, two masters, an agent and a Marathon.
STACKS = (
    *("prod-1-control-c1-machine", "prod-1-control-c1-members", "prod-1-control-c2-members"),
    *("prod-2-agent-a1-members", "prod-3-marathon-c3-members"),
)
MEMBERS = 6

# A Terraform that plans and applies the import blocks of its directory. It plans the actions in the file `actions` of
# the stack's directory, by default an update.
TERRAFORM = f"""#!{sys.executable} -IS
import json, sys
from os.path import exists

def read(name):
    with open(name) as file:
        return file.read()

def write(name, value, mode="w"):
    with open(name, mode) as file:
        file.write(json.dumps(value) + "\\n")

command, program = sys.argv[1], json.loads(read("adopt.tf.json"))
write("../calls", sys.argv[1:], "a")
if command == "providers":
    attributes = {{name: {{"optional": True}} for name in ("id", "env", "must_run", "destroy_grace_seconds")}}
    block = {{"attributes": attributes | {{"image": {{"required": True}}, "exit_code": {{"computed": True}}}},
             "block_types": {{"labels": {{}}, "timeouts": {{}}}}}}
    schemas = {{"docker_image": {{}}, "docker_container": {{"block": block}}}}
    print(json.dumps({{"provider_schemas": {{"docker": {{"resource_schemas": schemas}}}}}}))
if command == "plan" and exists("../error"):
    sys.exit(read("../error"))
if command == "plan":
    write("../program", program)
    write("plan", program["import"])
if command == "show":
    actions = json.loads(read("../actions")) if exists("../actions") else ["update"]
    changes = [{{"address": each["to"], "change": {{"actions": actions, "importing": {{"id": each["id"]}}}}}}
               for each in json.loads(read("plan"))]
    print(json.dumps({{"resource_changes": changes}}))
if command == "apply":
    state = program["terraform"]["backend"]["local"]["path"]
    resources = json.loads(read(state))["resources"] if exists(state) else []
    for each in json.loads(read("plan")):
        kind, _, name = each["to"].partition(".")
        attributes = {{"id": each["id"], "name": program["resource"][kind][name]["name"]}}
        resources.append({{"type": kind, "name": name, "instances": [{{"attributes": attributes}}]}})
    write(state, {{"resources": resources}})
"""


@pytest.fixture
def lost(project: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with some of its stacks, after its states were lost, and with a Terraform."""
    manifest = project / "cdktf.out/manifest.json"
    document = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**document, "stacks": {name: document["stacks"][name] for name in STACKS}}))
    for path in project.glob("terraform.*.tfstate"):
        path.unlink()
    (project / "bin/terraform").write_text(TERRAFORM)
    (project / "bin/terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{project}/bin:{os.environ['PATH']}")
    return project


def adopt(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(cli, ["adopt", "--no-synth", *words], input=answer)


def states(project: Path) -> dict[str, str]:
    """The ids of the containers in all states, by their stacks and names."""
    return {
        f"{path.name.split('.')[1]}/{each['instances'][0]['attributes']['name']}": each["instances"][0]["attributes"][
            "id"
        ]
        for path in project.glob("terraform.*.tfstate")
        for each in json.loads(path.read_text())["resources"]
    }


def stack(project: Path, name: str) -> Path:
    return project / f"cdktf.out/stacks/{name}"


def change(project: Path, name: str, **resources: Any) -> None:
    """Add resources to a stack of the program."""
    path = stack(project, name) / "cdk.tf.json"
    document = json.loads(path.read_text())
    document["resource"] |= resources
    path.write_text(json.dumps(document))


def test_lost_states_get_all_members_that_run(lost: Path, engines: Engines) -> None:
    result = adopt("--yes")
    assert result.exit_code == 0, result.output
    found = states(lost)
    assert len(found) == MEMBERS
    assert found["prod-1-control-c1-members/prod-zookeeper"] == "prod-zookeeper"
    assert found["prod-3-marathon-c3-members/prod-marathon"] == "prod-marathon"
    assert found["prod-2-agent-a1-members/prod-agent-1"] == "prod-agent-1"
    assert "The next deploy replaces each adopted container once." in result.stdout
    # It only reads on the machines.
    assert {call.split()[0] for engine in engines.values() for call in engine.calls} == {"GET"}


def test_a_second_time_there_is_nothing_to_adopt(lost: Path) -> None:
    adopt("--yes")
    calls = (stack(lost, "prod-1-control-c1-members") / "calls").read_text()
    result = adopt()
    assert result.exit_code == 0
    assert f"{MEMBERS} containers in the states already." in result.stdout
    assert (stack(lost, "prod-1-control-c1-members") / "calls").read_text() == calls


def test_what_is_imported_has_time_to_stop_and_is_not_started(lost: Path) -> None:
    adopt("--yes")
    program = json.loads((stack(lost, "prod-1-control-c1-members") / "program").read_text())
    blocks = program["resource"]["docker_container"]
    (zookeeper,) = (each for each in blocks.values() if each["name"] == "prod-zookeeper")
    document = json.loads((stack(lost, "prod-1-control-c1-members") / "cdk.tf.json").read_text())
    (wanted,) = (each for each in document["resource"]["docker_container"].values() if each["name"] == "prod-zookeeper")
    assert zookeeper["destroy_grace_seconds"] == wanted["destroy_grace_seconds"] > 0
    assert zookeeper["must_run"] is False and zookeeper["remove_volumes"] is False
    # The engine gets no other argument, as Terraform ignores all of them.
    assert zookeeper["lifecycle"]["ignore_changes"] == ["env", "image", "labels"]
    assert zookeeper["provider"] == wanted["provider"]
    calls = [json.loads(line) for line in (stack(lost, "prod-1-control-c1-members") / "calls").read_text().splitlines()]
    (plan,) = (each for each in calls if each[0] == "plan")
    # Only these resources are planned, and the state is locked.
    assert [word for word in plan if word.startswith("-target=")] == [f"-target=docker_container.{n}" for n in blocks]
    assert not [word for each in calls for word in each if word.startswith("-lock")]
    assert not list(stack(lost, "prod-1-control-c1-members").glob("adopt-*"))


@pytest.mark.parametrize("actions", [["delete", "create"], ["create"]])
def test_a_plan_that_would_do_more_is_not_applied(lost: Path, actions: list[str]) -> None:
    (stack(lost, "prod-2-agent-a1-members") / "actions").write_text(json.dumps(actions))
    result = adopt("--yes")
    assert result.exit_code == 1
    assert f"Terraform would {' and '.join(actions)} docker_container." in result.stdout
    found = states(lost)
    assert len(found) == MEMBERS - 1 and "prod-2-agent-a1-members/prod-agent-1" not in found


def test_an_error_of_terraform_is_one_line_and_does_not_hold_up_other_stacks(lost: Path) -> None:
    (stack(lost, "prod-2-agent-a1-members") / "error").write_text(
        "╷\n│ Error: Error acquiring the state lock\n│ \n│ Who: somebody\n╵\n"
    )
    result = adopt("--yes")
    assert result.exit_code == 1
    (line,) = (line for line in result.stdout.splitlines() if "prod-2-agent-a1-members" in line)
    assert line.endswith("terraform plan: Error acquiring the state lock")
    assert len(states(lost)) == MEMBERS - 1


def test_a_state_with_another_container_is_refused(lost: Path) -> None:
    adopt("--yes")
    path = lost / "terraform.prod-2-agent-a1-members.tfstate"
    path.write_text(path.read_text().replace('"id": "prod-agent-1"', '"id": "0123456789abcdef"'))
    before = states(lost)
    result = adopt("--yes")
    assert result.exit_code == 1
    assert "the state has another container, 0123456789ab: terraform state rm docker_container.a1_prod" in result.stdout
    assert states(lost) == before


def test_a_container_of_another_program_needs_the_same_directories(lost: Path, engines: Engines) -> None:
    engines["c1"].run("prod-zookeeper", directories=["/srv/zookeeper"])
    engines["c2"].run("prod-zookeeper", directories=["/var/lib/cdktf-mesos/prod"])
    engines["a1"].run("prod-agent-1", directories=["/var/run/docker.sock", "/var/lib/mesos"])
    result = adopt("--yes")
    assert result.exit_code == 1
    lines = [line for line in result.stdout.splitlines() if "another program made it" in line]
    assert len(lines) == 2
    assert "it does not use /var/lib/cdktf-mesos/prod/prod-zookeeper" in lines[0]
    assert "it does not use /var/lib/cdktf-mesos/prod: its data would stay behind" in lines[1]
    found = states(lost)
    assert "prod-1-control-c1-members/prod-zookeeper" not in found
    assert "prod-2-agent-a1-members/prod-agent-1" not in found
    assert "prod-1-control-c2-members/prod-zookeeper" in found


def test_a_machine_that_cannot_be_reached_is_named_and_does_not_hold_up_the_others(lost: Path) -> None:
    (lost / "10.0.0.12").unlink()
    result = adopt("--yes")
    assert result.exit_code == 1
    assert "10.0.0.12 cannot be reached" in result.stdout
    assert set(states(lost)) == {
        *("prod-1-control-c1-members/prod-zookeeper", "prod-1-control-c1-members/prod-master"),
        *("prod-2-agent-a1-members/prod-agent-1", "prod-3-marathon-c3-members/prod-marathon"),
    }


def test_what_is_not_there_is_made_by_the_next_deploy(lost: Path, engines: Engines) -> None:
    del engines["c1"].containers["prod-zookeeper"]
    result = adopt("--dry-run")
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if " prod-zookeeper " in line]
    assert [line.split("prod-zookeeper")[1].strip() for line in lines] == [
        "not there: the next deploy makes it",
        "image:1  would be adopted",
    ]
    assert not states(lost)


def test_nothing_is_written_before_the_answer_is_yes(lost: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = adopt()
    assert result.exit_code == 1
    assert "nothing was changed: there is no terminal to ask at" in result.stderr
    monkeypatch.setattr(confirm, "_at_a_terminal", lambda: True)
    assert adopt(answer="n\n").exit_code == 1
    assert not states(lost)
    result = adopt(answer="y\n")
    assert f"Adopt {MEMBERS} containers in 4 stacks? [y/N]:" in result.stderr
    assert (result.exit_code, len(states(lost))) == (0, MEMBERS)


def test_what_cannot_be_adopted_is_named_with_what_the_next_deploy_does(lost: Path) -> None:
    change(lost, "prod-3-marathon-c3-members", terraform_data={"deployed": {}, "removal": {"for_each": {}}})
    result = adopt("--yes")
    assert result.exit_code == 0
    made = "Not adopted: terraform_data.deployed of prod-3-marathon-c3-members. The next deploy makes it"
    assert made in result.stdout and "terraform_data.removal" not in result.stdout
    change(lost, "prod-1-control-c1-machine", aws_instance={"machine": {}})
    result = adopt("--yes")
    assert result.exit_code == 1
    made = "aws_instance.machine of prod-1-control-c1-machine. The next deploy makes another: import it first"
    assert made in result.stdout


def test_a_container_of_the_programs_own_is_adopted_too(lost: Path, engines: Engines) -> None:
    engines["a1"].run("shop")
    name = "prod-2-agent-a1-members"
    blocks = json.loads((stack(lost, name) / "cdk.tf.json").read_text())["resource"]["docker_container"]
    provider = next(iter(blocks.values()))["provider"]
    mounts = [{"type": "tmpfs", "target": "/tmp"}]
    blocks["shop"] = {"name": "shop", "provider": provider, "mounts": mounts, "volumes": [{"volume_name": "shop"}]}
    blocks["named"] = {"name": "${var.mesos_version}", "provider": provider}
    change(lost, name, docker_container=blocks)
    result = adopt("--yes")
    assert result.exit_code == 1
    assert "only Terraform knows its name: import it" in result.stdout
    assert states(lost)[f"{name}/shop"] == "shop"


def test_members_of_another_name_are_left_alone(lost: Path, engines: Engines) -> None:
    engines["c1"].member("old-zookeeper", "zookeeper", "3.9.4")
    engines["c1"].run("shop")
    result = adopt("--yes")
    assert result.exit_code == 0
    assert "Left alone: old-zookeeper on c1 (zookeeper, running). The program does not name it." in result.stdout
    assert "shop" not in result.stdout


def test_the_document_has_all_of_it(lost: Path) -> None:
    (lost / "10.0.0.12").unlink()
    found = json.loads(adopt("--json", "--dry-run").stdout)
    outcomes = {(each["host"], each["name"]): each["outcome"] for each in found["containers"]}
    assert outcomes["c1", "prod-zookeeper"] == "adopt" and outcomes["c2", "prod-master"] == "unknown"
    assert any("prod-master on c2" in text for text in found["problems"])
