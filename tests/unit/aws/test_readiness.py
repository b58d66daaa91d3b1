from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cdktf_mesos.aws import readiness

SCRIPT = Path(readiness.__file__).with_name("readiness.sh")

# Stand-ins for the programs, sleep among them, so that nothing waits. Each answers by a line of its script in turn,
# the last one again and again.
PROGRAM = """#!/bin/bash
here={folder}/{name}
echo "$*" >> "$here.calls"
count=$(wc -l < "$here.calls")
eval "$(head -n "$count" "$here.answers" | tail -n 1)"
"""


def ask(folder: Path, *, aws: list[str], ssh: list[str], seconds: int = 20) -> subprocess.CompletedProcess[str]:
    """Run the script with what the two programs do."""
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
        "SECONDS_AT_MOST": str(seconds),
    }
    return subprocess.run(["bash", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_it_waits_for_the_key_and_then_for_the_machine(tmp_path: Path) -> None:
    done = ask(tmp_path, aws=["echo pending", "echo ssh-ed25519 K"], ssh=["exit 255", "echo ready"])
    assert (done.returncode, done.stderr) == (0, "prod-control-1 (10.20.0.10): ready\n")
    assert (tmp_path / "sleep.calls").read_text().splitlines() == ["2", "2"]
    first = (tmp_path / "ssh.calls").read_text().splitlines()[0]
    assert first.startswith(
        "-o KnownHostsCommand=/bin/echo 10.20.0.10 ssh-ed25519 K -i key with a space admin@10.20.0.10"
    )


def test_the_key_of_an_instance_that_was_before_is_given_up_when_the_new_one_is_there(tmp_path: Path) -> None:
    done = ask(tmp_path, aws=["echo ssh-ed25519 OLD", "echo ssh-ed25519 NEW"], ssh=['[[ "$*" == *NEW* ]] || exit 255'])
    assert done.returncode == 0, done.stderr


def test_what_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    done = ask(tmp_path, aws=["echo ssh-ed25519 K"], ssh=["echo 'clock: found 9 s'; exit 1"])
    assert done.returncode == 1
    assert done.stderr == "prod-control-1 (10.20.0.10): is not ready:\nclock: found 9 s\n"
    assert len((tmp_path / "ssh.calls").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("aws", "ssh", "message"),
    [
        ("echo pending", "exit 1", "no ssh host key in /p (pending)"),
        ("echo AccessDenied; exit 254", "exit 1", "no ssh host key in /p (AccessDenied)"),
        ("echo ssh-ed25519 K", "echo waits for its reboot; exit 75", "waits for its reboot"),
    ],
)
def test_after_the_time_given_it_says_what_it_waited_for(tmp_path: Path, aws: str, ssh: str, message: str) -> None:
    done = ask(tmp_path, aws=[aws], ssh=[ssh], seconds=0)
    assert done.returncode == 1
    assert "not ready after" in done.stderr and message in done.stderr
