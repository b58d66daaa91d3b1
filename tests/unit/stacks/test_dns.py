from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import AppsSettings, Cluster, DnsSettings, Local, MarathonSettings, add_cluster
from tests.unit import aws_app
from tests.unit.changed import changed
from tests.unit.stacks.test_static import cluster, machines, small
from tests.unit.synthesised import containers, synthesised

DNS = DnsSettings(version="v0.9.4", domain="prod.example.com", resolvers=["10.0.0.2"])
# By default each machine of the control plane has one.
EVERYWHERE: dict[str, Any] = {
    "machines": machines("a", 21, 1),
    "dns": DNS,
    "marathon": MarathonSettings(flags={"framework_name": "Apps_1"}),
}


def config(documents: dict[str, Any], stack: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(containers(documents[stack])["prod-dns"]["upload"][0]["content"])
    return found


def container_dns(documents: dict[str, Any]) -> dict[str, Any] | None:
    """What agents give to Docker tasks on a bridge network; None if nothing."""
    environment = containers(documents["prod-2-agent-a1-members"])["prod-agent-1"]["env"]
    values = [each.partition("=")[2] for each in environment if each.startswith("MESOS_DEFAULT_CONTAINER_DNS=")]
    found: dict[str, Any] | None = json.loads(values[0])["docker"][0]["dns"] if values else None
    return found


def test_every_machine_of_the_control_plane_gets_one_after_the_masters_and_before_the_agents() -> None:
    found = synthesised(cluster(**EVERYWHERE))
    dependencies, documents = found.dependencies, found.documents
    roll = [f"prod-1-dns-c{i}-{part}" for i in (1, 2, 3) for part in ("machine", "members")]
    assert [dependencies[name] for name in roll] == [[each] for each in ["prod-1-control-c3-members", *roll[:-1]]]
    assert dependencies["prod-2-agent-a1-machine"] == ["prod-1-dns-c3-members"]
    assert config(documents, "prod-1-dns-c2-members")["listener"] == "10.0.0.12"
    members = containers(documents["prod-1-dns-c2-members"])
    # The checks run in the masters' image, which the machine has anyway.
    assert "image-mesosphere-mesos-master" in members["prod-dns-gate"]["image"]
    checks = documents["prod-1-dns-c2-machine"]["resource"]["docker_container"]
    assert set(checks) == {"every_other_mesos_dns_is_healthy", "machine_is_ready"}
    environment = checks["machine_is_ready"]["env"]
    ports = "53:prod-dns 53/udp:prod-dns 8123:prod-dns"
    assert any(each.startswith("PORTS=") and each.endswith(ports) for each in environment), environment
    assert "NAME_SERVERS=10.0.0.11 10.0.0.12 10.0.0.13" in environment
    assert documents["prod-1-dns-c2-members"]["variable"]["mesos_dns_version"]["default"] == "v0.9.4"
    outputs = documents["prod-3-marathon-c1-members"]["output"]
    assert outputs["dns_servers"]["value"] == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]
    assert outputs["dns_names"]["value"] == "<app>.apps-1.prod.example.com"


def test_agents_give_the_members_to_containers_of_tasks() -> None:
    def given(**more: Any) -> dict[str, Any] | None:
        return container_dns(synthesised(small(**more)).documents)

    found = container_dns(synthesised(cluster(**EVERYWHERE)).documents)
    assert found == {"nameservers": ["10.0.0.11", "10.0.0.12", "10.0.0.13"], "options": ["timeout:3"]}
    assert given() is None
    assert given(dns=DnsSettings(version="v0.9.4", resolvers=[], container_dns=False)) is None
    assert given(dns=DnsSettings(version="v0.9.4", resolvers=[], port=54)) is None
    own: dict[str, Any] = {"flags": {"default_container_dns": "{}"}}
    assert given(dns=DNS, agents=own) is None
    old = DnsSettings(version="v0.6.0", resolvers=[])
    assert given(dns=old, mesos_version="1.3.2", marathon_version="v1.4.14") is None


def test_the_image_follows_from_the_release() -> None:
    dns = DnsSettings(version="v0.6.0", resolvers=[])
    documents = synthesised(small(dns=dns, mesos_version="1.7.2")).documents
    images = documents["prod-1-dns-c1-machine"]["resource"]["docker_image"].values()
    assert any("mesosphere/mesos-dns" in image["name"] for image in images)


def test_it_can_be_on_certain_machines_also_of_agents() -> None:
    dns = DnsSettings(version="v0.9.4", resolvers=[], machines=["a2", "c1"])
    documents = synthesised(small(machines=machines("a", 21, 2), dns=dns)).documents
    assert [name for name in documents if "dns" in name and name.endswith("members")] == [
        "prod-1-dns-a2-members",
        "prod-1-dns-c1-members",
    ]
    found = container_dns(documents)
    assert found is not None and found["nameservers"] == ["10.0.0.22", "10.0.0.11"]


def test_it_leaves_a_machine_or_all_machines_in_one_deploy() -> None:
    names = ["c1", "c2", "c3"]
    some = DnsSettings(version="v0.9.4", resolvers=[], machines=names, leaving=["c2"])
    documents = synthesised(cluster(machines=machines("a", 21, 1), dns=some)).documents
    assert "prod-dns" not in containers(documents["prod-1-dns-c2-members"])
    found = container_dns(documents)
    assert found is not None and found["nameservers"] == ["10.0.0.11", "10.0.0.13"]
    every = DnsSettings(version="v0.9.4", resolvers=[], machines=["c1"], leaving=["c1"])
    left = synthesised(small(dns=every))
    assert container_dns(left.documents) is None
    # Tasks that run keep their name servers.
    (warning,) = (each for each in left.warnings if "Mesos-DNS" in each)
    assert warning.endswith("Set container_dns of dns to false, deploy, and restart these tasks before")
    prepared = synthesised(small(dns=changed(every, container_dns=False)))
    assert not [each for each in prepared.warnings if "Mesos-DNS" in each]


def test_a_machine_that_leaves_the_control_plane_loses_it_too() -> None:
    control = [*machines("c", 11, 3), *(replace(each, leaving=True) for each in machines("d", 14, 1))]
    documents = synthesised(small(dns=DNS, control_plane=control)).documents
    assert "prod-dns" not in containers(documents["prod-1-dns-d1-members"])
    assert "prod-dns" in containers(documents["prod-1-dns-c1-members"])


@pytest.mark.parametrize(
    ("dns", "message"),
    [
        (
            {"machines": ["c9"]},
            r"Cluster: dns: machines is invalid: 'c9'\. Use each of these names once at most: c1, c2",
        ),
        ({"machines": ["c1", "c1"]}, r"Cluster: dns: machines is invalid: 'c1'\."),
        ({"leaving": ["a1"]}, r"Cluster: dns: leaving is invalid: 'a1'\. .*: c1, c2, c3$"),
        ({"resolvers": None}, r"prod/dns: resolvers is invalid: None\. Give a list"),
        ({"resolvers": ["10.0.0.12"]}, r"prod/dns: resolvers is invalid: '10\.0\.0\.12'\. .*in a loop"),
        ({"version": "v0.6.0"}, r"prod/dns: image is invalid: .*/master/state\.json"),
        ({"domain": "no domain"}, r"prod/dns: domain is invalid: 'no domain'\."),
    ],
)
def test_bad_settings_are_refused(app: App, dns: dict[str, Any], message: str) -> None:
    settings = {"version": "v0.9.4", "resolvers": [], **dns}
    with pytest.raises(ValueError, match=f"^{message}"):
        add_cluster(app, cluster(machines=machines("a", 21, 1), dns=settings))


# Mesos-DNS, issues 522 and 175: no name, or that of another app.
def test_apps_with_one_name_or_a_long_one_are_warned_of() -> None:
    ids = ["/a/b", "/b-a", "/web", f"/{'x' * 62}", f"/{'y' * 63}"]
    definitions = [{"id": each, "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "instances": 1} for each in ids]
    found = synthesised(small(dns=DNS, apps=AppsSettings(definitions=definitions)))
    assert [each for each in found.warnings if "Mesos-DNS" in each] == [
        "Mesos-DNS gives the apps /a/b and /b-a the same name: use another id for one of them",
        f"the app /{'y' * 63} has 63 characters in Mesos-DNS: a label has 63 at most, and those of services (SRV) "
        "begin with a '_', so that no client can ask for them. Use a shorter id",
    ]


def test_an_agent_whose_name_mesos_dns_serves_is_refused(app: App) -> None:
    named = [replace(each, hostname=f"{each.name}.prod.example.com") for each in machines("a", 21, 1)]
    with pytest.raises(ValueError, match=r"^Cluster: agents: prod-2-agent-a1-members/a1: hostname is invalid"):
        add_cluster(app, small(dns=DNS, machines=named))


def test_on_one_engine_it_starts_after_the_masters() -> None:
    pins = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    local = Local(address="10.0.0.9")
    made = synthesised(Cluster(name="dev", platform=local, dns={**_json(DNS)}, **pins))  # type: ignore[arg-type]
    found = containers(made.documents["dev"])
    assert any("master" in each for each in found["dev-dns"]["depends_on"])
    assert any(each.startswith("MESOS_DEFAULT_CONTAINER_DNS=") for each in found["dev-agent-1"]["env"])
    with pytest.raises(ValueError, match=r"Cluster: dns: machines is invalid: \['c1'\]\. Remove it: the platform"):
        Cluster(name="dev", dns=DnsSettings(version="v0.9.4", resolvers=[], machines=["c1"]), **pins)  # type: ignore[arg-type]


def _json(dns: DnsSettings) -> dict[str, Any]:
    return {"version": dns.version, "domain": dns.domain, "resolvers": dns.resolvers}


def test_in_a_container_a_loopback_address_is_no_name_server() -> None:
    pins: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    found = containers(synthesised(Cluster(name="dev", dns=DNS, **pins)).documents["dev"])
    assert not any(each.startswith("MESOS_DEFAULT_CONTAINER_DNS=") for each in found["dev-agent-1"]["env"])


ON_AWS = DnsSettings(version="v0.9.4")


def test_on_aws_a_rule_forwards_its_names_for_the_whole_vpc() -> None:
    found = synthesised(aws_app.cluster(dns=ON_AWS, agents=0, dns_resolver_rule=True))
    (rule,) = found.of("aws_route53_resolver_rule").values()
    assert (rule["domain_name"], rule["rule_type"]) == ("mesos", "FORWARD")
    addresses = ["10.20.0.10", "10.20.16.10", "10.20.32.10"]
    assert [(each["ip"], each["port"]) for each in rule["target_ip"]] == [(address, 53) for address in addresses]
    (endpoint,) = found.of("aws_route53_resolver_endpoint").values()
    assert (endpoint["direction"], len(endpoint["ip_address"])) == ("OUTBOUND", 3)
    (association,) = found.of("aws_route53_resolver_rule_association").values()
    assert set(association) >= {"resolver_rule_id", "vpc_id"}
    rules = found.of("aws_vpc_security_group_ingress_rule").items()
    admitted = {(each["ip_protocol"], each["from_port"]) for path, each in rules if "/resolver-rule/" in path}
    assert admitted == {("tcp", 53), ("udp", 53)}


def test_on_aws_the_rule_goes_when_mesos_dns_leaves_all_machines() -> None:
    every = DnsSettings(version="v0.9.4", machines=["control-1"], leaving=["control-1"])
    found = synthesised(aws_app.cluster(dns=every, control_plane=1, agents=0, dns_resolver_rule=True))
    assert not found.of("aws_route53_resolver_rule")


def test_on_aws_a_rule_needs_mesos_dns_and_two_zones(app: App) -> None:
    with pytest.raises(ValueError, match=r"^Aws: dns_resolver_rule is invalid: True\. Set Cluster\.dns as well"):
        aws_app.cluster(dns_resolver_rule=True)
    one: dict[str, Any] = {"control_plane": 1, "agents": 0, "zones": aws_app.ZONES[:1]}
    with pytest.raises(ValueError, match=r"resolver-rule: places is invalid: .*Give 2 to 6 subnets"):
        add_cluster(app, aws_app.cluster(dns=ON_AWS, dns_resolver_rule=True, **one))


def test_on_aws_it_asks_the_resolver_of_the_vpc_and_its_ports_are_open_inside() -> None:
    found = synthesised(aws_app.cluster(dns=ON_AWS, control_plane=1, agents=1))
    document = found.documents["prod-1-dns-1-members"]
    assert config({"prod-1-dns": document}, "prod-1-dns")["resolvers"] == ["169.254.169.253"]
    rules = {
        (each["ip_protocol"], each["from_port"], each["tags"]["Name"])
        for path, each in found.of("aws_vpc_security_group_ingress_rule").items()
        if each["from_port"] in (53, 8123)
    }
    assert rules == {
        (protocol, port, f"prod-control-{port}-from-{source}{'-udp' if protocol == 'udp' else ''}")
        for protocol, port in (("tcp", 53), ("udp", 53), ("tcp", 8123))
        for source in ("control", "agents", "bastion")
    }
    assert "prod-1-dns-1-members" in found.dependencies["prod-2-agent-0001-host"]
