from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.operations.leftovers import leftovers
from cdktf_mesos.operations.synthesis import Stack

IMAGE = {"type": "docker_image", "instances": [{"attributes": {"name": "zookeeper:3.9.4", "keep_locally": True}}]}
# As Terraform writes them: the checks of a machine that has left, in the state of its `-machine` stack.
LABEL = {"label": "cdktf-mesos.of", "value": "3.9.4 1.10.0 fcd4d4b1e14a"}
CHECKS = [
    {"type": "docker_container", "name": name, "instances": [{"attributes": {"name": container, "labels": [LABEL]}}]}
    for name, container in (
        ("machine_is_ready", "prod-preflight-machine-zookeeper"),
        ("every_other_master_is_healthy", "prod-preflight-master"),
    )
]
MEMBER = {"type": "docker_container", "instances": [{"attributes": {"name": "prod-master", "labels": []}}]}


def left(directory: Path, *resources: dict[str, Any]) -> list[str]:
    (directory / "terraform.prod-1-control-c4-machine.tfstate").write_text(json.dumps({"resources": resources}))
    return leftovers(directory, [Stack("prod-1-control-c1-machine", 1, directory, [], {})])


def test_kept_images_and_checks_that_have_ended_are_nothing_that_is_left(tmp_path: Path) -> None:
    assert left(tmp_path) == []
    assert left(tmp_path, IMAGE, *CHECKS) == []


@pytest.mark.parametrize(
    "more",
    [
        MEMBER,
        {**IMAGE, "instances": [*IMAGE["instances"], {"attributes": {"name": "zookeeper:3.9.4"}}]},
        {"type": "docker_container", "instances": [*CHECKS[0]["instances"], *MEMBER["instances"]]},
        {"type": "docker_container", "instances": []},
        {"type": "aws_instance", "instances": [{"attributes": {}}]},
    ],
)
def test_whatever_else_there_is_may_run_on(tmp_path: Path, more: dict[str, Any]) -> None:
    assert left(tmp_path, IMAGE, *CHECKS, more) == ["terraform.prod-1-control-c4-machine.tfstate"]
