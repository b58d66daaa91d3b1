from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.roll.deployed import read_members
from cdktf_mesos.states import read_resources


def test_a_state_that_has_not_been_written_yet_is_empty(tmp_path: Path) -> None:
    (tmp_path / "terraform.prod.tfstate").touch()
    assert read_resources(tmp_path / "terraform.prod.tfstate") == []


@pytest.mark.parametrize("content", [b"", b'{"version": 4, "resources": [{', b"{\xff"])
def test_the_error_for_a_state_that_is_cut_off_names_its_backup(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "terraform.prod.tfstate").write_bytes(content)
    (tmp_path / "terraform.prod.tfstate.backup").write_text("{}")
    with pytest.raises(ValueError, match="is cut off: .* copy terraform.prod.tfstate.backup over it") as refused:
        read_resources(tmp_path / "terraform.prod.tfstate")
    assert str(refused.value).startswith(str(tmp_path / "terraform.prod.tfstate"))


def test_a_state_that_is_cut_off_and_has_no_backup_must_be_removed(tmp_path: Path) -> None:
    (tmp_path / "terraform.prod.tfstate").write_text("{")
    with pytest.raises(ValueError, match="is cut off: .* remove it and the containers"):
        read_resources(tmp_path / "terraform.prod.tfstate")


def test_a_state_that_a_deploy_is_writing_is_read_when_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "terraform.prod.tfstate"
    state.write_text("")
    (tmp_path / "terraform.prod.tfstate.backup").write_text("{}")
    monkeypatch.setattr("time.sleep", lambda _: state.write_text('{"resources": [{"type": "docker_image"}]}'))
    assert read_resources(state) == [{"type": "docker_image"}]


def test_reading_the_members_of_a_state_that_is_cut_off_fails(tmp_path: Path) -> None:
    (tmp_path / "terraform.prod.tfstate").write_text("{")
    with pytest.raises(ValueError, match="the state is cut off"):
        read_members(tmp_path, "prod")


@pytest.mark.parametrize(
    "resource",
    [
        {"type": "docker_image", "instances": [{}]},
        {"type": "docker_container", "instances": []},
        {"type": "docker_container", "instances": [{}]},
        {"type": "docker_container", "instances": [{"attributes": {"labels": None}}]},
        {"type": "docker_container", "instances": [{"attributes": {"labels": [{"label": "a", "value": "b"}]}}]},
    ],
)
def test_other_resources_are_not_members(tmp_path: Path, resource: dict[str, Any]) -> None:
    (tmp_path / "terraform.prod.tfstate").write_text(json.dumps({"resources": [resource]}))
    assert not read_members(tmp_path, "prod")


def test_a_member_is_read_with_its_machine_release_and_settings(tmp_path: Path) -> None:
    labels = [{"label": "cdktf-mesos.role", "value": "agent"}, {"label": "cdktf-mesos.version", "value": "1.9.0"}]
    attributes = {"name": "prod-agent", "labels": labels, "env": ["MESOS_IP=10.0.0.21"], "command": ["--strict=false"]}
    resource = {
        "type": "docker_container",
        "provider": 'provider["x/docker"].a1',
        "instances": [{"attributes": attributes}],
    }
    (tmp_path / "terraform.prod.tfstate").write_text(json.dumps({"resources": [resource]}))
    (found,) = read_members(tmp_path, "prod")
    assert (found.machine, found.role, found.version, found.name) == ("a1", "agent", "1.9.0", "prod-agent")
    assert (found.environment, found.command) == ({"MESOS_IP": "10.0.0.21"}, ["--strict=false"])
