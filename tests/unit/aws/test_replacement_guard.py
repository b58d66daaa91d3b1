from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.unit.answers import HERE, answering, unescaped
from tests.unit.synthesised import Document, Synthesised


def guards(application: Synthesised) -> dict[str, Document]:
    found = application.of("terraform_data")
    return {path.partition("/")[0]: each for path, each in found.items() if path.endswith("/guard/guard")}


def test_every_machine_of_the_control_plane_is_guarded_and_no_other(aws_default: Synthesised) -> None:
    assert list(guards(aws_default)) == [f"prod-1-control-{i}-host" for i in (1, 2, 3)]


def test_it_runs_before_the_machine_ends_and_uses_only_values_that_were_stored_with_it(
    aws_default: Synthesised,
) -> None:
    for name, each in guards(aws_default).items():
        (provisioner,) = each["provisioner"]
        run = provisioner["local-exec"]
        assert run["when"] == "destroy"
        expressions = re.findall(r"(?<!\$)\$\{(.*?)}", f"{run['command']} {run['environment']}")
        assert set(expressions) == {f"self.input.{key}" for key in each["input"]}
        # Terraform destroys it before the resources that it depends on.
        (ready,) = each["depends_on"]
        assert re.fullmatch(r"terraform_data\.control-[123]_ready_\w+", ready)
        machine = name.removeprefix("prod-1-").removesuffix("-host")
        assert re.fullmatch(rf"\${{aws_instance\.{machine}_instance_\w+\.id}}", each["triggers_replace"]["instance"])


def test_every_other_member_is_checked_from_the_bastion(
    aws_default: Synthesised,
) -> None:
    guard = guards(aws_default)["prod-1-control-1-host"]["input"]
    assert "bastion_machine_public-address" in guard["VANTAGE"]
    assert "KnownHostsCommand=/bin/echo ${" in guard["OPTIONS"] and "ProxyCommand" not in guard["OPTIONS"]
    for address in ("10.20.16.10", "10.20.32.10"):
        assert guard["QUESTION"].count(address) >= 3
    for role in ("zookeeper", "master", "marathon"):
        assert f"\nset -- {role} 60 " in guard["QUESTION"]
    assert guard["QUESTION"].count("not every other $role serves") == 3


@pytest.mark.parametrize(
    ("answer", "override", "ends"), [(0, "", True), (1, "", False), (255, "", False), (1, "true", True)]
)
def test_a_machine_may_end_when_the_others_serve_or_with_an_override(
    aws_default: Synthesised, tmp_path: Path, answer: int, override: str, ends: bool
) -> None:
    (tmp_path / "ssh").write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\ncat >> {tmp_path}/words\nexit {answer}\n'
    )
    (tmp_path / "ssh").chmod(0o755)
    guard = guards(aws_default)["prod-1-control-2-host"]
    run = guard["provisioner"][0]["local-exec"]
    stored = {"OPTIONS": "-o\nA=b c", "VANTAGE": "admin@203.0.113.9", "QUESTION": "true", "NAME": "prod-control-2"}
    script = {"SCRIPT": unescaped(run["environment"]["SCRIPT"])}
    environment = {**stored, **script, "PATH": f"{tmp_path}:/usr/bin:/bin", "TF_VAR_override_preflight": override}
    done = subprocess.run(
        ["bash", "-c", run["command"]], env=environment, capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode == 0) is ends
    assert ("prod-control-2 is not ended: a member on another machine does not serve" in done.stderr) is not ends
    if not override:
        words = (tmp_path / "words").read_text().splitlines()
        assert words == ["-o", "A=b c", "admin@203.0.113.9", "bash", "-s", "true"]


def test_the_login_of_each_role_reaches_the_other_machine_on_standard_input_only(
    aws_default: Synthesised, tmp_path: Path
) -> None:
    # The check runs on this machine.
    (tmp_path / "ssh").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\nexec bash -s\n')
    (tmp_path / "ssh").chmod(0o755)
    (tmp_path / "login").write_text("cHJvYmU6eA==")
    (tmp_path / "marathon-login").write_text("b3BzOng=")
    run = guards(aws_default)["prod-1-control-2-host"]["provisioner"][0]["local-exec"]
    environment = {"OPTIONS": "-v", "VANTAGE": "a@b", "NAME": "c2", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    question = f'bash -c "echo \\$LOGIN" >> {tmp_path}/got'
    environment["QUESTION"] = "\n".join(
        f"(\nexport LOGIN=$LOGIN_OF_{role}\n{question}\n)" for role in ("master", "marathon")
    )
    environment["LOGIN_FILES"] = f"master {tmp_path}/login\nmarathon {tmp_path}/marathon-login"
    environment["SCRIPT"] = unescaped(run["environment"]["SCRIPT"])
    subprocess.run(["bash", "-c", run["command"]], env=environment, timeout=20, check=True)
    assert (tmp_path / "got").read_text() == "cHJvYmU6eA==\nb3BzOng=\n"
    assert "cHJvYmU6eA==" not in (tmp_path / "words").read_text()


def test_the_sets_are_checked_one_after_the_other_until_one_fails(aws_default: Synthesised, tmp_path: Path) -> None:
    # The check runs on this machine.
    (tmp_path / "ssh").write_text("#!/bin/sh\nexec bash -s\n")
    (tmp_path / "ssh").chmod(0o755)
    guard = guards(aws_default)["prod-1-control-2-host"]
    run = guard["provisioner"][0]["local-exec"]

    def ask(port: int) -> subprocess.CompletedProcess[str]:
        question = unescaped(guard["input"]["QUESTION"])
        for text in (" 2181 ", " 5050 ", " 8080 "):
            question = question.replace(text, f" {port} ")
        for address, mine in {"10.20.16.10": HERE, "10.20.0.10": "127.0.0.9", "10.20.32.10": "127.0.0.9"}.items():
            question = question.replace(address, mine)
        environment = {"OPTIONS": "-v", "VANTAGE": "a@b", "NAME": "c2", "PATH": f"{tmp_path}:/usr/bin:/bin"}
        environment["QUESTION"] = question.replace(" 60 ", " 1 ")
        environment["SCRIPT"] = unescaped(run["environment"]["SCRIPT"])
        return subprocess.run(
            ["bash", "-c", run["command"]], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    # ZooKeeper and the masters look like sets that are being formed.
    with answering("HTTP/1.1 200 OK\r\n\r\n") as port:
        done = ask(port)
    assert done.returncode == 1
    assert "not every other marathon serves: 127.0.0.9 does not serve" in done.stderr, done.stderr
    # If the machine's own members do not run, it may end.
    assert ask(port).returncode == 0


def test_without_a_bastion_there_are_no_guards(aws_others: Synthesised) -> None:
    assert {name.partition("-")[0] for name in guards(aws_others)} == {"blue"}
