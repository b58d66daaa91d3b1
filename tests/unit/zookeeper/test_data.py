"""What must be true of a server's data on its host, by the script as it is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cdktf_mesos import DockerHost, Image, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.scripts import words
from tests.unit.answers import ALONE, HERE, SERVING, answering


@pytest.fixture
def data(tmp_path: Path) -> Path:
    directory = tmp_path / "zookeeper/data"
    directory.mkdir(parents=True)
    return directory


def refusal(stack: TerraformStack, data: Path, port: int) -> str:
    """Why the server's container may not be made; empty where it may."""
    host = DockerHost(stack, "here", address=HERE, data_dir=str(data.parents[1]))
    ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", client_port=port)
    check = ensemble.members[0].host_check
    assert check is not None
    assert [mount.host_path for mount in check.mounts] == [str(data.parent)]
    command = words("asking", ASK, ensemble.probe.questions, check.script, "find_limit && settled")
    environment = {"PATH": os.environ["PATH"], **check.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode == 0) is (done.stdout == ""), done
    return done.stdout


def test_a_directory_that_is_new_or_the_servers_own_is_right(stack: TerraformStack, data: Path) -> None:
    (data / "myid").write_text("1\n")
    with answering("") as port:
        pass
    assert not refusal(stack, data, port)


def test_the_data_of_another_server_are_recognised_before_the_server_starts(stack: TerraformStack, data: Path) -> None:
    (data / "myid").write_text("2\n")
    with answering("") as port:
        pass
    found = refusal(stack, data, port)
    assert f"{data} on {HERE} has the data of server 2, and this is to be server 1" in found
    assert "Put the machines back in their order" in found


@pytest.mark.parametrize("answer", [ALONE, SERVING])
def test_data_that_are_in_the_container_alone_are_not_lost_by_a_bump(
    stack: TerraformStack, data: Path, answer: str
) -> None:
    with answering(answer) as port:
        assert f"the server on {HERE} serves, and {data} has no data" in refusal(stack, data, port)


def test_a_server_whose_data_are_in_their_place_may_be_replaced(stack: TerraformStack, data: Path) -> None:
    (data / "version-2").mkdir()
    with answering(SERVING) as port:
        assert not refusal(stack, data, port)


def test_an_image_that_keeps_no_data_has_none_to_look_at(
    stack: TerraformStack, hosts: Callable[[int], list[DockerHost]]
) -> None:
    image = Image("containersol/zookeeper", "3.5.4")
    ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(1), image=image)
    assert ensemble.members[0].host_check is None
