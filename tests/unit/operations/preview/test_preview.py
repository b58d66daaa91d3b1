from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cdktf_mesos.operations.commands import cli
from cdktf_mesos.operations.synthesis import roll
from sandbox.process import wait_until

# A Terraform whose answers are files in the stack's directory; a `plan` that ends with one of those.
TERRAFORM = """#!/bin/sh
echo "$@" >> calls
case $1 in
init) mkdir -p .terraform ;;
plan) [ ! -e hang ] || sleep 60; [ ! -e error ] || { cat error >&2; exit 1; } ;;
show) cat plan.json ;;
esac
"""
ORDER = ("prod-1-control-c1", "prod-1-control-c2", "prod-2-agent-a1", "prod-2-agent-a2", "prod-3-marathon-c1")
BEFORE = {
    "prod-1-control-c1": [],
    "prod-1-control-c2": ["prod-1-control-c1"],
    "prod-2-agent-a1": ["prod-1-control-c2"],
    "prod-2-agent-a2": ["prod-1-control-c2"],
    "prod-3-marathon-c1": ["prod-2-agent-a1", "prod-2-agent-a2"],
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A synthesised application with a change of pin in every stack, and a Terraform for it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/terraform").write_text(TERRAFORM)
    (tmp_path / "bin/terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')
    manifest = {}
    for name in reversed(ORDER):
        place = f"stacks/{name}"
        manifest[name] = {
            "name": name,
            "dependencies": BEFORE[name],
            "workingDirectory": place,
            "synthesizedStackPath": f"{place}/cdk.tf.json",
        }
        write_stack(tmp_path / "cdktf.out" / place, name)
    (tmp_path / "cdktf.out/manifest.json").write_text(json.dumps({"stacks": manifest}))
    return tmp_path


def write_stack(directory: Path, name: str) -> None:
    directory.mkdir(parents=True)
    host = name.rpartition("-")[2]
    document = {
        "provider": {"docker": [{"alias": host, "host": f"ssh://ops@{host}"}]},
        "resource": {"docker_container": {"one": {"name": "prod-<one>", "provider": f"docker.{host}"}}},
        "variable": {"mesos_version": {}} if "marathon" not in name else {},
    }
    (directory / "cdk.tf.json").write_text(json.dumps(document))
    before, after = ({"name": "prod-<one>", "image": f"mesosphere/mesos:{version}"} for version in ("1.9.0", "1.10.0"))
    change = {"actions": ["delete", "create"], "before": before, "after": after, "replace_paths": [["image"]]}
    resource = {"address": "docker_container.one", "type": "docker_container", "mode": "managed", "change": change}
    (directory / "plan.json").write_text(json.dumps({"resource_changes": [resource]}))


def preview(*words: str) -> int:
    return main("--no-synth", "--detailed-exitcode", *words)


def main(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli(["preview", *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_roll_is_by_dependencies_then_by_name() -> None:
    assert list(roll(dict(reversed(BEFORE.items()))).items()) == list(zip(ORDER, (1, 2, 3, 3, 4), strict=True))


def test_one_table_has_all_waves_in_the_order_of_the_roll(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview() == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:6]] == list(ORDER)
    assert lines[1].split()[1:] == ["c1", "prod-<one>", "1.9.0", "→", "1.10.0", "replace"]
    assert "Plan: 5 to replace, 0 to change in place, 0 to create, 0 to destroy." in lines


def test_a_stack_is_initialised_only_when_needed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "cdktf.out/stacks/prod-2-agent-a1/.terraform").mkdir()
    preview()
    calls = {name: (project / "cdktf.out/stacks" / name / "calls").read_text() for name in ORDER}
    assert [name for name in ORDER if "init" not in calls[name]] == ["prod-2-agent-a1"]


def test_stacks_that_hang_or_fail_are_shown_and_the_others_too(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "cdktf.out/stacks/prod-1-control-c2/hang").touch()
    unreachable = (
        "Error: please make sure that ssh://ops@a1 is reachable: command [ssh -l ops] stderr=Warning: x\n{}\n\n"
    )
    (project / "cdktf.out/stacks/prod-2-agent-a1/error").write_text(2 * unreachable.format("ssh: no route"))
    (project / "cdktf.out/stacks/prod-2-agent-a2/error").write_text("\nError: Invalid value for variable\n\n  why\n")
    started = time.monotonic()
    assert preview("--timeout", "1") == 1
    assert time.monotonic() - started < 20
    shown = capsys.readouterr()
    assert "cannot be planned: terraform plan: no answer within 1 s" in shown.out
    assert "cannot be planned: ssh://ops@a1 cannot be reached: ssh: no route" in shown.out
    assert "cannot be planned: Invalid value for variable" in shown.out and "why" in shown.err
    assert "2 to replace" in shown.out and "3 stacks cannot be planned" in shown.out


def test_what_was_started_ends_with_it(project: Path) -> None:
    for name in ORDER:
        (project / "cdktf.out/stacks" / name / "hang").touch()
    source = str(Path(__file__).parents[4])
    words = [sys.executable, "-m", "cdktf_mesos.operations", "preview", "--no-synth", "--parallelism", "2"]
    with subprocess.Popen(words, env={**os.environ, "PYTHONPATH": f"{source}:{source}/constructs"}) as process:
        until = time.monotonic() + 20
        while len(list(project.glob("cdktf.out/stacks/*/calls"))) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 130
    own = Path(f"/proc/{os.getpid()}/cwd")

    def left() -> list[Path]:
        return [path for path in Path("/proc").glob("[0-9]*/cwd") if path != own and str(project) in resolved(path)]

    # A process that was killed is there for another moment.
    wait_until(lambda: not left(), lambda: f"still there: {left()}", 10)


def resolved(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def test_without_a_cdktf_the_applications_command_synthesises(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path=None: None)
    (project / "cdktf.json").write_text(json.dumps({"app": "sh -c 'cp -r cdktf.out $CDKTF_OUTDIR'"}))
    assert main() == 0
    assert (project / "cdktf.out.preview/manifest.json").exists()
    (project / "cdktf.json").write_text(json.dumps({"app": "sh -c 'echo ValueError: no >&2; exit 3'"}))
    assert main() == 1
    assert "preview: exit code 3: sh -c" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"),
    [({}, "synth --output cdktf.out.preview\n"), ({"output": "out/"}, "synth --output out.preview\n")],
)
def test_cdktf_synthesises_beside_what_a_deploy_that_runs_goes_on_with(
    project: Path, more: dict[str, str], words: str
) -> None:
    (project / "cdktf.json").write_text(json.dumps({"app": "true", **more}))
    (project / "bin/cdktf").write_text('#!/bin/sh\necho "$@" > words; cp -r cdktf.out "$3"\n')
    (project / "bin/cdktf").chmod(0o755)
    (project / "cdktf.out/stacks/prod-1-control-c1/.terraform").mkdir()
    before = files(project / "cdktf.out")
    assert main("--detailed-exitcode") == 2
    assert (project / "words").read_text() == words
    assert all((project / words.split()[2] / "stacks" / name / "calls").exists() for name in ORDER)
    assert files(project / "cdktf.out") == before


def files(directory: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in directory.rglob("*") if path.is_file()}


def test_variables_go_to_the_stacks_that_declare_them(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview("--var", "mesos_version=1.10.0")
    given = [name for name in ORDER if "-var=mesos" in (project / "cdktf.out/stacks" / name / "calls").read_text()]
    assert given == [name for name in ORDER if "marathon" not in name]
    assert preview("--var", "mesos_versio=1") == 1
    assert "--var mesos_versio=1: use name=value, with a variable that a stack has" in capsys.readouterr().err


def test_the_document_has_what_the_table_has(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview("--json") == 2
    document = json.loads(capsys.readouterr().out)
    assert [(stack["name"], stack["step"]) for stack in document["stacks"]] == list(
        zip(ORDER, (1, 2, 3, 3, 4), strict=True)
    )
    (change,) = document["stacks"][0]["resources"]
    assert (change["before"], change["after"]) == ("mesosphere/mesos:1.9.0", "mesosphere/mesos:1.10.0")


def test_pictures_have_all_waves_and_versions(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "cdktf.out/stacks/prod-3-marathon-c1/error").write_text("Error: <away> & gone\n")
    assert preview("--svg", "roll.svg", "--mermaid", "roll.mmd") == 1
    drawn = "".join(ElementTree.parse("roll.svg").getroot().itertext())
    mermaid = (project / "roll.mmd").read_text()
    assert all(name in drawn and name in mermaid for name in ORDER)
    assert drawn.count("1.9.0 → 1.10.0") >= 4 and "<away> & gone" in drawn
    assert mermaid.count("1.9.0 → 1.10.0") == 4 and "w0 --> w1" in mermaid and "#60;away#62;" in mermaid


def test_a_state_whose_stack_is_no_longer_there_is_a_warning(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "terraform.prod-2-agent-a9.tfstate").write_text('{"resources": [{}]}')
    (project / "terraform.prod-2-agent-a1.tfstate").write_text('{"resources": [{}]}')
    preview()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("Warning"))
    assert line.startswith("Warning: terraform.prod-2-agent-a9.tfstate is the state of a stack that is no longer")


@pytest.mark.parametrize("option", ["--svg", "--mermaid"])
@pytest.mark.parametrize(("target", "why"), [("no/such/x.svg", "there is no no/such"), ("bin", "it is a directory")])
def test_a_picture_that_cannot_be_written_is_refused_before_anything_is_planned(
    project: Path, capsys: pytest.CaptureFixture[str], option: str, target: str, why: str
) -> None:
    assert preview(option, target) == 2
    assert f"Invalid value for '{option}': {target} cannot be written: {why}" in capsys.readouterr().err
    assert not list(project.glob("cdktf.out/stacks/*/calls"))


def test_a_state_that_is_cut_off_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "terraform.prod-2-agent-a9.tfstate").write_text('{"resources": [')
    assert preview() == 1
    assert "terraform.prod-2-agent-a9.tfstate: the state is cut off" in capsys.readouterr().err


def test_it_says_where_it_must_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main() == 1
    assert "no cdktf.json: run where cdktf is run" in capsys.readouterr().err
