"""The load balancers of a cluster, on each platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import (
    AppLoadBalancerSettings,
    AppsSettings,
    Aws,
    AwsPool,
    Cluster,
    DnsSettings,
    LoadBalancerSettings,
    Local,
    MarathonSettings,
    Static,
    StaticPool,
    add_cluster,
)
from tests.unit import aws_app
from tests.unit.stacks.test_static import machines
from tests.unit.synthesised import Synthesised, containers, synthesised

PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
EDGE = AwsPool(name="edge", first=40, agents=2, public=True)


def balancer(**more: Any) -> LoadBalancerSettings:
    return LoadBalancerSettings(**{"version": "v1.15.0", "groups": ["external"], "domain": "apps.example.com", **more})


def static(balancer: LoadBalancerSettings | None, **more: Any) -> Cluster:
    given: dict[str, Any] = {"control_plane": machines("c", 11, 1), "agents": machines("a", 21, 2), **more}
    return Cluster(name="prod", platform=Static(**given), load_balancer=balancer, **PINS)


def on_aws(balancer: LoadBalancerSettings | None = None, **aws: Any) -> Cluster:
    """A cluster with one machine of the control plane, two agents, and a public pool."""
    way_in: dict[str, Any] = {"ssh_public_key": aws_app.KEY, "admin_cidrs": aws_app.ADMINS}
    platform = Aws(region="eu-central-1", zones=aws_app.ZONES, control_plane=1, pools=[EDGE], **way_in, **aws)
    return Cluster(name="prod", platform=platform, load_balancer=balancer, **PINS)


@pytest.fixture(scope="module")
def aws() -> Synthesised:
    front = AppLoadBalancerSettings(client_cidrs=["0.0.0.0/0"], hosted_zone_id="Z0123")
    return synthesised(on_aws(balancer(), app_load_balancer=front))


def test_on_one_engine_it_is_beside_marathon_whose_service_ports_leave_room_for_its_own() -> None:
    found = synthesised(Cluster(name="dev", platform=Local(), load_balancer=balancer(), **PINS))
    made = containers(found.documents["dev"])
    words = made["dev-load-balancer"]["command"]
    assert words[4:7] == ["sse", "--marathon", "http://127.0.0.1:8080"]
    flags = made["dev-marathon"]["command"]
    assert flags[flags.index("--local_port_max") + 1] == "15000"
    assert found.documents["dev"]["output"]["load_balancer_urls"]["value"] == ["http://127.0.0.1:80"]


def test_without_a_load_balancer_marathon_is_as_before() -> None:
    found = synthesised(Cluster(name="dev", platform=Local(), **PINS))
    assert "--local_port_max" not in containers(found.documents["dev"])["dev-marathon"]["command"]


def test_on_machines_it_is_rolled_last_one_machine_after_the_other() -> None:
    dependencies = synthesised(static(balancer(machines=["a1", "a2"]))).dependencies
    assert dependencies["prod-4-load-balancer-a1-machine"] == ["prod-3-marathon-c1-members"]
    assert dependencies["prod-4-load-balancer-a2-machine"] == ["prod-4-load-balancer-a1-members"]


def test_its_preflight_asks_the_other_load_balancers() -> None:
    found = synthesised(static(balancer(machines=["a1", "a2"])))
    checks = found.documents["prod-4-load-balancer-a1-machine"]["resource"]["docker_container"]
    preflight = checks["every_other_marathon_lb_is_healthy"]["entrypoint"]
    assert preflight[-2:] == ["10.0.0.21", "10.0.0.22"] and "9090" in preflight


def test_the_machines_of_public_pools_have_one_by_default() -> None:
    pool = StaticPool(name="edge", public=True, machines=machines("e", 31, 1))
    found = synthesised(static(balancer(), pools=[pool]))
    assert [name for name in found.documents if "load-balancer" in name] == [
        "prod-4-load-balancer-e1-machine",
        "prod-4-load-balancer-e1-members",
    ]


def test_a_load_balancer_that_leaves_has_no_container_any_more() -> None:
    found = synthesised(static(balancer(machines=["a1", "a2"], leaving=["a2"])))
    assert "prod-load-balancer" not in containers(found.documents["prod-4-load-balancer-a2-members"])
    assert "prod-load-balancer" in containers(found.documents["prod-4-load-balancer-a1-members"])


def test_a_load_balancer_that_was_dropped_too_early_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    container = {"module": None, "mode": "managed", "type": "docker_container", "name": "x"}
    instance = {"attributes": {"id": "1", "name": "prod-load-balancer"}}
    provider = 'provider["registry.terraform.io/kreuzwerker/docker"].a2'
    state = {"version": 4, "resources": [{**container, "provider": provider, "instances": [instance]}]}
    Path("terraform.prod-4-load-balancer-a2-members.tfstate").write_text(json.dumps(state))
    with pytest.raises(ValueError, match="LoadBalancerSettings: 'a2' is missing, but its load balancer still runs"):
        add_cluster(App(outdir=str(tmp_path / "out")), static(balancer(machines=["a1"])))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"machines is invalid: \[\]\. Name the machines with a load balancer, or make a pool"),
        ({"machines": ["a3"]}, "machines is invalid: 'a3'. Use names of machines that can have a load balancer"),
        ({"machines": ["a1", "a1"]}, "machines is invalid: 'a1'. .* each once: c1, a1, a2"),
        ({"machines": ["a1"], "groups": []}, r"groups is invalid: \[\]\. Use names of groups"),
        ({"machines": ["a1"], "domain": "x y"}, "domain is invalid: 'x y'. Use a domain such as"),
        ({"machines": ["c1"], "http_port": 8080}, "http_port is invalid: 8080. .*prod/marathon has this one"),
    ],
)
def test_invalid_settings_are_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        add_cluster(App(outdir=str(tmp_path)), static(balancer(**settings)))


def test_service_ports_that_a_member_on_the_machine_uses_are_refused(tmp_path: Path) -> None:
    cluster = Cluster(
        name="dev",
        platform=Local(),
        load_balancer=balancer(),
        marathon=MarathonSettings(flags={"local_port_max": 20000}),
        **PINS,
    )
    message = "marathon is invalid: 'service ports 10000-20000'. .*dev/marathon listens on 15101 on the same machine"
    with pytest.raises(ValueError, match=message):
        add_cluster(App(outdir=str(tmp_path)), cluster)


@pytest.mark.parametrize("domain", ["mesos.example.com", "apps.mesos.example.com"])
def test_a_domain_in_that_of_mesos_dns_is_refused(domain: str) -> None:
    dns = DnsSettings(version="v0.9.4", domain="mesos.example.com", resolvers=[])
    Cluster(name="dev", platform=Local(), load_balancer=balancer(domain="example.com"), dns=dns, **PINS)
    with pytest.raises(ValueError, match=f"domain is invalid: '{domain}'. Use one that is not in the domain of dns"):
        Cluster(name="dev", platform=Local(), load_balancer=balancer(domain=domain), dns=dns, **PINS)


@pytest.mark.parametrize(
    ("port", "holder"),
    [
        (80, "load-balancer"),
        (443, "load-balancer"),
        (9090, "load-balancer"),
        (9091, "load-balancer"),
        (5051, "agent-1"),
        # A port that the agent offers to tasks.
        (31500, "agent-1"),
    ],
)
def test_an_app_with_a_taken_service_port_is_refused_489_592_125(tmp_path: Path, port: int, holder: str) -> None:
    app = {"id": "/web", "cmd": "exec sleep 1", "portDefinitions": [{"port": port}]}
    apps = AppsSettings(definitions=[app])
    cluster = Cluster(name="dev", platform=Local(), load_balancer=balancer(), apps=apps, **PINS)
    with pytest.raises(ValueError, match=f"service port is invalid: {port}. .*dev/{holder} (listens on it|offers)"):
        add_cluster(App(outdir=str(tmp_path)), cluster)


def test_one_engine_has_no_machines_to_choose_from() -> None:
    with pytest.raises(ValueError, match=r"machines is invalid: \['a'\]. Remove it: the platform 'local'"):
        Cluster(name="dev", platform=Local(), load_balancer=balancer(machines=["a"]), **PINS)


def test_on_aws_it_is_in_the_public_pool_behind_a_network_load_balancer(aws: Synthesised) -> None:
    assert "prod-4-load-balancer-edge-2-members" in aws.documents
    (front,) = aws.of("aws_lb").values()
    assert (front["internal"], len(front["subnets"])) == (False, 3)
    attached = {(each["target_id"], each["port"]) for each in aws.of("aws_lb_target_group_attachment").values()}
    assert attached == {(address, port) for address in ("10.20.0.40", "10.20.16.40") for port in (80, 443)}
    for group in aws.of("aws_lb_target_group").values():
        assert (group["health_check"]["port"], group["health_check"]["path"]) == ("9090", "/_haproxy_health_check")
        # A member that drains has become unhealthy, but still answers.
        assert group["target_health_state"][0]["enable_unhealthy_connection_termination"] is False
    # The one that replaces a group must have another name, as the listener still uses the old one.
    groups = aws.of("aws_lb_target_group").values()
    assert {group["name"] for group in groups} == {"prod-http-80", "prod-https-443"}
    assert all(group["lifecycle"] == {"create_before_destroy": True} for group in groups)
    (record,) = aws.of("aws_route53_record").values()
    assert (record["name"], record["zone_id"]) == ("*.apps.example.com", "Z0123")


def test_on_aws_only_members_and_the_network_load_balancer_reach_9090(aws: Synthesised) -> None:
    rules = aws.of("aws_vpc_security_group_ingress_rule").values()
    to_stats = [rule for rule in rules if rule["from_port"] <= 9090 <= rule["to_port"]]
    members = {"10.20.0.40/32", "10.20.16.40/32"}
    # The bastion, the network load balancer, and the two members.
    assert len(to_stats) == 4 and {rule["cidr_ipv4"] for rule in to_stats if "cidr_ipv4" in rule} == members


def test_on_aws_no_other_machine_of_agents_reaches_marathon(aws: Synthesised) -> None:
    rules = aws.of("aws_vpc_security_group_ingress_rule").values()
    to_marathon = [rule for rule in rules if rule["from_port"] <= 8080 <= rule["to_port"]]
    assert not any("agents" in rule.get("referenced_security_group_id", "") for rule in to_marathon)
    assert {rule["cidr_ipv4"] for rule in to_marathon if "cidr_ipv4" in rule} == {"10.20.0.40/32", "10.20.16.40/32"}
    out = [rule for rule in aws.of("aws_vpc_security_group_egress_rule").values() if rule["from_port"] == 8080]
    assert any("agents" in rule["security_group_id"] for rule in out)


def test_certificates_of_the_certificate_manager_are_those_of_the_listener() -> None:
    arns = [f"arn:aws:acm:eu-central-1:111122223333:certificate/{name}" for name in ("a-1", "b-2")]
    # What is there twice is made once.
    front = AppLoadBalancerSettings(client_cidrs=["10.20.0.0/16"] * 2, certificate_arns=[*arns, arns[0]], internal=True)
    found = synthesised(on_aws(balancer(), app_load_balancer=front))
    listeners = {each["port"]: each for each in found.of("aws_lb_listener").values()}
    assert (listeners[443]["protocol"], listeners[443]["certificate_arn"]) == ("TLS", arns[0])
    assert [each["certificate_arn"] for each in found.of("aws_lb_listener_certificate").values()] == arns[1:]
    assert {each["port"]: each["protocol"] for each in found.of("aws_lb_target_group").values()} == {
        80: "TCP",
        443: "TLS",
    }
    assert not found.of("aws_route53_record")


@pytest.mark.parametrize(
    ("settings", "balancers", "message"),
    [
        ({"client_cidrs": ["0.0.0.0/0"]}, None, "app_load_balancer is invalid: .*Set load_balancer of the cluster"),
        ({"client_cidrs": []}, balancer(), r"client_cidrs is invalid: \[\]. Give the address ranges of clients"),
        (
            {"client_cidrs": ["0.0.0.0/0"], "hosted_zone_id": "Z1"},
            balancer(domain=None),
            "hosted_zone_id is invalid: 'Z1'. Set domain as well",
        ),
        (
            {"client_cidrs": ["0.0.0.0/0"]},
            balancer(drain_seconds=5),
            "LoadBalancerSettings: drain_seconds is invalid: 5. Use 12 or more",
        ),
        (
            {"client_cidrs": ["0.0.0.0/0"], "certificate_arns": ["arn:aws:iam::1:cert"]},
            balancer(),
            "certificate_arns is invalid: 'arn:aws:iam::1:cert'. Use the ARN of a certificate",
        ),
    ],
)
def test_an_invalid_network_load_balancer_is_refused(
    tmp_path: Path, settings: dict[str, Any], balancers: LoadBalancerSettings | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        add_cluster(App(outdir=str(tmp_path)), on_aws(balancers, app_load_balancer=AppLoadBalancerSettings(**settings)))


def test_load_balancers_on_aws_are_on_machines_of_agents(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="machines is invalid: 'control-1'. .*: edge-1, edge-2, agent-1, agent-2"):
        add_cluster(App(outdir=str(tmp_path)), on_aws(balancer(machines=["control-1"])))
