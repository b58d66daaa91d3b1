"""The pace of health checks, by running their script."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from cdktf_mesos.container import paced

SCRIPT = Path(paced.__file__).with_suffix(".sh")


def checked(has_served: Path, interval: int, first: int, *command: str) -> tuple[int, str, float]:
    """The exit code of a check, what it printed, and how long it took in seconds."""
    start = time.monotonic()
    words = ["bash", str(SCRIPT), str(has_served), str(interval), str(first), *command]
    result = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    return result.returncode, result.stdout, time.monotonic() - start


def test_the_first_check_passes_as_soon_as_the_member_serves(tmp_path: Path) -> None:
    serves = tmp_path / "serves"
    with subprocess.Popen(["bash", "-c", f"sleep 1; touch {serves}"]):
        code, _, took = checked(tmp_path / "has-served", 60, 15, "test", "-e", str(serves))
    assert code == 0
    assert took < 10


def test_the_first_check_fails_after_its_time_with_the_last_reason(tmp_path: Path) -> None:
    code, printed, took = checked(tmp_path / "has-served", 60, 1, "bash", "-c", "echo no quorum; exit 1")
    assert (code, printed) == (1, "no quorum\n")
    assert took < 10
    assert not (tmp_path / "has-served").exists()


def test_a_later_check_waits_for_the_interval_and_asks_once(tmp_path: Path) -> None:
    has_served, asked = tmp_path / "has-served", tmp_path / "asked"
    assert checked(has_served, 1, 15, "true")[0] == 0
    code, _, took = checked(has_served, 1, 15, "bash", "-c", f"echo asked >> {asked}; exit 1")
    assert code == 1
    assert took >= 1
    assert asked.read_text() == "asked\n"


def test_a_check_passes_though_it_cannot_note_that_the_member_serves(tmp_path: Path) -> None:
    assert checked(tmp_path / "absent" / "has-served", 60, 15, "true")[0] == 0
