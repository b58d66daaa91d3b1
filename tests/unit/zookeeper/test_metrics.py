from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Image, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.role.ports import Ports
from tests.unit.zookeeper.test_ensemble import environment

Synth = Callable[[], dict[str, Any]]


@pytest.mark.parametrize("release", ["3.6.4", "3.8.4", "3.9.4"])
def test_a_server_gives_its_metrics_at_its_own_address(
    stack: TerraformStack, host: DockerHost, synth: Synth, release: str
) -> None:
    settings: dict[str, str | int] = {"metricsProvider.exportJvmInfo": "false", "tickTime": 2000}
    ZookeeperEnsemble(
        stack, "zookeeper", hosts=[host], image=f"zookeeper:{release}", metrics_port=7000, settings=settings
    )
    assert environment(synth()["containers"]["zookeeper"])["ZOO_CFG_EXTRA"].split() == [
        "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider",
        "metricsProvider.exportJvmInfo=false",
        "metricsProvider.httpHost=10.20.30.11",
        "metricsProvider.httpPort=7000",
        "tickTime=2000",
    ]


def test_without_the_port_there_is_no_provider(zookeeper: ZookeeperEnsemble, synth: Synth) -> None:
    assert "ZOO_CFG_EXTRA" not in environment(synth()["containers"]["zookeeper"])
    assert "metrics_port" not in zookeeper.ports


@pytest.mark.parametrize("release", ["3.4.14", "3.5.10"])
def test_releases_without_a_provider_are_rejected(stack: TerraformStack, host: DockerHost, release: str) -> None:
    problem = rf"stack/zookeeper: metrics_port is invalid: 7000\. Use ZooKeeper 3\.6 or later: {release} has no"
    with pytest.raises(ValueError, match=problem):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"zookeeper:{release}", metrics_port=7000)


def test_an_image_that_takes_no_settings_is_rejected(stack: TerraformStack, host: DockerHost) -> None:
    image = Image("containersol/zookeeper", "3.5.1")
    with pytest.raises(ValueError, match="metrics_port is invalid: 7000. Remove it: this image has no way"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=image, metrics_port=7000)


def test_a_provider_in_the_settings_as_well_is_rejected(stack: TerraformStack, host: DockerHost) -> None:
    settings: dict[str, str | int] = {"metricsProvider.httpPort": 7001}
    with pytest.raises(ValueError, match=r"settings is invalid: 'metricsProvider.httpPort'\. Remove it"):
        ZookeeperEnsemble(
            stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", metrics_port=7000, settings=settings
        )


def test_the_port_must_be_free(stack: TerraformStack, host: DockerHost) -> None:
    with pytest.raises(ValueError, match="metrics_port is invalid: 2181. Use another port"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", metrics_port=2181)


def test_a_firewall_opens_it_only_if_it_is_given() -> None:
    wanted = Ports("control", "prometheus", 7000, 7000, "Metrics of ZooKeeper")
    assert wanted in ZookeeperEnsemble.reached(metrics_port=7000)
    assert wanted not in ZookeeperEnsemble.reached()
