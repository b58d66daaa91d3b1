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


def new_host(stack: TerraformStack, number: int, version: str | None, cgroup: int | None = None) -> DockerHost:
    address = f"10.20.31.{number}"
    engine = f"ssh://ops@{address}"
    return DockerHost(
        stack, f"h{number}", address=address, engine=engine, engine_version=version, cgroup_version=cgroup
    )


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
    hosts = [new_host(stack, number, "27.5.1") for number in range(1, 11)]
    MesosAgentPool(stack, "agents", hosts=hosts, masters=masters, image="mesosphere/mesos-slave:1.12.0-rc1")
    found = [text for text in warnings(stack) if "newer than their masters" in text]
    assert len(found) == 1
    assert found[0].startswith(
        "stack/agents: image='mesosphere/mesos-slave:1.12.0-rc1': Agents of 1.12.0-rc1 are newer"
    )


def test_hosts_of_which_the_same_is_known_get_one_warning(stack: TerraformStack, masters: MesosMasterSet) -> None:
    known: list[tuple[str | None, int | None]] = [("26.1.5", 2)] * 10 + [("20.10.24", 1)] * 10 + [(None, None)]
    hosts = [new_host(stack, number, *each) for number, each in enumerate(known, start=1)]
    MesosAgentPool(stack, "agents", hosts=hosts, masters=masters, containerizers="docker")
    (found,) = [text for text in warnings(stack) if "cgroup" in text]
    assert found.startswith(
        "stack/agents: hosts='stack/h10': On a host with cgroup v2, agents of 1.11.0 report no usage"
    )


def test_with_cgroup_v2_the_warnings_name_what_is_lost(stack: TerraformStack, masters: MesosMasterSet) -> None:
    MesosAgentPool(stack, "agents", hosts=[new_host(stack, 1, None, 2)], masters=masters)
    statistics, limits = [text for text in warnings(stack) if "cgroup v2" in text]
    assert "report no usage statistics of Docker tasks" in statistics
    assert "command tasks of agents of 1.11.0 have no limits, and end when their agent is replaced" in limits


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"isolation": "cgroups/mem"}, r"hosts is invalid: 'stack/h1'\. The host has cgroup v2, and an isolator"),
        (
            {"image": "mesosphere/mesos-slave:1.4.0"},
            r"hosts is invalid: 'stack/h1'\. Mesos 1.4.0 cannot run Docker tasks",
        ),
    ],
)
def test_what_cannot_run_with_cgroup_v2_is_refused(
    stack: TerraformStack, masters: MesosMasterSet, arguments: dict[str, Any], message: str
) -> None:
    MesosAgentPool(stack, "v1", hosts=[new_host(stack, 2, None, 1)], masters=masters, **arguments)
    with pytest.raises(ValueError, match=f"stack/agents: {message}"):
        MesosAgentPool(stack, "agents", hosts=[new_host(stack, 1, None, 2)], masters=masters, **arguments)


def test_an_engine_that_refuses_the_docker_command_of_all_images_is_refused(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    host = new_host(stack, 1, "29.0.1")
    message = (
        r"stack/agents: hosts is invalid: 'stack/h1'\. The engine accepts clients from API 1.44 on\. .*set docker_cli"
    )
    with pytest.raises(ValueError, match=message):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    with pytest.raises(ValueError, match="and docker_mesos_image"):
        MesosAgentPool(stack, "executors", hosts=[host], masters=masters, docker_cli="/opt/docker")
    MesosAgentPool(stack, "commands", hosts=[host], masters=masters, containerizers="mesos")


def test_an_engine_that_accepts_older_clients_than_its_version_does_is_no_problem(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    engine = "ssh://ops@10.20.31.1"
    host = DockerHost(
        stack, "h1", address="10.20.31.1", engine=engine, engine_version="29.0.1", least_api="1.24", cgroup_version=1
    )
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    assert not warnings(stack)


def test_a_malformed_version_of_an_engine_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match=r"stack/h1: engine_version is invalid: 'new'\. .*`docker version`"):
        new_host(stack, 1, "new")


def test_only_two_versions_of_cgroups_are_known(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match=r"stack/h1: cgroup_version is invalid: 3\. Use 1 or 2"):
        new_host(stack, 1, None, 3)


def test_releases_that_can_run_together_cause_no_warning(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")
    assert not warnings(stack)
