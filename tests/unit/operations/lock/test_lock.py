from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.container.names import LOCK, LOCK_LABEL
from cdktf_mesos.operations.commands import cli
from tests.unit.operations.engines import Engine

Engines = dict[str, Engine]

THEIRS = {LOCK_LABEL: f"{'a' * 32} held by eve@there since 2026-01-01T10:00:00Z: maintain a1"}


def lock(*words: str, **more: str) -> Result:
    return CliRunner().invoke(cli, ["lock", *words], **more)  # type: ignore[arg-type]


def python(text: str) -> list[str]:
    return ["--", sys.executable, "-IS", "-c", text]


def locked(engines: Engines) -> list[str]:
    return [name for name, engine in engines.items() if LOCK in engine.containers]


def test_all_machines_are_locked_while_the_command_runs_and_it_gets_the_id(engines: Engines, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    ask = f"import os, pathlib; pathlib.Path({str(seen)!r}).write_text(os.environ['TF_VAR_held_lock'])"
    created: list[str] = []
    for engine in engines.values():
        engine.scripted = lambda words, environment: None
    result = lock(*python(f"{ask}; raise SystemExit(3)"))
    created = [name for name, engine in engines.items() if "POST /containers/create" in engine.calls]
    assert (result.exit_code, created) == (3, list(engines)), result.output
    assert len(seen.read_text()) == 32
    assert locked(engines) == []


def test_a_lock_of_somebody_else_names_who_and_since_when_and_what_to_do(engines: Engines, tmp_path: Path) -> None:
    engines["a2"].run(LOCK, health="", labels=THEIRS)
    result = lock(*python(f"import pathlib; pathlib.Path({str(tmp_path / 'ran')!r}).touch()"))
    assert (result.exit_code, (tmp_path / "ran").exists()) == (4, False)
    assert "a2 is locked, held by eve@there since 2026-01-01T10:00:00Z: maintain a1." in result.stderr
    assert "cdktf-mesos lock --remove" in result.stderr
    assert locked(engines) == ["a2"]


def test_below_a_lock_the_same_lock_holds(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_held_lock", "a" * 32)
    for engine in engines.values():
        engine.run(LOCK, health="", labels=THEIRS)
    assert lock(*python("")).exit_code == 0
    assert locked(engines) == list(engines)


def test_a_left_lock_is_shown_and_removed_after_a_question(engines: Engines) -> None:
    engines["c1"].run(LOCK, health="", labels=THEIRS)
    shown = lock()
    assert (shown.exit_code, shown.output) == (4, f"c1 is locked, {THEIRS[LOCK_LABEL].partition(' ')[2]}\n")
    assert lock("--remove", input="n\n").exit_code == 1
    assert locked(engines) == ["c1"]
    assert lock("--remove", "--yes").exit_code == 0
    assert locked(engines) == []
    assert lock().output == "No machine is locked.\n"


@pytest.mark.usefixtures("over_ssh")
def test_one_machine_may_be_away_but_not_half_of_them(engines: Engines, project: Path) -> None:
    (project / "10.0.0.22").unlink()
    result = lock(*python(""))
    assert (result.exit_code, "a2 is not locked: " in result.stderr) == (0, True), result.output
    for address in ("10.0.0.21", "10.0.0.13"):
        (project / address).unlink()
    assert lock(*python("")).exit_code == 1
    assert locked(engines) == []


def test_a_machine_on_which_nothing_is_deployed_has_no_lock(engines: Engines) -> None:
    engines["a2"].containers.clear()
    assert lock(*python("")).exit_code == 0
    assert "POST /containers/create" not in engines["a2"].calls


def test_a_command_that_does_not_exist_leaves_no_lock(engines: Engines) -> None:
    result = lock("--", "no-such-program")
    assert (result.exit_code, result.stderr) == (1, "lock: no-such-program: No such file or directory\n")
    assert locked(engines) == []


def test_a_drain_in_the_project_respects_the_lock_and_takes_it(engines: Engines) -> None:
    engines["c1"].run(LOCK, health="", labels=THEIRS)
    words = ["drain", "http://127.0.0.1:1", "10.0.0.21", "--undo"]
    refused = CliRunner().invoke(cli, words)
    assert (refused.exit_code, "c1 is locked, held by eve@there" in refused.stderr) == (4, True)
    del engines["c1"].containers[LOCK]
    engines["c1"].run("prod-preflight-master", health="starting", labels={"cdktf-mesos.of": "1.11.0 abc"})
    deploying = CliRunner().invoke(cli, words)
    assert (deploying.exit_code, "prod-preflight-master on c1 runs: a deploy" in deploying.stderr) == (4, True)
    engines["c1"].run("prod-preflight-master", health="healthy", labels={"cdktf-mesos.of": "1.11.0 abc"})
    # No master listens there. The lock was taken before, and is released.
    assert CliRunner().invoke(cli, words).exit_code == 1
    assert "POST /containers/create" in engines["c1"].calls
    assert locked(engines) == []
    calls = [len(engine.calls) for engine in engines.values()]
    assert CliRunner().invoke(cli, [*words, "--no-lock"]).exit_code == 1
    assert [len(engine.calls) for engine in engines.values()] == calls


@pytest.mark.parametrize(
    ("reason", "is_under_way"), [("", True), ("a1 has executors with tasks: drain it first", False)]
)
def test_an_agent_can_be_drained_as_soon_as_its_check_wants_that(
    engines: Engines, reason: str, is_under_way: bool
) -> None:
    labels = {"cdktf-mesos.of": "1.11.0 abc"}
    # It keeps running for ten minutes after its failure, so that its log can be read.
    engines["a1"].run("prod-preflight-agent", health="unhealthy", labels=labels, is_removed_at_end=True, output=reason)
    result = CliRunner().invoke(cli, ["drain", "http://127.0.0.1:1", "10.0.0.21"])
    assert (result.exit_code == 4) is is_under_way, result.stderr


def test_the_status_shows_who_holds_the_lock(engines: Engines) -> None:
    for name in ("c1", "a1"):
        engines[name].run(LOCK, health="", labels=THEIRS)
    result = CliRunner().invoke(cli, ["status"])
    assert (result.exit_code, "All is well." in result.output) == (0, True)
    assert "Locked: c1, a1: held by eve@there since 2026-01-01T10:00:00Z: maintain a1" in result.output.splitlines()
