"""Which images of past versions are removed from a machine. Its docker command is a stand-in here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, ZookeeperEnsemble, scripts
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.roll import OldImages, old_images
from stacks import Cluster, Local, Static
from tests.unit.conftest import Synth
from tests.unit.stacks.test_static import machines, small
from tests.unit.synthesised import containers, synthesised

FILES = [ASK, Path(old_images.__file__).with_suffix(".sh")]

# The state has images (id, repository, tag, digest, date of the build) and containers (image, environment).
DOCKER = """#!PYTHON
import json, sys
state = json.load(open("STATE"))
assert sys.argv[1:3] == ["-H", "unix:///var/run/docker.sock"]
words = sys.argv[3:]
images = state["images"]
if words[:1] == ["version"]:
    sys.exit(state["broken"])
elif words[:1] == ["ps"]:
    print("\\n".join(state["containers"]))
elif words[:1] == ["inspect"] and "--format" not in words:
    sys.exit(words[1] not in state["containers"])
elif words[:1] == ["inspect"]:
    for name in words[3:]:
        print("\\n".join([state["containers"][name][0], *state["containers"][name][1]]))
elif words[:2] == ["image", "ls"]:
    for each in images:
        print(each["id"], each["repository"], each["tag"], each["digest"])
elif words[:2] == ["image", "inspect"]:
    for name in words[4:]:
        for each in images:
            names = (each["id"], f"{each['repository']}:{each['tag']}", f"{each['repository']}@{each['digest']}")
            if name in names or f"docker.io/library/{name}" in names:
                print(f"{each['created']} {each['id']}" if "Created" in words[3] else each["id"])
elif words[:2] == ["image", "rm"]:
    print("removed", words[2])
    sys.exit(state["broken"])
"""


def image(repository: str, tag: str, *, digest: str = "sha256:d") -> dict[str, str]:
    """An image that was built on the day of the month at the end of its tag."""
    return {
        "id": f"sha256:{repository}-{tag}-{digest}",
        "repository": repository,
        "tag": tag,
        "digest": digest,
        "created": f"2024-01-{tag.rpartition('.')[2]:0>2}T00:00:00Z",
    }


class Machine:
    """A machine's images and containers.

    Args:
        folder: the folder for its docker command.
        images: its images, in the order in which the engine lists them.
    """

    def __init__(self, folder: Path, images: list[dict[str, str]]) -> None:
        self._folder, self._images = folder, images
        self._containers: dict[str, tuple[str, list[str]]] = {}
        self.broken, self.name = 0, "c0"
        for name, text in {
            "docker": DOCKER.replace("PYTHON", f"{sys.executable} -IS").replace("STATE", str(folder / "state")),
            "chroot": '#!/bin/bash\nshift\nexec "$@"\n',
        }.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)

    def run(self, of: Mapping[str, str], environment: str = "A=b") -> None:
        """Add a container of an image."""
        self._containers[f"c{len(self._containers)}"] = (of["id"], [environment])

    def removed(self, keep: int, *wanted: str) -> list[str]:
        state = {"images": self._images, "containers": self._containers, "broken": self.broken}
        (self._folder / "state").write_text(json.dumps(state))
        words = scripts.words("old-images", *FILES, arguments=[self.name, str(keep), *wanted])
        environment = {"PATH": f"{self._folder}:{os.environ['PATH']}"}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=True)
        return [line.removeprefix("removed ") for line in done.stdout.splitlines() if line.startswith("removed ")]


ZOOKEEPER = [image("zookeeper", f"3.9.{number}") for number in (3, 5, 1, 4, 2)]
OTHER = [image("postgres", "16.1"), image("our/zookeeper", "3.9.1"), image("<none>", "<none>")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path, [*ZOOKEEPER, *OTHER])
    # The container that runs the script.
    machine.run(ZOOKEEPER[1])
    return machine


@pytest.mark.parametrize(
    ("keep", "removed"),
    [(1, ["3.9.4", "3.9.3", "3.9.2", "3.9.1"]), (2, ["3.9.3", "3.9.2", "3.9.1"]), (4, ["3.9.1"]), (9, [])],
)
def test_the_newest_images_stay_and_other_repositories_are_left_alone(
    machine: Machine, keep: int, removed: list[str]
) -> None:
    assert machine.removed(keep, "zookeeper:3.9.5") == [f"zookeeper:{tag}" for tag in removed]


def test_images_of_the_program_and_of_containers_stay_and_count(machine: Machine) -> None:
    machine.run(ZOOKEEPER[2])
    assert machine.removed(3, "zookeeper:3.9.3") == ["zookeeper:3.9.4", "zookeeper:3.9.2"]


def test_the_image_of_an_agents_executors_stays(tmp_path: Path) -> None:
    executors = [image("mesosphere/mesos", f"1.11.{number}") for number in (1, 2, 3)]
    machine = Machine(tmp_path, executors)
    machine.run(image("mesosphere/mesos-slave", "1.11.3"), "MESOS_DOCKER_MESOS_IMAGE=mesosphere/mesos:1.11.1")
    assert machine.removed(1, "mesosphere/mesos:1.11.3") == ["mesosphere/mesos:1.11.2"]


@pytest.mark.parametrize(
    "name", ["docker.io/library/zookeeper", "index.docker.io/library/zookeeper", "docker.io/zookeeper"]
)
def test_docker_hub_has_several_names(machine: Machine, name: str) -> None:
    assert machine.removed(4, f"{name}:3.9.5@sha256:d") == ["zookeeper:3.9.1"]


def test_registries_with_a_port_and_images_without_a_tag_are_read(tmp_path: Path) -> None:
    images = [
        image("r.example:5000/zookeeper", "3.9.2"),
        image("r.example:5000/zookeeper", "<none>", digest="sha256:e"),
    ]
    images[1]["created"] = "2024-01-01T00:00:00Z"
    machine = Machine(tmp_path, [*images, *ZOOKEEPER])
    machine.run(images[0])
    assert machine.removed(1, "r.example:5000/zookeeper:3.9.2") == ["r.example:5000/zookeeper@sha256:e"]


def test_nothing_is_removed_from_an_engine_that_does_not_run_the_container(machine: Machine) -> None:
    machine.name = "prod-preflight-images-zookeeper"
    assert machine.removed(1, "zookeeper:3.9.5") == []


def test_an_engine_that_does_not_answer_fails_no_deploy(machine: Machine) -> None:
    machine.broken = 1
    assert machine.removed(1, "zookeeper:3.9.5") == []


def test_images_are_removed_from_a_machine_when_its_members_serve() -> None:
    documents = synthesised(small(keep_images=3)).documents
    container = containers(documents["prod-1-control-c1-members"])["prod-preflight-images-zookeeper"]
    assert container["entrypoint"][4:] == [
        "prod-preflight-images-zookeeper",
        "3",
        '${join(startswith(var.zookeeper_version, "sha256:") ? "@" : ":", ["zookeeper", var.zookeeper_version])}',
        '${join(startswith(var.mesos_version, "sha256:") ? "@" : ":", ["mesosphere/mesos-master", var.mesos_version])}',
    ]
    assert len(container["depends_on"]) == 2
    assert container["healthcheck"]["test"] == ["NONE"]
    assert "wait" not in container
    agents = containers(documents["prod-2-agent-a1-members"])["prod-preflight-images-agent"]
    assert ["mesosphere/mesos-slave" in word or 'mesosphere/mesos"' in word for word in agents["entrypoint"][6:]] == [
        True
    ] * 2


def test_all_images_may_stay() -> None:
    documents = synthesised(small(keep_images=None)).documents
    assert not [name for each in documents.values() for name in containers(each) if "images" in name]


def test_the_local_platform_removes_or_keeps_images_too() -> None:
    pins: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    documents = synthesised(
        Cluster(name="dev", platform=Local(agents=2), **pins),
        Cluster(name="kept", platform=Local(address="127.0.0.2", keep_images=None), **pins),
    ).documents
    found = {name: containers(document) for name, document in documents.items()}
    assert found["dev"]["dev-old-images"]["entrypoint"][4:6] == ["dev-old-images", "2"]
    assert not [name for name in found["kept"] if "old-images" in name]


def test_bad_input_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    def cleared(**more: Any) -> OldImages:
        return OldImages(stack, "old", **{"host": host, "roles": [zookeeper], "name": "old", **more})

    with pytest.raises(ValueError, match="stack/old: keep is invalid: 0. Use a whole number, 1 or more"):
        cleared(keep=0)
    with pytest.raises(ValueError, match="Static: keep_images is invalid: 0. Use"):
        Static(control_plane=machines("c", 11, 1), keep_images=0)
