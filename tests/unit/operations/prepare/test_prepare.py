"""`cdktf-mesos prepare` on machines whose commands are stand-ins, with an ssh that leads to them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.host.prepare import script
from cdktf_mesos.operations import confirm
from cdktf_mesos.operations.commands import cli
from tests.unit.host.bare_machine import BareMachine

# An ssh that runs a command on the machine in the folder $MACHINES/<host>. It fails where there is no folder. If the
# folder has a file `answer`, it ends with the exit code and the text in it.
SSH = f"""#!{sys.executable} -IS
import json, os, subprocess, sys
from pathlib import Path
sys.path[:0] = {sys.path!r}
from tests.unit.host.bare_machine import moved
*_, host, command = sys.argv[1:]
machines = Path(os.environ["MACHINES"])
folder = machines / host
with (machines / "words").open("a") as words:
    words.write(json.dumps(sys.argv[1:]) + "\\n")
if not folder.is_dir():
    sys.exit(f"Warning: something\\nssh: connect to host {{host}} port 22: No route to host")
if (folder / "answer").exists():
    code, _, text = (folder / "answer").read_text().partition(" ")
    print(text, file=sys.stderr)
    sys.exit(int(code))
given = moved(sys.stdin.read(), folder / "root")
done = subprocess.run(
    ["bash", "-c", command], input=given, text=True, capture_output=True, env={{"PATH": str(folder / "programs")}}
)
print(done.stdout.replace(str(folder / "root"), ""), end="")
print(done.stderr.replace(str(folder / "root"), ""), end="", file=sys.stderr)
sys.exit(done.returncode)
"""
A, B, C = "ops@10.20.30.11", "ops@10.20.30.12", "ops@10.20.30.13"


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, BareMachine]:
    """Two machines, and a directory without a project."""
    found = {each: BareMachine(tmp_path / each.partition("@")[2]) for each in (A, B)}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ssh").write_text(SSH)
    (tmp_path / "bin/ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("MACHINES", str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return found


def prepare(*words: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["prepare", *words], input=answer)


def calls(tmp_path: Path) -> list[list[str]]:
    log = tmp_path / "words"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def test_machines_are_made_ready_and_named_for_the_program(machines: dict[str, BareMachine]) -> None:
    result = prepare(A, B, "--yes")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["machine", "what", "was", "changed", "how", "to", "undo", "it"]
    assert lines[1].split()[:3] == [A, "write", "/etc/apt/apt.conf.d/90cdktf-mesos-engine"]
    assert any(line.split()[-3:] == ["-d", "ops", "docker"] for line in lines)
    assert "A machine that was changed keeps this list in /var/lib/cdktf-mesos-host/changes." in lines
    assert lines[-2:] == [
        '    Machine("<name>", "10.20.30.11", "ssh://ops@10.20.30.11"),',
        '    Machine("<name>", "10.20.30.12", "ssh://ops@10.20.30.12"),',
    ]
    for machine in machines.values():
        assert "docker" in (machine.known / "users/ops").read_text()
    again = prepare(A, B)
    assert again.exit_code == 0
    assert [line.split() for line in again.stdout.splitlines()[1:3]] == [
        [each, "nothing", "to", "change"] for each in (A, B)
    ]


def test_the_plan_of_all_machines_is_shown_before_it_asks_once(
    machines: dict[str, BareMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [machine.files() for machine in machines.values()]
    monkeypatch.setattr(confirm, "_at_a_terminal", lambda: True)
    result = prepare(A, B, answer="n\n")
    assert result.exit_code == 1
    assert result.stderr.count("install apparmor ca-certificates docker.io docker-cli") == 2
    assert result.stderr.count("Change 2 machines? [y/N]:") == 1
    assert [machine.files() for machine in machines.values()] == before
    assert prepare(A, answer="y\n").exit_code == 0
    assert machines[A].files() != before[0] and machines[B].files() == before[1]


def test_without_a_terminal_and_without_yes_nothing_is_changed(machines: dict[str, BareMachine]) -> None:
    before = machines[A].files()
    result = prepare(A)
    assert result.exit_code == 1
    error = "prepare: nothing was changed: there is no terminal to ask at. Read the plan, then use --yes"
    assert result.stderr.splitlines()[-1] == error
    assert "write /etc/docker/daemon.json" in result.stderr
    assert machines[A].files() == before


def test_a_dry_run_changes_nothing(machines: dict[str, BareMachine]) -> None:
    before = machines[A].files()
    result = prepare(A, "--dry-run", "--yes", "--json")
    assert result.exit_code == 0
    (found,) = json.loads(result.stdout)
    assert found["machine"] == A and found["did"] == [] and "make /var/lib/cdktf-mesos" in found["would"]
    assert machines[A].files() == before


def test_a_machine_that_does_not_answer_keeps_no_other_from_being_made_ready(machines: dict[str, BareMachine]) -> None:
    result = prepare(A, C, "--yes", "--json")
    assert result.exit_code == 1
    ready, unknown = json.loads(result.stdout)
    assert unknown == {"machine": C, "error": "ssh: connect to host 10.20.30.13 port 22: No route to host"}
    assert {"change": "put ops into the group docker", "undo": "gpasswd -d ops docker"} in ready["did"]
    assert "docker" in (machines[A].known / "users/ops").read_text()
    assert C not in prepare(A, C, "--yes").stdout.partition("For the program:")[2]


def test_settings_reach_the_script_and_options_reach_ssh(machines: dict[str, BareMachine], tmp_path: Path) -> None:
    (machines[A].known / "users/deployer").write_text("deployer\n")
    words = ["--user", "deployer", "--data-dir", "/srv/mesos", "--task-ports", "40000-40999"]
    words += ["--mirror", "http://mirror.example.com/debian", "--yes"]
    key = ["--ssh-option", "-i", "--ssh-option", "/keys/it's mine", "--ssh-option", "-oStrictHostKeyChecking=no"]
    result = prepare(f"{A}:2222", *words, *key)
    assert result.exit_code == 0, result.output
    files = machines[A].files()
    assert files["etc/sysctl.d/90-cdktf-mesos.conf"] == "net.ipv4.ip_local_reserved_ports = 40000-40999\n"
    assert "RequiresMountsFor=/srv/mesos\n" in files["etc/systemd/system/docker.service.d/cdktf-mesos.conf"]
    assert "http://mirror.example.com/debian trixie main" in files["etc/apt/cdktf-mesos.list"]
    assert (machines[A].known / "users/deployer").read_text() == "deployer docker\n"
    assert 'Machine("<name>", "10.20.30.11", "ssh://deployer@10.20.30.11:2222"),' in result.stdout
    plan, apply = calls(tmp_path)
    assert plan[:2] == ["-o", "StrictHostKeyChecking=yes"]
    assert plan.index("ControlPath=none") < plan.index("-i")
    assert plan[plan.index("-i") : plan.index("-i") + 3] == ["-i", "/keys/it's mine", "-oStrictHostKeyChecking=no"]
    assert plan[-7:-1] == ["ops", "-p", "2222", "-T", "--", "10.20.30.11"]
    assert plan[-1].startswith("sudo -n bash -s -- plan --user deployer ")
    assert apply[-1] == plan[-1].replace(" plan ", " apply ")


def test_a_machine_that_cannot_split_names_by_domain_is_not_changed(machines: dict[str, BareMachine]) -> None:
    before = machines[A].files()
    result = prepare(A, "--mesos-dns", "cluster7.example.com=10.20.30.11", "--yes", "--json")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)
    assert found["error"].startswith("mesos-dns: found no systemd-resolved that runs, wanted one: leave the option out")
    assert machines[A].files() == before


def test_root_needs_no_sudo(machines: dict[str, BareMachine], tmp_path: Path) -> None:
    (machines[A].known / "users/root").write_text("root\n")
    assert prepare("root@10.20.30.11", "--dry-run").exit_code == 0
    assert calls(tmp_path)[0][-1] == "bash -s -- plan --user root"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            "1 sudo: a password is required",
            "ops cannot use sudo: sudo: a password is required. Let it use sudo without a password, log in as root, or "
            "run the script by hand: see --print-script",
        ),
        (
            "127 bash: line 1: sudo: command not found",
            "ops cannot use sudo: bash: line 1: sudo: command not found. Let",
        ),
        (
            "255 No ED25519 host key is known\nHost key verification failed.",
            "Host key verification failed. Log in once with ssh, and compare the key",
        ),
        ("255 ops@10.20.30.11: Permission denied (publickey).", "ops@10.20.30.11: Permission denied (publickey)."),
        ("1 \x1b[31msystem: found debian 11, wanted\x07 it", "[31msystem: found debian 11, wanted  it"),
        ("3 ", "exit code 3"),
    ],
)
def test_the_reason_of_a_failure_is_one_line(machines: dict[str, BareMachine], answer: str, error: str) -> None:
    (machines[A].known.parent / "answer").write_text(answer)
    result = prepare(A, "--json", "--yes")
    assert result.exit_code == 1
    (found,) = json.loads(result.stdout)
    assert found["error"].startswith(error)


def test_what_a_machine_says_controls_no_terminal(machines: dict[str, BareMachine]) -> None:
    machines[A].program("findmnt", "printf '/\\033[2J;$(touch x) private\\n'")
    result = prepare(A, "--dry-run")
    assert "run mount --make-shared / [2J;$(touch at every boot" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    "machine",
    [
        *("10.20.30.11", "@10.20.30.11", "ops@", "ops@-oProxyCommand=touch x", "-oProxyCommand=x@h", "ops@h:0"),
        *("ops@h:65536", "ops@h:ssh", "ops@h;touch x", "ops@h h", "ops@a@b", "ssh://ops@h", "o$(x)@h", "ops@h\n"),
    ],
)
def test_bad_machines_are_refused_before_anything_runs(
    machines: dict[str, BareMachine], tmp_path: Path, machine: str
) -> None:
    result = prepare(A, "--yes", "--", machine)
    assert result.exit_code == 2
    assert "is not a machine. Use user@host or user@host:port, such as 'ops@10.20.30.11'" in result.stderr
    assert calls(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "Name the machines, such as ops@10.20.30.11"),
        ([A, "root@10.20.30.11"], "10.20.30.11 is given twice: name each machine once"),
        ([A, "--data-dir", "/srv;x"], "'/srv;x' is invalid. Use an absolute path, such as '/var/lib/cdktf-mesos'"),
        ([A, "--user", "$(x)"], "'$(x)' is invalid. Use the name of a user"),
        ([A, "--mirror", "file:///x"], "'file:///x' is invalid. Use an http(s) URL"),
        ([A, "--task-ports", "31000"], "'31000' is invalid. Use ranges"),
        ([A, "--mesos-dns", "mesos"], "'mesos' is invalid. Use the domain and the addresses of Mesos-DNS, such as"),
    ],
)
def test_wrong_options_are_refused_before_anything_runs(
    machines: dict[str, BareMachine], tmp_path: Path, words: list[str], error: str
) -> None:
    result = prepare(*words)
    assert result.exit_code == 2
    assert error in result.stderr
    assert calls(tmp_path) == []


def test_a_hung_machine_is_given_up(machines: dict[str, BareMachine]) -> None:
    machines[B].program("sshd", "exec 1>&- 2>&-; exec sleep 60")
    (machines[B].known.parent / "programs/sleep").symlink_to("/bin/sleep")
    found: list[dict[str, Any]] = json.loads(prepare(A, B, "--dry-run", "--json", "--timeout", "5").stdout)
    assert [each.get("error") for each in found] == [None, "no answer within 5 s"]


def test_the_script_can_be_printed(machines: dict[str, BareMachine]) -> None:
    result = prepare("--print-script")
    assert (result.exit_code, result.stdout) == (0, script())
