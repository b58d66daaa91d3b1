from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from cdktf_mesos.operations.commands import cli
from tests.unit.operations.conftest import MARATHON, MESOS, ZOOKEEPER
from tests.unit.operations.engines import Engine

Engines = dict[str, Engine]
CONTROL = {f"zookeeper:{ZOOKEEPER}", f"mesosphere/mesos-master:{MESOS}", f"mesosphere/marathon:{MARATHON}"}
AGENT = {f"mesosphere/mesos-slave:{MESOS}", f"mesosphere/mesos:{MESOS}"}


def pull(*words: str) -> Result:
    return CliRunner().invoke(cli, ["pull", "--no-synth", *words])


def test_each_machine_gets_the_images_of_its_members(engines: Engines) -> None:
    result = pull()
    assert result.exit_code == 0, result.output
    for name, engine in engines.items():
        assert engine.images == (AGENT if name.startswith("a") else CONTROL), name
    assert set(result.stdout.splitlines()[0].removeprefix("c1: pulled ").split(", ")) == CONTROL


def test_an_image_that_is_there_is_not_pulled_again(engines: Engines) -> None:
    engines["a1"].images |= AGENT
    result = pull("--host", "a1")
    assert (result.exit_code, result.stdout) == (0, "a1: has all images\n")
    assert "POST /images/create" not in engines["a1"].calls
    assert not engines["a2"].images


def test_a_machine_that_cannot_be_reached_does_not_hold_up_the_others(engines: Engines, project: Path) -> None:
    (project / "10.0.0.22").unlink()
    result = pull()
    assert result.exit_code == 1
    assert "a2: unix://" in result.stderr and "cannot be reached" in result.stderr
    assert engines["a1"].images == AGENT


def test_a_name_of_no_machine_is_an_error(engines: Engines) -> None:
    result = pull("--host", "c9")
    assert result.exit_code == 1
    assert "--host c9: no such machine; there are a1, a2, c1, c2, c3" in result.output
