from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from cdktf_mesos.aws import readiness
from cdktf_mesos.aws.login import HOST_KEY

SCRIPT = Path(readiness.__file__).with_name("readiness.sh")

KEY, OLD = (f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{letter * 43}" for letter in "KO")

# The first line of what a machine answers: its time of day, so many seconds after this machine's.
CLOCK = "echo clock=$(($(date +%s) + {}));"

# Stand-ins for the programs, sleep among them, so that nothing waits. Each answers by a line of its script in turn,
# the last one again and again.
PROGRAM = """#!/bin/bash
here={folder}/{name}
echo "$*" >> "$here.calls"
count=$(wc -l < "$here.calls")
eval "$(head -n "$count" "$here.answers" | tail -n 1)"
"""


def ask(
    folder: Path, *, aws: list[str], ssh: list[str], seconds: int = 20, script: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the script, or another one, with stand-ins for the programs that it runs."""
    for name, answers in {"aws": aws, "ssh": ssh, "sleep": ["true"]}.items():
        (folder / name).write_text(PROGRAM.format(folder=folder, name=name))
        (folder / name).chmod(0o755)
        (folder / f"{name}.answers").write_text("".join(f"{each}\n" for each in answers))
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(folder),
        "NAME": "prod-control-1",
        "ADDRESS": "10.20.0.10",
        "LOGIN": "admin",
        "OPTIONS": "-i\nkey with a space",
        "INSTANCE": "i-1",
        "PARAMETER": "/p",
        "REGION": "eu-central-1",
        "HOST_KEY": HOST_KEY,
        "SECONDS_AT_MOST": str(seconds),
    }
    return subprocess.run(
        ["bash", "-c", script or SCRIPT.read_text()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_waits_for_the_key_and_then_for_the_machine(tmp_path: Path) -> None:
    done = ask(tmp_path, aws=["echo pending", f"echo {KEY}"], ssh=["exit 255", f"{CLOCK.format(0)} echo ready"])
    assert (done.returncode, done.stderr) == (0, "prod-control-1 (10.20.0.10): ready\n")
    assert (tmp_path / "sleep.calls").read_text().splitlines() == ["2", "2"]
    first = (tmp_path / "ssh.calls").read_text().splitlines()[0]
    assert first.startswith(
        f"-o KnownHostsCommand=/bin/echo 10.20.0.10 {KEY} -i key with a space admin@10.20.0.10 echo"
    )


def test_the_key_of_an_earlier_instance_is_dropped_when_the_new_key_is_there(tmp_path: Path) -> None:
    answer = f'[[ "$*" == *KKK* ]] || exit 255; {CLOCK.format(0)} echo ready'
    done = ask(tmp_path, aws=[f"echo {OLD}", f"echo {KEY}"], ssh=[answer])
    assert done.returncode == 0, done.stderr


def test_a_problem_is_reported_at_once(tmp_path: Path) -> None:
    done = ask(tmp_path, aws=[f"echo {KEY}"], ssh=[f"{CLOCK.format(0)} echo 'engine: found 1.0'; exit 1"])
    assert done.returncode == 1
    assert done.stderr == "prod-control-1 (10.20.0.10): is not ready:\nengine: found 1.0\n"
    assert len((tmp_path / "ssh.calls").read_text().splitlines()) == 1


def test_a_warning_of_the_aws_command_is_not_part_of_the_key(tmp_path: Path) -> None:
    warning = "echo 'DeprecationWarning: Python 3.8' >&2"
    done = ask(tmp_path, aws=[f"{warning}; echo {KEY}; {warning}"], ssh=[f"{CLOCK.format(0)} echo ready"])
    assert (done.returncode, done.stderr) == (0, "prod-control-1 (10.20.0.10): ready\n")
    assert f" {KEY} -i key" in (tmp_path / "ssh.calls").read_text()


@pytest.mark.parametrize(
    "published",
    [
        f"{KEY}' -o ProxyCommand='touch canary",
        f"{KEY}\ntouch canary",
        "ssh-ed25519 $(touch canary)",
        "ssh-ed25519 `touch canary`",
        f"{KEY} ops@example.org",
        f"* {KEY}",
        "ssh-rsa AAAA",
    ],
)
def test_a_malformed_key_is_not_used(tmp_path: Path, published: str) -> None:
    done = ask(tmp_path, aws=[f"printf '%s\\n' {shlex.quote(published)}".replace("\n", "'$'\\n''")], ssh=["true"])
    assert done.returncode == 1
    assert "prod-control-1 (10.20.0.10): /p: found " in done.stderr and "wanted a host key" in done.stderr
    assert not (tmp_path / "ssh.calls").exists() and not Path("canary").exists()


def test_a_slow_login_does_not_count_as_a_difference_between_clocks(tmp_path: Path) -> None:
    # The login takes longer than clocks may differ, and so does the check.
    script = SCRIPT.read_text().replace("MAX_SKEW=5 ", "MAX_SKEW=1 ")
    slow = f"/bin/sleep 3; {CLOCK.format(0)} echo ready; /bin/sleep 3"
    done = ask(tmp_path, aws=[f"echo {KEY}"], ssh=[slow], script=script)
    assert (done.returncode, done.stderr) == (0, "prod-control-1 (10.20.0.10): ready\n")
    assert len((tmp_path / "ssh.calls").read_text().splitlines()) == 1


@pytest.mark.parametrize("skew", [-30, 30])
def test_a_clock_may_be_set_within_a_minute(tmp_path: Path, skew: int) -> None:
    answers = [f"{CLOCK.format(skew)} echo ready", f"{CLOCK.format(0)} echo ready"]
    done = ask(tmp_path, aws=[f"echo {KEY}"], ssh=answers)
    assert (done.returncode, done.stderr) == (0, "prod-control-1 (10.20.0.10): ready\n")


@pytest.mark.parametrize("skew", [-30, 30])
def test_a_clock_that_stays_wrong_is_reported_after_a_minute(tmp_path: Path, skew: int) -> None:
    script = SCRIPT.read_text().replace("CLOCK_SECONDS=60 ", "CLOCK_SECONDS=1 ")
    wrong = f"{CLOCK.format(skew)} echo ready"
    done = ask(tmp_path, aws=[f"echo {KEY}"], ssh=[wrong, f"{wrong}; /bin/sleep 1"], seconds=900, script=script)
    assert done.returncode == 1
    # Whole seconds are compared.
    sign = "-" if skew < 0 else ""
    assert re.search(f"is not ready:\nclock: found {sign}(28|29|30) s from this machine's", done.stderr)


@pytest.mark.parametrize("answer", ["echo ready", "echo 'clock=a[$(touch canary)]'; echo ready"])
def test_a_machine_that_does_not_tell_its_time_is_not_ready(tmp_path: Path, answer: str) -> None:
    done = ask(tmp_path, aws=[f"echo {KEY}"], ssh=[answer], seconds=0)
    assert done.returncode == 1
    assert "no time of day from it: ready" in done.stderr
    assert not Path("canary").exists()


@pytest.mark.parametrize(
    ("aws", "ssh", "message"),
    [
        ("echo pending", "exit 1", "no ssh host key in /p (pending)"),
        ("echo AccessDenied >&2; exit 254", "exit 1", "no ssh host key in /p (AccessDenied)"),
        (f"echo {KEY}", "echo waits for its reboot; exit 75", "waits for its reboot"),
    ],
)
def test_when_the_time_is_over_it_reports_what_it_waited_for(tmp_path: Path, aws: str, ssh: str, message: str) -> None:
    done = ask(tmp_path, aws=[aws], ssh=[ssh], seconds=0)
    assert done.returncode == 1
    assert "not ready after" in done.stderr and message in done.stderr
