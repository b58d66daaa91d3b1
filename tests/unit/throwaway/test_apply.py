"""Terraform's part, with a program that writes down how it was run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.throwaway.apply import apply

DOCUMENT: dict[str, Any] = {"terraform": {"required_providers": {"docker": {"version": "~> 4.6"}}}, "resource": {}}

# Any open file.
LOCK = 2

PROGRAM = """#!/bin/bash
echo "$1 ${TF_DATA_DIR+with a shared directory}" >> "$CALLS"
case $1 in
    init) touch .terraform.lock.hcl ;;
    apply) [ ! -e "$CALLS.fails" ] || { cat "$CALLS.fails" >&2; rm "$CALLS.fails"; exit 1; } ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the commands that the program in place of Terraform was given."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/tofu"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/bin:/usr/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(program))
    (tmp_path / "one").mkdir()
    return tmp_path / "calls"


def test_only_the_first_cluster_takes_the_time_of_an_init(tmp_path: Path, calls: Path) -> None:
    apply(tmp_path / "one", DOCUMENT, 60, LOCK)
    apply(tmp_path / "one", DOCUMENT, 60, LOCK)
    assert calls.read_text().splitlines() == ["init ", *["apply with a shared directory"] * 2]
    assert json.loads((tmp_path / "one/main.tf.json").read_text()) == DOCUMENT
    assert (tmp_path / "one/.terraform.lock.hcl").exists()


def test_other_providers_are_initialised_elsewhere(tmp_path: Path, calls: Path) -> None:
    apply(tmp_path / "one", DOCUMENT, 60, LOCK)
    apply(tmp_path / "one", {**DOCUMENT, "terraform": {"required_providers": {}}}, 60, LOCK)
    assert calls.read_text().split().count("init") == 2


def test_if_the_provider_has_gone_it_is_initialised_again(tmp_path: Path, calls: Path) -> None:
    apply(tmp_path / "one", DOCUMENT, 60, LOCK)
    calls.with_suffix(".fails").write_text("Required plugins are not installed: run tofu init\n")
    apply(tmp_path / "one", DOCUMENT, 60, LOCK)
    assert calls.read_text().split().count("init") == 2


def test_an_error_of_terraform_is_shown(tmp_path: Path, calls: Path) -> None:
    calls.with_suffix(".fails").write_text("Error: Unable to pull image\n")
    with pytest.raises(RuntimeError, match="tofu apply failed:\nError: Unable to pull image"):
        apply(tmp_path / "one", DOCUMENT, 60, LOCK)


def test_without_terraform_and_opentofu_the_error_names_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="no terraform and no tofu on PATH"):
        apply(tmp_path, DOCUMENT, 60, LOCK)
