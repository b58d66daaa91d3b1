"""What the containers of each family of Mesos images get; the releases are among the tags that the families have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, Image, MesosAgentPool, MesosMasterSet, Pin, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from tests.unit.compatibility.test_check import warnings

Synth = Callable[[], dict[str, Any]]
DIGEST = "sha256:" + "0123456789abcdef" * 4
MASTER = "mesoscloud/mesos-master"
CLI = {"host_path": "/opt/docker/docker", "container_path": "/usr/bin/docker", "read_only": True}


def build(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, image: str | Image, **more: Any
) -> tuple[MesosMasterSet, MesosAgentPool]:
    """Masters of an image, and agents of the one that belongs to it."""
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    return masters, MesosAgentPool(stack, "agents", hosts=[host], masters=masters, **more)


def environment(container: dict[str, Any]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in container["env"])


@pytest.mark.parametrize(
    ("image", "agent", "executor", "words", "needs_cli"),
    [
        ("mesosphere/mesos-master:0.28.0-2.0.16.ubuntu1404", "mesosphere/mesos-slave", "mesosphere/mesos", [], True),
        (
            "mesosphere/mesos-master:1.0.1-1.0.90.rc1.ubuntu1404",
            "mesosphere/mesos-slave",
            "mesosphere/mesos",
            [],
            False,
        ),
        ("mesosphere/mesos-master:1.4.0-rc5", "mesosphere/mesos-slave", "mesosphere/mesos", [], False),
        (f"mesosphere/mesos-master:1.7.1@{DIGEST}", "mesosphere/mesos-slave", "mesosphere/mesos", [], False),
        ("redjack/mesos-master:0.28.0", "redjack/mesos-slave", "redjack/mesos", ["mesos-master"], True),
        (
            "mesoscloud/mesos-master:0.28.1-ubuntu-14.04",
            "mesoscloud/mesos-slave",
            "mesoscloud/mesos-slave",
            ["mesos-master"],
            False,
        ),
        (
            "mesoscloud/mesos-master:0.24.1-centos-7",
            "mesoscloud/mesos-slave",
            "mesoscloud/mesos-slave",
            ["mesos-master"],
            False,
        ),
        ("containersol/mesos-master:1.0.0-0.2.0", "containersol/mesos-agent", None, [], False),
        ("containersol/mesos-master:0.25.0-0.2.70.ubuntu1404", "containersol/mesos-agent", None, [], False),
        ("containersol/mesos-master:0.23.0-1.0.ubuntu1404", "containersol/mesos-agent", None, [], True),
    ],
)
def test_a_familys_images_stand_together_and_are_run_as_they_want_it(
    stack: TerraformStack,
    host: DockerHost,
    zookeeper: ZookeeperEnsemble,
    synth: Synth,
    image: str,
    agent: str,
    executor: str | None,
    words: list[str],
    needs_cli: bool,
) -> None:
    tag = image.partition(":")[2]
    build(stack, host, zookeeper, image, docker_cli=CLI["host_path"] if needs_cli else None)
    document = synth()
    master, member = document["containers"]["mesos"], document["containers"]["agents"]
    assert master["command"] == [*words, "--registry=replicated_log"]
    assert "entrypoint" not in master
    # The program after the construct's own entrypoint, whatever the image's is; nothing after it.
    assert member["entrypoint"][-1] == "mesos-slave"
    assert "command" not in member
    pulled = {each["name"] for each in document["resource"]["docker_image"].values()}
    # A digest is the masters' image's own.
    tag = tag.partition("@")[0]
    expected = {image, f"{agent}:{tag}", *([f"{executor}:{tag}"] if executor else [])}
    assert pulled - {"zookeeper:3.9.4"} == expected
    assert environment(member).get("MESOS_DOCKER_MESOS_IMAGE") == (f"{executor}:{tag}" if executor else None)
    assert (CLI in member["volumes"]) is needs_cli
    # Where they are shown: of what is in no stack cdktf shows none.
    assert any("no docker_mesos_image is known for it" in each for each in warnings(host)) is (executor is None)


@pytest.mark.parametrize(
    "image",
    [
        "mesosphere/mesos-master:0.28.0-2.0.16.ubuntu1404",
        "redjack/mesos-master:1.0.0",
        "containersol/mesos-master:0.24.0-1.0.ubuntu1404",
    ],
)
def test_an_image_without_a_docker_command_must_be_given_one(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, image: str
) -> None:
    with pytest.raises(ValueError, match="stack/agents: docker_cli=None: the path of a static docker command"):
        build(stack, host, zookeeper, image)


def test_what_an_image_says_in_its_environment_is_said_by_the_construct(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    """mesoscloud's agent has these set, and its work directory would be in the container."""
    build(stack, host, zookeeper, "mesoscloud/mesos-master:0.28.1-centos-7")
    document = synth()
    assert environment(document["containers"]["mesos"])["MESOS_WORK_DIR"] == "/var/lib/mesos"
    env = environment(document["containers"]["agents"])
    assert env["MESOS_WORK_DIR"] == "/var/lib/cdktf-mesos/agents/work"
    assert env["MESOS_CONTAINERIZERS"] == "docker,mesos"
    assert env["MESOS_EXECUTOR_REGISTRATION_TIMEOUT"] == "5mins"


@pytest.mark.parametrize(
    "more",
    [
        {"flags": {"hostname_lookup": False}},
        {"options": ContainerOptions(environment={"MESOS_HOSTNAME_LOOKUP": "false"})},
    ],
)
def test_a_flag_that_the_entrypoint_says_already_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, more: dict[str, Any]
) -> None:
    arguments = {"hosts": [host], "zookeeper": zookeeper, "cluster": "c", **more}
    image = "containersol/mesos-master:1.0.0-0.2.0"
    with pytest.raises(
        ValueError, match="stack/mesos: .*='hostname_lookup': none; the entrypoint of containersol/mesos"
    ):
        MesosMasterSet(stack, "mesos", image=image, **arguments)


def test_executors_of_containersol_run_in_the_image_that_is_given(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    executor = "mesosphere/mesos:1.0.0-2.0.89.ubuntu1404"
    build(stack, host, zookeeper, "containersol/mesos-master:1.0.0-0.2.0", docker_mesos_image=executor)
    assert environment(synth()["containers"]["agents"])["MESOS_DOCKER_MESOS_IMAGE"] == executor


def test_a_pin_by_digest_alone_has_the_flags_of_the_release_that_it_is_said_to_be(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    pin = Pin("mesos_version", DIGEST, release="0.28.1")
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=f"{MASTER}:0.28.1")
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters, image=Image("mesoscloud/mesos-slave", pin))
    env = environment(synth()["containers"]["agents"])
    assert "MESOS_RUNTIME_DIR" not in env
    assert "mesoscloud/mesos-slave" in env["MESOS_DOCKER_MESOS_IMAGE"]


def test_an_image_of_no_known_family_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    with pytest.raises(ValueError, match="stack/mesos: image='our/master:1.11.0': a repository that is known, contain"):
        MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image="our/master:1.11.0")


def test_another_repository_is_configured_as_the_family_that_it_is_said_to_be_of(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    image = Image("registry.example.com:5000/our/master", "0.28.1", family="redjack")
    MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    assert synth()["containers"]["mesos"]["command"] == ["mesos-master", "--registry=replicated_log"]
