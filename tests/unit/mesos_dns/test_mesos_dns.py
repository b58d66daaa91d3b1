from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Image,
    MesosDns,
    MesosMasterSet,
    Mount,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.mesos_dns.configuration import TIMEOUT_SECONDS
from cdktf_mesos.security.security import Stage
from tests.unit.conftest import ClosedMasters, Synth, source_text

IMAGE = "avhost/mesos-dns:v0.9.4"
GATED = ContainerOptions(gate_image="debian:12-slim")
Hosts = Callable[[int], list[DockerHost]]


def dns(stack: TerraformStack, hosts: list[DockerHost], masters: MesosMasterSet, **more: Any) -> MesosDns:
    given: dict[str, Any] = {"image": IMAGE, "resolvers": ["10.20.0.2"], "options": GATED, **more}
    return MesosDns(stack, "dns", hosts=hosts, masters=masters, **given)


@pytest.fixture
def masters(stack: TerraformStack, hosts: Hosts) -> MesosMasterSet:
    made = hosts(3)
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=made, image="zookeeper:3.9.4")
    return MesosMasterSet(
        stack, "mesos", hosts=made, zookeeper=zookeeper, cluster="cluster7", image="mesosphere/mesos-master:1.11.0"
    )


def old(masters: MesosMasterSet, release: str) -> MesosMasterSet:
    """Masters of another release, in another stack."""
    app = masters.node.root
    assert isinstance(app, App)
    stack = TerraformStack(app, "old")
    host = DockerHost(stack, "old-host", address="10.20.30.99", engine="ssh://ops@10.20.30.99")
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.4.14")
    return MesosMasterSet(
        stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="old", image=f"mesosphere/mesos-master:{release}"
    )


def config_of(container: dict[str, Any]) -> dict[str, Any]:
    (upload,) = container["upload"]
    found: dict[str, Any] = json.loads(upload["content"])
    return found


def test_each_member_listens_at_its_hosts_address_and_has_the_whole_configuration(
    stack: TerraformStack, masters: MesosMasterSet, synth: Synth
) -> None:
    made = dns(stack, masters.hosts, masters, domain="cluster7.example.com")
    containers = synth()["containers"]
    container = containers["dns"]
    assert container["network_mode"] == "host"
    assert container["user"] == "0"
    assert container["command"] == ["./main", "-logtostderr", "-config=/app/config.json"]
    assert container["upload"][0]["file"] == "/app/config.json"
    assert config_of(container) == {
        "zk": "zk://10.20.30.11:2181,10.20.30.12:2181,10.20.30.13:2181/mesos",
        "zkDetectionTimeout": 0,
        "domain": "cluster7.example.com",
        "SOAMname": "ns1.cluster7.example.com",
        "SOARname": "root.ns1.cluster7.example.com",
        "listener": "10.20.30.13",
        "port": 53,
        "httpport": 8123,
        "HTTPListener": "10.20.30.13",
        "resolvers": ["10.20.0.2"],
        "externalon": True,
        "recurseon": True,
        "IPSources": ["host"],
        "ttl": 10,
        "refreshSeconds": 10,
        "timeout": 2,
        "stateTimeoutSeconds": 15,
    }
    assert made.addresses() == ["10.20.30.11", "10.20.30.12", "10.20.30.13"]
    assert made.urls[0] == "http://10.20.30.11:8123"
    assert made.app_name("/shop/cart") == "cart-shop.marathon.cluster7.example.com"
    assert made.framework_name("Marathon_2") == "marathon-2.cluster7.example.com"


def test_the_image_of_mesosphere_gets_its_whole_command_and_only_keys_that_its_release_has(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    dns(stack, masters.hosts[:1], old(masters, "1.7.2"), image="mesosphere/mesos-dns:v0.5.2", resolvers=[])
    resources = stack.to_terraform()["resource"]["docker_container"].values()
    (container,) = (each for each in resources if each["name"] == "dns")
    assert container["command"] == ["/usr/bin/mesos-dns", "-logtostderr", "-config=/config.json"]
    assert "user" not in container
    assert container["upload"][0]["file"] == "/config.json"
    config = config_of(container)
    assert "HTTPListener" not in config
    # Without resolvers, questions for other names are refused.
    assert (config["resolvers"], config["externalon"], config["recurseon"]) == ([], False, False)


def test_a_gate_outside_asks_a_new_member_for_the_leader(
    stack: TerraformStack, masters: MesosMasterSet, synth: Synth
) -> None:
    dns(stack, masters.hosts[:1], masters)
    containers = synth()["containers"]
    assert containers["dns"]["healthcheck"] == {"test": ["NONE"]}
    gate = containers["dns-gate"]
    assert "image-debian-12-slim" in gate["image"]
    assert "leader.mesos" in gate["entrypoint"]


def test_a_secret_stays_in_a_file_of_the_host(stack: TerraformStack, masters: MesosMasterSet, synth: Synth) -> None:
    made = dns(stack, masters.hosts[:1], masters, resolvers=None, config_file="/etc/mesos-dns/config.json")
    container = synth()["containers"]["dns"]
    assert "upload" not in container
    assert {"host_path": "/etc/mesos-dns/config.json", "container_path": "/app/config.json", "read_only": True} in (
        container["volumes"]
    )
    (member,) = made.members
    assert member.host_check is not None
    assert member.host_check.mounts == [Mount("/etc/mesos-dns", "/host", read_only=True)]


@pytest.mark.parametrize(("made", "code"), [("file", 0), ("directory", 2), ("nothing", 2)])
def test_a_member_is_not_replaced_before_its_file_is_there(
    tmp_path: Path, stack: TerraformStack, masters: MesosMasterSet, made: str, code: int
) -> None:
    (member,) = dns(stack, masters.hosts[:1], masters, resolvers=None, config_file="/etc/mesos-dns/own.json").members
    check = member.host_check
    assert check is not None
    path = tmp_path / "own.json"
    if made == "file":
        path.touch()
    elif made == "directory":
        path.mkdir()
    variables = {name: value.replace("/host", str(tmp_path)) for name, value in check.environment.items()}
    done = subprocess.run(
        ["bash", "-c", f"{check.script}\nsettled"], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert ("/etc/mesos-dns/own.json is not a file on this machine" in done.stdout) is (code != 0)


def test_agents_give_containers_the_members_as_name_servers(stack: TerraformStack, masters: MesosMasterSet) -> None:
    made = dns(stack, masters.hosts, masters).container_dns
    assert made.name_servers == ["10.20.30.11", "10.20.30.12", "10.20.30.13"]
    # Longer than Mesos-DNS waits for a resolver that is down.
    (option,) = made.options
    assert int(option.removeprefix("timeout:")) > TIMEOUT_SECONDS
    other = MesosDns(
        stack,
        "other",
        hosts=masters.hosts,
        masters=masters,
        image=IMAGE,
        resolvers=[],
        port=54,
        http_port=8124,
        options=GATED,
    )
    with pytest.raises(ValueError, match=r"stack/other: port is invalid: 54\. Use 53"):
        assert other.container_dns


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"domain": "Mesos"}, r"domain is invalid: 'Mesos'\. Use labels of lower-case letters"),
        ({"domain": ""}, r"domain is invalid: ''\."),
        ({"domain": "mesos."}, r"domain is invalid: 'mesos\.'\. .* without a dot at the end"),
        ({"domain": "10.20.30.11"}, r"domain is invalid: '10\.20\.30\.11'\."),
        ({"domain": "a_b"}, r"domain is invalid: 'a_b'\."),
        ({"domain": f"{'a' * 64}.example.com"}, r"domain is invalid"),
        ({"resolvers": None}, r"resolvers is invalid: None\. Give a list"),
        ({"resolvers": ["dns.example.com"]}, r"resolvers is invalid: 'dns\.example\.com'\. Use the IPv4 addresses"),
        # Mesos-DNS, issues 281 and 297: questions for other names went round until they timed out.
        ({"resolvers": ["10.20.0.2", "10.20.30.12"]}, r"resolvers is invalid: '10\.20\.30\.12'\. .*in a loop"),
        ({"resolvers": ["0.0.0.0"]}, r"resolvers is invalid: '0\.0\.0\.0'\. .*in a loop"),
        ({"resolvers": ["127.0.0.53"]}, r"resolvers is invalid: '127\.0\.0\.53'\. .*systemd-resolved asks"),
        ({"resolvers": ["10.20.0.2", "10.20.0.2"]}, r"resolvers is invalid: '10\.20\.0\.2'\. Give each resolver once"),
        ({"zone_resolvers": {"mesos": ["10.20.0.2"]}}, r"zone_resolvers is invalid: 'mesos'\. .*own domain"),
        ({"zone_resolvers": {"x.mesos": ["10.20.0.2"]}}, r"zone_resolvers is invalid: 'x\.mesos'\. .*own domain"),
        (
            {"zone_resolvers": {"example.com": ["10.20.0.2"], "a.example.com": ["10.20.0.3"]}},
            r"zone_resolvers is invalid: 'example\.com'\. .*another zone",
        ),
        ({"zone_resolvers": {"example.com": []}}, r"zone_resolvers\['example\.com'\] is invalid: \[\]\. Give a list"),
        ({"zone_resolvers": {"example.com": ["10.20.30.11"]}}, r"zone_resolvers\['example\.com'\] is invalid"),
        (
            {"zone_resolvers": {"example.com": ["10.20.0.2"]}, "resolvers": []},
            r"zone_resolvers is invalid: .*Set resolvers as well: without them Mesos-DNS refuses all other names",
        ),
        ({"ip_sources": []}, r"ip_sources is invalid: \[\]\. Use one or more of host, netinfo, mesos, docker"),
        ({"ip_sources": ["agent"]}, r"ip_sources is invalid: \['agent'\]"),
        ({"ttl": 0}, r"ttl is invalid: 0\. Use a whole number of seconds"),
        ({"port": 8123}, r"http_port is invalid: 8123\. .*another port"),
        ({"port": 2181}, r"port is invalid: 2181\. .*stack/zookeeper has this one"),
        ({"options": ContainerOptions()}, r"options.gate_image is invalid: None\. Set an image with bash"),
        ({"image": "our/mesos-dns:v0.9.4"}, r"image is invalid: .*avhost/mesos-dns, mesosphere/mesos-dns"),
        ({"image": "mesosphere/mesos-dns:v0.4.0"}, r"image is invalid: .*release 0\.5 or later, not v0\.4\.0"),
        # Mesos-DNS, issues 538 and 545: the zone stayed empty.
        (
            {"image": "mesosphere/mesos-dns:v0.6.0"},
            r"image is invalid: .*asks for /master/state\.json, which masters from 1\.8 on \(1\.11\.0\) do not have",
        ),
        ({"settings": {"ttl": 1}}, r"settings\['ttl'\] is invalid: 1\. Use the arguments of the construct"),
        ({"settings": {"TTL": 1}}, r"settings\['TTL'\] is invalid: 1\. Use the arguments of the construct"),
        (
            {"settings": {"enforceRFC592": True}},
            r"settings\['enforceRFC592'\] is invalid: True\. .*ignore it\. Did you mean 'enforceRFC952'\?",
        ),
        (
            {"settings": {"ReverseDnsOn": True}, "image": Image("our/dns", "v0.7.0-rc2", family="mesosphere")},
            r"settings\['ReverseDnsOn'\] is invalid: True\. Remove it: Mesos-DNS has this key from 0\.9\.0 on",
        ),
        # With a value of another kind, Mesos-DNS ends when it reads its configuration.
        (
            {"settings": {"enforceRFC952": "true"}},
            r"settings\['enforceRFC952'\] is invalid: 'true'\. Use True or False",
        ),
        ({"settings": {"SOARefresh": True}}, r"settings\['SOARefresh'\] is invalid: True\. Use a whole number"),
        ({"settings": {"SOARefresh": -1}}, r"settings\['SOARefresh'\] is invalid: -1\. Use a whole number, 0 or more"),
        ({"settings": {"caCertFile": False}}, r"settings\['caCertFile'\] is invalid: False\. Use text"),
        (
            {"settings": {"mesosAuthentication": "basic"}},
            r"settings\['mesosAuthentication'\] is invalid: .*config_file",
        ),
        (
            {"settings": {"mesosCredentials": "x:y"}},
            r"settings\['mesosCredentials'\] is invalid: '…'\. .*set config_file to its path",
        ),
        (
            {"config_file": "/etc/mesos-dns.json"},
            r"resolvers is invalid: \['10\.20\.0\.2'\]\. Remove it, and write it into config_file",
        ),
        ({"config_file": "dns.json", "resolvers": None}, r"config_file is invalid: 'dns\.json'"),
    ],
)
def test_an_invalid_argument_is_refused_with_what_to_do(
    stack: TerraformStack, masters: MesosMasterSet, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^stack/dns: {message}"):
        dns(stack, masters.hosts, masters, **more)


def test_a_release_that_does_not_understand_old_masters_is_refused(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    with pytest.raises(ValueError, match=r"image is invalid: .*/master/state, which masters before 0\.25 \(0\.24\.1\)"):
        dns(stack, masters.hosts[:1], old(masters, "0.24.1"))


@pytest.mark.parametrize(("stage", "logs_in"), [("prepared", False), ("used", True), ("required", True)])
def test_mesos_dns_logs_in_and_then_shows_its_configuration_to_nobody(
    app: App,
    stack: TerraformStack,
    closed_masters: ClosedMasters,
    secrets: Path,
    synth: Synth,
    stage: Stage,
    logs_in: bool,
) -> None:
    masters = closed_masters(stage)
    dns(stack, masters.hosts, masters)
    (upload,) = synth()["containers"]["dns"]["upload"]
    if not logs_in:
        assert "mesosCredentials" not in upload["content"]
        return
    text = json.loads(source_text(app, upload))
    assert text["mesosCredentials"] == {"principal": "probe", "secret": (secrets / "probe").read_text()}
    assert (text["mesosAuthentication"], text["httpon"]) == ("basic", False)


def test_a_release_that_cannot_log_in_is_refused(stack: TerraformStack, closed_masters: ClosedMasters) -> None:
    masters = closed_masters("used")
    with pytest.raises(ValueError, match=r"image is invalid: .*v0\.5\.2'\. Use release 0\.6 or later"):
        dns(stack, masters.hosts, masters, image="mesosphere/mesos-dns:v0.5.2")


def test_a_machine_of_the_cluster_whose_name_mesos_dns_serves_is_refused(
    stack: TerraformStack, masters: MesosMasterSet
) -> None:
    named = DockerHost(stack, "named", address="10.20.30.50", hostname="m1.mesos", engine="ssh://ops@10.20.30.50")
    with pytest.raises(ValueError, match=r"stack/named: hostname is invalid: 'm1\.mesos'\. Use an address, or a name"):
        dns(stack, [named], masters)
    reached = DockerHost(stack, "reached", address="10.20.30.51", engine="ssh://ops@r.mesos")
    with pytest.raises(ValueError, match=r"stack/reached: engine is invalid: 'r\.mesos'\."):
        MesosDns(stack, "other", hosts=[reached], masters=masters, image=IMAGE, resolvers=[], options=GATED)
    # Machines with masters count as well, where Mesos-DNS is on others.
    masters.hosts[1].hostname = "c2.mesos"
    other = DockerHost(stack, "elsewhere", address="10.20.30.52", engine="ssh://ops@10.20.30.52")
    with pytest.raises(ValueError, match=r"hostname is invalid: 'c2\.mesos'\."):
        MesosDns(stack, "third", hosts=[other], masters=masters, image=IMAGE, resolvers=[], options=GATED)
