"""Roles check the rules about releases that cannot run together, and raise errors or show warnings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs import IConstruct

from cdktf_mesos import DockerHost, Marathon, MesosAgentPool, MesosMasterSet, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack

Hosts = Callable[[int], list[DockerHost]]


def warnings(construct: IConstruct) -> list[str]:
    return [str(each.data) for one in construct.node.find_all() for each in one.node.metadata if "warn" in each.type]


def new_host(stack: TerraformStack, number: int, version: str | None) -> DockerHost:
    address = f"10.20.31.{number}"
    return DockerHost(stack, f"h{number}", address=address, engine=f"ssh://ops@{address}", engine_version=version)


def test_a_marathon_whose_masters_are_too_old_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    image = "mesosphere/mesos-master:1.4.1"
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    message = (
        r"stack/marathon: image is invalid: 'mesosphere/marathon:v1.11.24'\. Marathon v1.11.24 needs masters of Mesos "
        r"1.5.0 or later, not 1.4.1 \(Marathon changelog, 1.7.174\)"
    )
    with pytest.raises(ValueError, match=message):
        Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")


def test_agents_that_masters_ignore_are_refused(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    image = "mesosphere/mesos-slave:0.28.1"
    message = r"stack/agents: image is invalid: 'mesosphere/mesos-slave:0.28.1'\. .* ignore agents of 0"
    with pytest.raises(ValueError, match=message):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters, image=image, docker_cli="/opt/docker")


def test_masters_of_a_release_without_an_image_are_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    image = "mesoscloud/mesos-master:1.0.0"
    message = r"stack/mesos: image is invalid: 'mesoscloud/mesos-master:1.0.0'\. The repository mesoscloud/mesos-master"
    with pytest.raises(ValueError, match=message):
        MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)


def test_agents_with_additive_reconfiguration_need_masters_from_1_5(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    image = "mesosphere/mesos-master:1.4.1"
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    more: dict[str, Any] = {
        "image": "mesosphere/mesos-slave:1.5.0",
        "flags": {"reconfiguration_policy": "additive"},
    }
    with pytest.raises(ValueError, match="reconfiguration_policy=additive needs masters of 1.5"):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters, **more)


def test_a_warning_is_shown_once_for_a_pool_of_many_hosts_and_in_its_stack(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    hosts = [new_host(stack, number, "27.5.1") for number in range(1, 101)]
    MesosAgentPool(stack, "agents", hosts=hosts, masters=masters, image="mesosphere/mesos-slave:1.12.0-rc1")
    found = [text for text in warnings(stack) if "newer than their masters" in text]
    assert len(found) == 1
    assert found[0].startswith(
        "stack/agents: image='mesosphere/mesos-slave:1.12.0-rc1': Agents of 1.12.0-rc1 are newer"
    )


def test_hosts_with_the_same_version_of_the_engine_get_one_warning(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    versions = ["27.5.1"] * 50 + ["20.10.24"] * 50 + [None]
    hosts = [new_host(stack, number, version) for number, version in enumerate(versions, start=1)]
    MesosAgentPool(stack, "agents", hosts=hosts, masters=masters)
    (found,) = [text for text in warnings(stack) if "ContainerConfig" in text]
    assert found.startswith("stack/agents: hosts='stack/h50': Mesos up to 1.11 (1.11.0) reads")


def test_an_engine_that_refuses_the_docker_command_of_all_images_is_refused(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    host = new_host(stack, 1, "29.0.1")
    message = r"stack/agents: hosts is invalid: 'stack/h1'\. Docker Engine from 29 on .*Set docker_cli"
    with pytest.raises(ValueError, match=message):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    MesosAgentPool(stack, "commands", hosts=[host], masters=masters, containerizers="mesos")


def test_a_malformed_version_of_an_engine_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match=r"stack/h1: engine_version is invalid: 'new'\. .*`docker version`"):
        new_host(stack, 1, "new")


def test_releases_that_can_run_together_cause_no_warning(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")
    assert not warnings(stack)
