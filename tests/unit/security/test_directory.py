"""The directory of secrets: what the command makes, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cdktf_mesos import Security
from cdktf_mesos.operations.secrets.command import command
from cdktf_mesos.security.directory import PRINCIPALS, make_secrets


def test_the_command_makes_each_secret_once(tmp_path: Path) -> None:
    directory = tmp_path / "own" / "secrets"
    first = CliRunner().invoke(command, [str(directory)])
    assert first.exit_code == 0, first.output
    assert "Do not commit" in first.output
    made = {name: (directory / name).read_text() for name in PRINCIPALS}
    assert len({*made.values()}) == len(PRINCIPALS)
    assert all(re.fullmatch("[A-Za-z0-9]{40}", secret) for secret in made.values())
    assert not any(secret in first.output for secret in made.values())
    assert {(directory / name).stat().st_mode & 0o777 for name in PRINCIPALS} == {0o600}
    assert directory.stat().st_mode & 0o777 == 0o700
    assert (directory / ".gitignore").read_text() == "*\n"
    (directory / "agent").unlink()
    again = CliRunner().invoke(command, [str(directory)])
    assert "made agent\n" in again.output
    assert {name: (directory / name).read_text() for name in PRINCIPALS if name != "agent"} == {
        name: secret for name, secret in made.items() if name != "agent"
    }


def test_the_command_makes_no_secret_that_a_rotation_has_removed(secrets: Path) -> None:
    (secrets / "probe").rename(secrets / "probe-2")
    assert make_secrets(secrets) == []


def test_roles_with_different_texts_have_different_files(secrets: Path) -> None:
    security = Security("used", str(secrets))
    one, other = (security.file("/etc/zk", "zk", text) for text in ("zk://a/mesos", "zk://b/mesos"))
    assert one.source != other.source


@pytest.mark.parametrize(
    ("name", "text", "mode", "remedy"),
    [
        ("agent", "a" * 40 + "\n", 0o600, "no end of line"),
        ("agent", "a:b" * 10, 0o600, "letters and digits"),
        ("agent", "short", 0o600, "20 to 128"),
        ("agent", "ä" * 40, 0o600, "ASCII"),
        ("agent", "a" * 40, 0o640, "chmod 0600"),
        ("marathon-2", "a" * 40, 0o600, "Remove it"),
        ("agent-1", "a" * 40, 0o600, "Remove it"),
        ("zookeper", "a" * 40, 0o600, "Remove it"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_without_its_text(
    secrets: Path, name: str, text: str, mode: int, remedy: str
) -> None:
    (secrets / name).write_text(text)
    (secrets / name).chmod(mode)
    with pytest.raises(ValueError, match=f"Security: secrets is invalid: '{secrets}/{name}'.*{remedy}") as refused:
        Security("prepared", str(secrets))
    assert text not in str(refused.value)


def test_a_directory_that_is_open_incomplete_or_missing_is_refused(secrets: Path) -> None:
    (secrets / "probe").rename(secrets / "probe-2")
    # A rotation that is done leaves only the newer file.
    assert Security("prepared", str(secrets)).newest("probe").principal == "probe-2"
    (secrets / "probe-2").unlink()
    with pytest.raises(ValueError, match=f"{secrets}/probe'. This file is missing"):
        Security("prepared", str(secrets))
    secrets.chmod(0o755)
    with pytest.raises(ValueError, match="chmod 0700"):
        Security("prepared", str(secrets))
    with pytest.raises(ValueError, match="cdktf-mesos secrets /nowhere"):
        Security("prepared", "/nowhere")


def test_a_stage_that_does_not_exist_is_refused(secrets: Path) -> None:
    with pytest.raises(ValueError, match="stage is invalid: 'open'. Use 'prepared' or 'used' or 'required'; leave out"):
        Security("open", str(secrets))  # type: ignore[arg-type]


def test_numbers_count_as_numbers(secrets: Path) -> None:
    for number in (2, 9, 10):
        (secrets / f"agent-{number}").write_text("a" * 40)
        (secrets / f"agent-{number}").chmod(0o600)
    security = Security("used", str(secrets))
    assert [each.principal for each in security.all_of("agent")] == ["agent", "agent-2", "agent-9", "agent-10"]
    assert security.newest("agent").principal == "agent-10"


def test_no_representation_shows_a_secret(secrets: Path) -> None:
    security = Security("used", str(secrets))
    shown = repr([security, security.all_of("agent"), security.login()])
    assert not any(secret in shown for secret in (security.newest("agent").secret, security.login().text))
