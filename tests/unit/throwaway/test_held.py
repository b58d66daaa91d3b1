from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import cdktf_mesos
from cdktf_mesos.throwaway.held import held, is_held
from sandbox.process import wait_until

HOLDER = """
import subprocess, sys, time
from pathlib import Path
import cdktf_mesos
from cdktf_mesos.throwaway.held import held
with held(Path(sys.argv[1])) as file:
    subprocess.Popen(["sleep", sys.argv[2]], pass_fds=[file])
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(path: Path, seconds: str) -> Iterator[int]:
    """The id of a process that holds the file. It is killed at the end; a program that it has started goes on."""
    environment = {**os.environ, "PYTHONPATH": str(Path(cdktf_mesos.__file__).parents[1])}
    words = [sys.executable, "-c", HOLDER, str(path), seconds]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout and process.stdout.readline() == b"held\n"
        yield process.pid
        process.kill()


def test_a_second_command_is_told_which_process_works_on_it(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with holder(path, "0") as process:
        assert is_held(path)
        with pytest.raises(RuntimeError, match=f"process {process} works on it"), held(path):
            pass
    # The kernel releases it when both processes have ended.
    wait_until(lambda: not is_held(path), lambda: f"{path} is still held")
    assert path.exists()
    with held(path):
        assert is_held(path)
    assert not path.exists()


def test_after_a_killed_process_it_waits_for_what_that_has_started(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with holder(path, "2"):
        began = time.monotonic()
    assert is_held(path)
    with held(path):
        assert time.monotonic() - began > 1


def test_what_nobody_has_made_is_not_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "none")
