from __future__ import annotations

import os
from pathlib import Path

import pytest

from cdktf_mesos.operations.preview.initialised import take_over
from cdktf_mesos.operations.preview.plans import Planner
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.synthesis import Stack

# Of the two providers of the deploy's directory, one is a link into a cache, as Terraform makes them, one a file.
FILE, LINK = "providers/registry/docker/provider", "providers/registry/aws"
# As Terraform behaves whose backend is not the one in its record.
TERRAFORM = """#!/bin/sh
echo "$@" >> calls
case $1 in
init) mkdir -p .terraform; case "$*" in *-reconfigure*) echo bucket > .terraform/terraform.tfstate ;; esac ;;
plan) grep -q bucket .terraform/terraform.tfstate || { echo 'Error: run "terraform init"' >&2; exit 1; } ;;
show) echo '{}' ;;
esac
"""


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    data = tmp_path / "deployed/.terraform"
    (data / FILE).parent.mkdir(parents=True)
    (data / FILE).write_text("program")
    (data / LINK).symlink_to("/cache/aws")
    (data / "terraform.tfstate").write_text("local")
    (tmp_path / "deployed/.terraform.lock.hcl").write_text("locked")
    return tmp_path / "deployed"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def test_providers_are_linked_and_what_says_where_the_state_is_is_copied(deployed: Path, own: Path) -> None:
    take_over(deployed, own)
    assert (own / ".terraform" / FILE).samefile(deployed / ".terraform" / FILE)
    assert (own / ".terraform" / LINK).readlink() == Path("/cache/aws")
    assert (own / ".terraform.lock.hcl").read_text() == "locked"
    (own / ".terraform/terraform.tfstate").write_text("bucket")
    assert (deployed / ".terraform/terraform.tfstate").read_text() == "local"
    assert sorted(path.name for path in own.iterdir()) == [".terraform", ".terraform.lock.hcl"]


def test_after_a_state_has_moved_the_preview_knows(deployed: Path, own: Path) -> None:
    take_over(deployed, own)
    (deployed / ".terraform/terraform.tfstate").write_text("bucket")
    take_over(deployed, own)
    assert (own / ".terraform/terraform.tfstate").read_text() == "bucket"


def test_providers_that_the_preview_has_stay(deployed: Path, own: Path) -> None:
    (own / ".terraform/providers").mkdir(parents=True)
    take_over(deployed, own)
    assert list((own / ".terraform/providers").iterdir()) == []


def test_without_links_terraform_installs_the_providers(
    deployed: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    take_over(deployed, own)
    assert not (own / ".terraform/providers").exists()
    assert (own / ".terraform/terraform.tfstate").read_text() == "local"


def test_where_nothing_was_deployed_nothing_is_taken_over(tmp_path: Path, own: Path) -> None:
    take_over(tmp_path / "deployed", own)
    assert list(own.iterdir()) == []


def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deployed: Path, own: Path) -> tuple[bool, list[str]]:
    """Whether the stack could be planned, and what Terraform was called with."""
    program = tmp_path / "terraform"
    program.write_text(TERRAFORM)
    program.chmod(0o755)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(program))
    done = Planner(Processes(20)).plan(Stack("prod", 1, own, [], {}, deployed))
    return done.error is None, (own / "calls").read_text().splitlines()


def test_a_state_that_is_yet_to_be_moved_is_refused_as_for_a_deploy(
    tmp_path: Path, deployed: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned, calls = plan(tmp_path, monkeypatch, deployed, own)
    assert not planned
    assert calls[1] == "init -input=false -no-color"


def test_what_the_last_preview_said_of_a_state_binds_nobody(
    tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / ".terraform").mkdir()
    (own / ".terraform/terraform.tfstate").write_text("local")
    planned, calls = plan(tmp_path, monkeypatch, tmp_path / "removed", own)
    assert planned
    assert calls[1] == "init -input=false -no-color -reconfigure"
