"""What members' Java virtual machines are told about cgroups."""

from __future__ import annotations

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, Marathon, MesosMasterSet, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from tests.unit.conftest import Synth

FLAGS = "-XX:+IgnoreUnrecognizedVMOptions -XX:-UseContainerSupport"


def variables(synth: Synth, container: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in synth()["containers"][container]["env"])


@pytest.mark.parametrize("image", ["zookeeper:3.4.14", "zookeeper:3.9.4", "containersol/zookeeper:3.5.1"])
def test_zookeeper_does_not_read_its_cgroup(stack: TerraformStack, host: DockerHost, synth: Synth, image: str) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=image)
    assert variables(synth, "zookeeper")["SERVER_JVMFLAGS"] == FLAGS


@pytest.mark.parametrize("version", ["v1.4.9", "v1.11.24"])
def test_marathon_does_not_read_its_cgroup(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth, version: str
) -> None:
    Marathon(stack, "marathon", hosts=[host], masters=masters, image=f"mesosphere/marathon:{version}")
    assert variables(synth, "marathon")["JAVA_OPTS"] == FLAGS


@pytest.mark.parametrize("options", [ContainerOptions(memory_mib=512), ContainerOptions(cpu_shares=512)])
def test_java_adapts_to_limits_that_the_user_sets(
    stack: TerraformStack, host: DockerHost, synth: Synth, options: ContainerOptions
) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=options)
    assert "SERVER_JVMFLAGS" not in variables(synth, "zookeeper")


def test_flags_of_the_user_replace_those_of_the_construct(
    stack: TerraformStack, host: DockerHost, synth: Synth
) -> None:
    options = ContainerOptions(environment={"SERVER_JVMFLAGS": "-Xms1g"})
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=options)
    assert variables(synth, "zookeeper")["SERVER_JVMFLAGS"] == "-Xms1g"
