"""The setting `monitoring`: what gives metrics, what Prometheus scrapes, and who may."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import Tls
from cdktf_mesos.cdk import App
from stacks import Cluster, ExporterSettings, Local, LocalPool, MarathonSettings, MonitoringSettings, add_cluster
from tests.unit.aws.test_security import TABLE, both
from tests.unit.aws_app import ZONES
from tests.unit.aws_app import cluster as aws_cluster
from tests.unit.stacks.test_static import cluster, small
from tests.unit.synthesised import containers, synthesise, synthesised

EXPORTER = ExporterSettings(version="v1.0.0")
ALL = MonitoringSettings(mesos_exporter=EXPORTER, engine_port=9323)

CONTROL = [f"10.0.0.{number}" for number in (11, 12, 13)]
AGENTS = ["10.0.0.21", "10.0.0.22"]
SCRAPERS = ["10.9.8.7/32", "10.9.9.0/24"]


def local(**more: Any) -> Cluster:
    pins = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    return Cluster(**{"name": "dev", **pins, "platform": Local(address="10.0.0.1", agents=2), **more})


def targets(document: dict[str, Any]) -> dict[str, list[str]]:
    return {each["labels"]["job"]: each["targets"] for each in document["output"]["prometheus_targets"]["value"]}


def test_marathon_with_https_is_scraped_over_it(tmp_path: Path, certificates: Path) -> None:
    tls = Tls("used", str(certificates), verify=False)
    what = local(monitoring=MonitoringSettings(), tls=tls, marathon=MarathonSettings(https="used"))
    found = synthesise(tmp_path / "out", what).documents["dev"]["output"]["prometheus_targets"]["value"]
    (marathon,) = (each for each in found if each["labels"]["job"] == "marathon")
    assert marathon["targets"] == ["10.0.0.1:8443"]
    assert marathon["labels"]["__scheme__"] == "https"


def test_each_machine_gets_the_exporters_of_its_members_in_their_waves() -> None:
    documents = synthesised(cluster(monitoring=ALL)).documents
    for number in (1, 2, 3):
        found = containers(documents[f"prod-1-control-c{number}-members"])
        command = found["prod-master-exporter"]["command"]
        assert command == [f"-addr=10.0.0.1{number}:9105", f"-master=http://10.0.0.1{number}:5050"]
        env = dict(each.split("=", 1) for each in found["prod-zookeeper"]["env"])
        assert f"metricsProvider.httpHost=10.0.0.1{number}" in env["ZOO_CFG_EXTRA"]
        marathon = containers(documents[f"prod-3-marathon-c{number}-members"])["prod-marathon"]
        assert "--metrics_prometheus" in marathon["command"]
    agent = containers(documents["prod-2-agent-a2-members"])["prod-agent-1-exporter"]
    assert agent["command"] == ["-addr=10.0.0.22:9106", "-slave=http://10.0.0.22:5051"]
    # The preflights watch over exporters as over any set, and the machine check over their ports.
    checks = containers(documents["prod-1-control-c1-machine"])
    assert "prod-preflight-master_exporter" in checks
    ports = [each for check in checks.values() for each in check["env"] if each.startswith("PORTS=")]
    assert ports and all("9105:prod-master-exporter" in each and "7000:prod-zookeeper" in each for each in ports)


def test_the_output_is_what_prometheus_reads_as_a_file_of_targets() -> None:
    documents = synthesised(cluster(monitoring=ALL)).documents
    assert documents["prod-3-marathon-c1-members"]["output"]["prometheus_targets"]["value"] == [
        {"targets": [f"{each}:7000" for each in CONTROL], "labels": {"job": "zookeeper", "cluster": "prod"}},
        {"targets": [f"{each}:9105" for each in CONTROL], "labels": {"job": "mesos-master", "cluster": "prod"}},
        {"targets": [f"{each}:9106" for each in AGENTS], "labels": {"job": "mesos-agent", "cluster": "prod"}},
        {
            "targets": [f"{each}:8080" for each in CONTROL],
            "labels": {"job": "marathon", "cluster": "prod", "__metrics_path__": "/metrics/prometheus"},
        },
        {"targets": [f"{each}:9323" for each in (*CONTROL, *AGENTS)], "labels": {"job": "docker", "cluster": "prod"}},
    ]


def test_agents_of_one_machine_have_exporters_with_ports_of_their_own() -> None:
    pool = LocalPool(name="canary", first=5, agents=1)
    platform = Local(address="10.0.0.1", agents=2, pools=[pool])
    document = synthesised(local(platform=platform, monitoring=ALL)).documents["dev"]
    assert targets(document)["mesos-agent"] == ["10.0.0.1:9106", "10.0.0.1:9107", "10.0.0.1:9110"]
    # One engine, once.
    assert targets(document)["docker"] == ["10.0.0.1:9323"]
    command = containers(document)["dev-agent-canary-5-exporter"]["command"]
    assert command == ["-addr=10.0.0.1:9110", "-slave=http://10.0.0.1:5055"]


def test_by_default_there_are_metrics_of_zookeeper_and_marathon_only() -> None:
    document = synthesised(local(monitoring=MonitoringSettings())).documents["dev"]
    assert targets(document) == {"zookeeper": ["10.0.0.1:7000"], "marathon": ["10.0.0.1:8080"]}
    assert not [name for name in containers(document) if "exporter" in name]


def test_without_the_setting_nothing_changes() -> None:
    document = synthesised(local()).documents["dev"]
    assert "prometheus_targets" not in document["output"]
    text = json.dumps(document)
    assert not [word for word in ("exporter", "metricsProvider", "metrics_prometheus", "7000") if word in text]


def test_the_user_s_own_flag_of_marathon_wins() -> None:
    settings = local(monitoring=MonitoringSettings(), marathon={"flags": {"metrics_prometheus": False}})
    document = synthesised(settings).documents["dev"]
    command = containers(document)["dev-marathon"]["command"]
    assert "--disable_metrics_prometheus" in command and "--metrics_prometheus" not in command


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            {"marathon_version": "v1.6.549", "mesos_version": "1.5.0"},
            "MonitoringSettings: marathon is invalid: True. Use false: Marathon v1.6.549 has no metrics for Prometheus",
        ),
        (
            {"zookeeper_version": "3.5.10"},
            "dev/zookeeper: metrics_port is invalid: 7000. Use ZooKeeper 3.6 or later: 3.5.10 has no provider for "
            "Prometheus. In the application, set zookeeper_port of monitoring to None",
        ),
    ],
)
def test_releases_without_metrics_are_rejected_by_name(app: App, more: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the message is compared)
        add_cluster(app, local(monitoring=MonitoringSettings(), **more))
    assert problem in str(caught.value)


def test_old_releases_run_without_their_metrics() -> None:
    monitoring = MonitoringSettings(zookeeper_port=None, marathon=False, mesos_exporter=EXPORTER)
    old = {"zookeeper_version": "3.5.10", "marathon_version": "v1.6.549", "mesos_version": "1.5.0"}
    document = synthesised(local(monitoring=monitoring, **old)).documents["dev"]
    assert set(targets(document)) == {"mesos-master", "mesos-agent"}


def test_a_pool_that_leaves_needs_no_exporter() -> None:
    leaving = [{"name": "a1", "address": "10.0.0.21", "engine": "ssh://ops@10.0.0.21", "leaving": True}]
    documents = synthesised(small(machines=leaving, monitoring=ALL)).documents
    assert "exporter" not in json.dumps(documents["prod-2-agent-a1-members"])


def test_a_security_group_lets_only_prometheus_scrape() -> None:
    what = aws_cluster(prometheus_cidrs=SCRAPERS, monitoring=ALL, control_plane=1, agents=1)
    inbound, outbound = both(synthesised(what).documents["prod-0-network"])
    scraped = {("control", cidr): {7000, 8080, 9105, 9323} for cidr in SCRAPERS}
    scraped |= {("agents", cidr): {9106, 9323} for cidr in SCRAPERS}
    assert inbound == {**TABLE, **scraped}
    assert {key for key in outbound if key[0] == "prometheus" or key[1] in SCRAPERS} == set()


def test_without_ranges_nobody_scrapes_from_outside() -> None:
    inbound, _ = both(synthesised(aws_cluster(monitoring=ALL)).documents["prod-0-network"])
    assert inbound == TABLE


@pytest.mark.parametrize(
    ("cidrs", "problem"),
    [
        (["0.0.0.0/0"], r"Aws: prometheus_cidrs is invalid: '0.0.0.0/0'\. Use a range from /8 to /32"),
        (["0.0.0.0/1", "128.0.0.0/1"], r"Aws: prometheus_cidrs is invalid: '0.0.0.0/1'\. Use a range from /8 to /32"),
        (["10.1.2.3"], r"Aws: prometheus_cidrs is invalid: '10.1.2.3'\. Use ranges such as"),
        (["10.1.2.3/24"], r"Aws: prometheus_cidrs is invalid: '10.1.2.3/24'\. Use a range such as .*host bits set"),
        (["10.1.2.3/32", "10.1.2.3/32"], r"Aws: prometheus_cidrs is invalid: '10.1.2.3/32'\. .*each once"),
    ],
)
def test_ranges_are_checked(cidrs: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        aws_cluster(prometheus_cidrs=cidrs, monitoring=ALL)


def test_ranges_without_metrics_are_rejected() -> None:
    with pytest.raises(ValueError, match="Aws: prometheus_cidrs is invalid: .*Set Cluster.monitoring as well"):
        aws_cluster(zones=ZONES, prometheus_cidrs=SCRAPERS)


def test_new_machines_on_aws_have_engines_with_metrics() -> None:
    def settings(what: Cluster) -> set[str]:
        machines = synthesised(what).of("aws_instance").values()
        return set(re.findall(r"ENGINE_METRICS=([0-9.:]*)", "".join(each["user_data"] for each in machines)))

    found = settings(aws_cluster(monitoring=ALL))
    # The bastion has no engine.
    assert found == {"", *(f"10.20.{16 * zone}.10:9323" for zone in range(3))} | {
        f"10.20.{16 * zone}.20:9323" for zone in range(2)
    }
    assert settings(aws_cluster()) == {""}
