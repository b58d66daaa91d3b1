from __future__ import annotations

import sys
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from cdktf_mesos.operations.backup import targets
from cdktf_mesos.operations.backup.targets import target

# An ssh that runs the command here. What it got is in the file `words`; $SSH_FAULT changes what arrives.
SSH = f"""#!{sys.executable} -IS
import os, subprocess, sys
with open(os.environ["HERE"] + "/words", "a") as words:
    print(sys.argv[1:], file=words)
command = sys.argv[-1]
if os.environ.get("SSH_FAULT"):
    command = command.replace("cat >", "head -c 3 >")
sys.exit(subprocess.run(["sh", "-c", command]).returncode)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.write_bytes(bytes(range(256)) * 1000)
    return path


@pytest.fixture
def over_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ssh").write_text(SSH)
    (tmp_path / "bin/ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("HERE", str(tmp_path))
    (tmp_path / "there").mkdir()
    return tmp_path / "there"


def test_a_file_is_replaced_as_a_whole_and_only_its_owner_can_read_it(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    name, send = target(str(tmp_path / "old"), "own", (), 10)
    send(archive)
    assert name == str(tmp_path / "old")
    assert (tmp_path / "old").read_bytes() == archive.read_bytes()
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".*"))


def test_in_a_directory_the_archive_has_its_own_name(tmp_path: Path) -> None:
    assert target(str(tmp_path), "own", (), 10)[0] == f"{tmp_path}/own"
    assert target("ops@b1:/var/backups/", "own", (), 10)[0] == "ops@b1:/var/backups/own"
    assert target("s3://our-backups/prod/", "own", (), 10)[0] == "s3://our-backups/prod/own"
    assert target("s3://our-backups", "own", (), 10)[0] == "s3://our-backups/own"


def test_over_ssh_the_archive_arrives_under_another_name_first(archive: Path, over_there: Path) -> None:
    _, send = target(f"ops@b1:{over_there}/it's one", "own", ("-i", "key"), 10)
    send(archive)
    assert (over_there / "it's one").read_bytes() == archive.read_bytes()
    assert (over_there / "it's one").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in over_there.iterdir()] == ["it's one"]
    words = (over_there.parent / "words").read_text()
    assert words.startswith("['-i', 'key', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'")


def test_a_directory_over_ssh_must_be_named_as_one(archive: Path, over_there: Path) -> None:
    with pytest.raises(RuntimeError, match="it is a directory: end it with /"):
        target(f"ops@b1:{over_there}", "own", (), 10)[1](archive)
    assert not [*over_there.iterdir()]


def test_what_does_not_arrive_whole_over_ssh_leaves_the_last_one(
    archive: Path, over_there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (over_there / "a").write_text("last")
    monkeypatch.setenv("SSH_FAULT", "yes")
    with pytest.raises(RuntimeError, match="what arrived differs from what was sent"):
        target(f"ops@b1:{over_there}/a", "own", (), 10)[1](archive)
    assert {path.name: path.read_text() for path in over_there.iterdir()} == {"a": "last"}


@mock_aws
def test_an_archive_in_a_bucket_is_read_back(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="our-backups")
    target("s3://our-backups/prod/a", "own", (), 10)[1](archive)
    assert client.get_object(Bucket="our-backups", Key="prod/a")["Body"].read() == archive.read_bytes()
    with pytest.raises(RuntimeError, match="s3://other-backups/a: .*NoSuchBucket"):
        target("s3://other-backups/a", "own", (), 10)[1](archive)


def test_without_boto3_a_bucket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"needs boto3: pip install 'cdktf-mesos\[s3\]'"):
        target("s3://our-backups/a", "own", (), 10)


@pytest.mark.parametrize("text", ["s3:/our-backups/a", "s3://B", "/nowhere/a"])
def test_a_target_that_cannot_be_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        target(text, "own", (), 10)
