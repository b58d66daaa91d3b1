from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cdktf_mesos
from cdktf_mesos.throwaway.held import held, is_held

HOLDER = """
import sys, time
from pathlib import Path
import cdktf_mesos
from cdktf_mesos.throwaway.held import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_command_is_told_which_process_works_on_it(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    environment = {**os.environ, "PYTHONPATH": str(Path(cdktf_mesos.__file__).parents[1])}
    process = subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, env=environment)
    try:
        assert process.stdout and process.stdout.readline() == b"held\n"
        assert is_held(path)
        with pytest.raises(RuntimeError, match=f"process {process.pid} works on it"), held(path):
            pass
    finally:
        process.kill()
        process.communicate()
    # The kernel has released it.
    assert path.exists() and not is_held(path)
    with held(path):
        assert is_held(path)
    assert not path.exists()


def test_what_nobody_has_made_is_not_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "none")
