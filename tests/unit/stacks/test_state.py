from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stacks import Cluster
from stacks.state import instances, read_resources


def test_a_state_that_is_yet_to_be_written_has_nothing(tmp_path: Path) -> None:
    (tmp_path / "terraform.prod.tfstate").touch()
    assert read_resources(tmp_path / "terraform.prod.tfstate") == []


@pytest.mark.parametrize("content", [b"", b'{"version": 4, "resources": [{', b"{\xff"])
def test_one_that_is_cut_off_is_named_with_the_one_before(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "terraform.prod.tfstate").write_bytes(content)
    (tmp_path / "terraform.prod.tfstate.backup").write_text("{}")
    with pytest.raises(ValueError, match="is cut off, .* copy terraform.prod.tfstate.backup over it") as refused:
        read_resources(tmp_path / "terraform.prod.tfstate")
    assert str(refused.value).startswith(str(tmp_path / "terraform.prod.tfstate"))


def test_one_that_is_cut_off_with_none_before_is_to_be_removed(tmp_path: Path) -> None:
    (tmp_path / "terraform.prod.tfstate").write_text("{")
    with pytest.raises(ValueError, match="is cut off, .* remove it, and the containers"):
        read_resources(tmp_path / "terraform.prod.tfstate")


def test_one_that_a_deploy_is_writing_is_read_once_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "terraform.prod.tfstate"
    state.write_text("")
    (tmp_path / "terraform.prod.tfstate.backup").write_text("{}")
    monkeypatch.setattr("time.sleep", lambda _: state.write_text('{"resources": [{"type": "docker_image"}]}'))
    assert read_resources(state) == [{"type": "docker_image"}]


def test_a_program_that_reads_one_that_is_cut_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terraform.prod.tfstate").write_text("{")
    pins: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.7.1", "marathon_version": "v1.11.24"}
    with pytest.raises(ValueError, match="the state is cut off"):
        list(instances(Cluster(name="prod", **pins), "members", "docker_container"))
