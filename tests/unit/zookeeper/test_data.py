"""The check of a server's data on its host. The tests run the real script with bash."""

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
    """Why the check refuses to create or replace the server's container; empty if it passes."""
    host = DockerHost(stack, "here", address=HERE, data_dir=str(data.parents[1]))
    ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", client_port=port)
    check = ensemble.members[0].host_check
    assert check is not None
    assert [mount.host_path for mount in check.mounts] == [str(data.parent)]
    command = words("asking", ASK, ensemble.probe.questions, check.script, "find_limit && settled")
    environment = {"PATH": os.environ["PATH"], **check.environment}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert (result.returncode == 0) is (result.stdout == ""), result
    return result.stdout


def test_the_servers_own_data_pass(stack: TerraformStack, data: Path) -> None:
    (data / "myid").write_text("1\n")
    with answering("") as port:
        pass
    assert not refusal(stack, data, port)


def test_the_data_of_another_server_are_refused(stack: TerraformStack, data: Path) -> None:
    (data / "myid").write_text("2\n")
    with answering("") as port:
        pass
    reason = refusal(stack, data, port)
    assert f"{data} on {HERE} has the data of server 2, but this host is to run server 1" in reason
    assert "Put the machines back in their old order" in reason


@pytest.mark.parametrize("answer", [ALONE, SERVING])
def test_a_server_whose_data_are_only_in_its_container_is_not_replaced(
    stack: TerraformStack, data: Path, answer: str
) -> None:
    with answering(answer) as port:
        assert f"the server on {HERE} serves, but {data} has no data" in refusal(stack, data, port)


def test_a_server_whose_data_are_on_the_host_may_be_replaced(stack: TerraformStack, data: Path) -> None:
    (data / "version-2").mkdir()
    with answering(SERVING) as port:
        assert not refusal(stack, data, port)


def test_an_image_that_keeps_no_data_has_no_check_of_its_data(
    stack: TerraformStack, hosts: Callable[[int], list[DockerHost]]
) -> None:
    image = Image("containersol/zookeeper", "3.5.4")
    ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(1), image=image)
    assert ensemble.members[0].host_check is None
