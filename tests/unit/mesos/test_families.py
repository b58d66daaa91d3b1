"""The containers of each family of Mesos images. The releases are tags that the families' images really have."""

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
    """Masters that use an image, and agents that use the agents' image of its family."""
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
def test_masters_agents_and_executors_use_the_images_of_one_family(
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
    # The construct's own entrypoint replaces the image's and runs the program without arguments.
    assert member["entrypoint"][-1] == "mesos-slave"
    assert "command" not in member
    pulled = {each["name"] for each in document["resource"]["docker_image"].values()}
    # Each image has its own digest, so the masters' digest is not used for the others.
    tag = tag.partition("@")[0]
    expected = {image, f"{agent}:{tag}", *([f"{executor}:{tag}"] if executor else [])}
    assert pulled - {"zookeeper:3.9.4"} == expected
    assert environment(member).get("MESOS_DOCKER_MESOS_IMAGE") == (f"{executor}:{tag}" if executor else None)
    assert (CLI in member["volumes"]) is needs_cli
    # The warning is on the host: cdktf shows only warnings of constructs in a stack.
    assert any("no docker_mesos_image is known for" in each for each in warnings(host)) is (executor is None)


@pytest.mark.parametrize(
    "image",
    [
        "mesosphere/mesos-master:0.28.0-2.0.16.ubuntu1404",
        "redjack/mesos-master:1.0.0",
        "containersol/mesos-master:0.24.0-1.0.ubuntu1404",
    ],
)
def test_agents_with_an_image_without_a_docker_command_need_docker_cli(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, image: str
) -> None:
    message = r"stack/agents: docker_cli is invalid: None\. Set it to the path of a static docker command"
    with pytest.raises(ValueError, match=message):
        build(stack, host, zookeeper, image)


def test_the_construct_overrides_variables_that_an_image_sets(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    """mesoscloud's agent image sets these. With its own value, the work directory would be in the container."""
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
def test_a_flag_that_the_images_entrypoint_sets_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, more: dict[str, Any]
) -> None:
    arguments = {"hosts": [host], "zookeeper": zookeeper, "cluster": "c", **more}
    image = "containersol/mesos-master:1.0.0-0.2.0"
    message = r"stack/mesos: .* is invalid: 'hostname_lookup'\. Remove it: the entrypoint of containersol/mesos"
    with pytest.raises(ValueError, match=message):
        MesosMasterSet(stack, "mesos", image=image, **arguments)


def test_executors_of_containersols_agents_run_in_the_docker_mesos_image_that_is_set(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    executor = "mesosphere/mesos:1.0.0-2.0.89.ubuntu1404"
    build(stack, host, zookeeper, "containersol/mesos-master:1.0.0-0.2.0", docker_mesos_image=executor)
    assert environment(synth()["containers"]["agents"])["MESOS_DOCKER_MESOS_IMAGE"] == executor


def test_agents_pinned_by_a_bare_digest_get_the_flags_of_the_pins_release(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    pin = Pin("mesos_version", DIGEST, release="0.28.1")
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=f"{MASTER}:0.28.1")
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters, image=Image("mesoscloud/mesos-slave", pin))
    env = environment(synth()["containers"]["agents"])
    assert "MESOS_RUNTIME_DIR" not in env
    assert "mesoscloud/mesos-slave" in env["MESOS_DOCKER_MESOS_IMAGE"]


def test_an_image_of_an_unknown_family_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    message = r"stack/mesos: image is invalid: 'our/master:1.11.0'\. Use a known repository \(containersol/"
    with pytest.raises(ValueError, match=message):
        MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image="our/master:1.11.0")


def test_an_image_from_another_repository_is_configured_as_the_family_that_it_names(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    image = Image("registry.example.com:5000/our/master", "0.28.1", family="redjack")
    MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    assert synth()["containers"]["mesos"]["command"] == ["mesos-master", "--registry=replicated_log"]


def test_images_of_clusterd_are_the_users_own_and_run_its_programs(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    image = Image("our/clusterd", "1.11.0-0.9.0", family="clusterd")
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    assert masters.members[0].command[:2] == ["mesos-master", "--registry=replicated_log"]
    with pytest.raises(ValueError, match="stack/agents: image is invalid: None. Set the agents' image"):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    pool = MesosAgentPool(stack, "clusterd", hosts=[host], masters=masters, image=image, isolation="cgroups/mem")
    entrypoint = pool.container(host, pool.release).entrypoint
    assert entrypoint[-1] == "mesos-agent"
    assert not [word for word in entrypoint if "MESOS_LAUNCHER=" in word]


def test_clusterd_needs_cgroup_v2(stack: TerraformStack, masters: MesosMasterSet) -> None:
    image = Image("our/clusterd", "1.11.0-0.9.0", family="clusterd")
    for version in (1, 2):
        address = f"10.20.31.{version}"
        host = DockerHost(stack, f"v{version}", address=address, engine=f"ssh://ops@{address}", cgroup_version=version)
        pool = MesosAgentPool(
            stack,
            f"agents-{version}",
            hosts=[host],
            masters=masters,
            image=image,
            docker_mesos_image="our/clusterd:1.11.0",
        )
        assert pool.needs_cgroup == {2: "Clusterd 1.11.0-0.9.0"}
    (warned,) = [text for text in warnings(stack) if "cgroup" in text]
    assert warned.startswith(
        "stack/agents-1: hosts='stack/v1': Clusterd from 1.11.0-0.6.0 on (1.11.0-0.9.0) needs a host"
    )
