"""A cluster that was deployed with cdktf and Terraform moves to CDK Terrain and OpenTofu, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from sandbox import cdk_terrain, provider
from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.project import ROOT, Project
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

# Made by `make unit-cdktn`.
_PYTHON = ROOT / ".venv-cdktn/bin/python"


def project(directory: Path, host: Host, *with_: Any, **more: Any) -> Project:
    platform = {"kind": "local", "engine": host.engine, "address": host.address}
    agents = {"cpus": 1, "mem_mib": 512, "disk_mib": 1024}
    return Project(directory, *with_, name="moved", platform=platform, agents=agents, **{**PINS, **more})


def with_node_22(variables: dict[str, str]) -> dict[str, str]:
    return {**variables, "PATH": f"{cdk_terrain.node().parent}:{provider.terraform().parent}:{os.environ['PATH']}"}


def on_cdk_terrain(directory: Path, host: Host, **more: Any) -> Project:
    """The same project with cdktn and OpenTofu."""
    variables = with_node_22({"TERRAFORM_BINARY_NAME": str(provider.opentofu())})
    command = f"{quote(str(_PYTHON))} {quote(str(ROOT / 'main.py'))}"
    return project(directory, host, variables, command, cdk_terrain.cdktn(), **more)


def on_node_22(directory: Path, host: Host, **more: Any) -> Project:
    """The same project with cdktf and Terraform, under Node 22."""
    cli: Sequence[Path] = (cdk_terrain.node(), ROOT / "node_modules/.bin/cdktf")
    return project(directory, host, with_node_22({}), None, cli, **more)


def containers(host: Host) -> dict[str, str]:
    client = host.docker()
    try:
        found = client.containers.list(all=True, filters={"name": "^/moved-"})
        return {str(each.name): str(each.id) for each in found}
    finally:
        client.close()


@pytest.fixture(scope="module")
def directory(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project directory of a cluster that was deployed with cdktf and Terraform."""
    if not _PYTHON.exists():
        pytest.skip("no environment with cdktn: make unit-cdktn makes it")
    directory = tmp_path_factory.mktemp("moved")
    deployed = project(directory, host)
    try:
        deployed.deploy()
        yield directory
    finally:
        on_node_22(directory, host).destroy()
        host.run("rm", "-rf", "/var/lib/cdktf-mesos/moved")


def test_the_plan_is_empty_after_the_move_to_cdk_terrain(directory: Path, host: Host) -> None:
    before = containers(host)
    assert "No changes" in on_cdk_terrain(directory, host).diff()
    on_cdk_terrain(directory, host).deploy()
    assert containers(host) == before


def test_a_pin_can_be_bumped_with_cdk_terrain(directory: Path, host: Host) -> None:
    before = containers(host)
    moved = on_cdk_terrain(directory, host, mesos_version="1.10.0")
    moved.deploy()
    after = containers(host)
    replaced = {name for name in before if after.get(name) != before[name]}
    assert replaced == {"moved-master", "moved-agent-1", "moved-old-images"}
    cluster = LiveCluster(moved.outputs())
    cluster.wait_until_serving(agents=1)
    assert cluster.state()["version"] == "1.10.0"


def test_the_cluster_moves_back_to_cdktf_on_node_22_without_changes(directory: Path, host: Host) -> None:
    before = containers(host)
    back = on_node_22(directory, host, mesos_version="1.10.0")
    assert "No changes" in back.diff()
    back.deploy()
    assert containers(host) == before
