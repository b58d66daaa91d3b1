from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cdktf_mesos import Security, Tls
from cdktf_mesos.aws import AppLoadBalancer, InternalLoadBalancer, Place
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.marathon.https import HttpsStage
from cdktf_mesos.security.security import Stage
from cdktf_mesos.tls.tls import Stage as TlsStage
from stacks import MarathonSettings
from tests.unit.aws_app import cluster
from tests.unit.synthesised import Synthesised, synthesise, synthesised

CLIENTS = ["10.20.0.0/16"]


@pytest.fixture(scope="module")
def balanced() -> Synthesised:
    """A cluster with a load balancer, whose range of clients is given twice."""
    return synthesised(cluster(load_balancer_cidrs=CLIENTS * 2))


def test_it_is_internal_and_in_all_private_subnets(balanced: Synthesised) -> None:
    (balancer,) = balanced.of("aws_lb").values()
    assert balancer["internal"] is True
    assert len(balancer["subnets"]) == 3


def test_it_forwards_both_ports_to_every_member_of_the_control_plane(balanced: Synthesised) -> None:
    attached = {(each["target_id"], each["port"]) for each in balanced.of("aws_lb_target_group_attachment").values()}
    addresses = ["10.20.0.10", "10.20.16.10", "10.20.32.10"]
    assert attached == {(address, port) for address in addresses for port in (5050, 8080)}
    checks = {each["port"]: each["health_check"]["path"] for each in balanced.of("aws_lb_target_group").values()}
    assert checks == {5050: "/health", 8080: "/ping"}
    assert not any("matcher" in each["health_check"] for each in balanced.of("aws_lb_target_group").values())


@pytest.mark.parametrize("stage", ["used", "required"])
def test_marathon_is_healthy_with_a_password_too(secrets: Path, stage: Stage) -> None:
    security = Security(stage, str(secrets))
    settings = cluster(load_balancer_cidrs=CLIENTS, control_plane=1, agents=1)
    closed = synthesised(msgspec.structs.replace(settings, security=security))
    checks = {each["port"]: each["health_check"] for each in closed.of("aws_lb_target_group").values()}
    assert checks[8080]["matcher"] == "200,401"
    assert "matcher" not in checks[5050]


def checks_with(tmp_path: Path, tls: Tls, https: HttpsStage | None = None) -> dict[int, tuple[str, str | None]]:
    """The health checks by the members' port: the protocol, and the path."""
    settings = msgspec.structs.replace(
        cluster(load_balancer_cidrs=CLIENTS), tls=tls, marathon=MarathonSettings(https=https)
    )
    groups = synthesise(tmp_path, settings).of("aws_lb_target_group").values()
    return {each["port"]: (each["health_check"]["protocol"], each["health_check"].get("path")) for each in groups}


@pytest.mark.parametrize(
    ("stage", "https", "expected"),
    [
        ("used", None, {5050: ("TCP", None), 8080: ("HTTP", "/ping")}),
        ("required", "used", {5050: ("HTTPS", "/health"), 8080: ("HTTP", "/ping"), 8443: ("HTTPS", "/ping")}),
        ("required", "required", {5050: ("HTTPS", "/health"), 8443: ("HTTPS", "/ping")}),
    ],
)
def test_members_with_tls_are_asked_over_it_and_marathons_https_has_a_listener(
    tmp_path: Path, certificates: Path, stage: TlsStage, https: HttpsStage | None, expected: dict[int, tuple[str, str]]
) -> None:
    assert checks_with(tmp_path, Tls(stage, str(certificates), verify=False), https) == expected


def test_a_listener_is_replaced_with_its_targets_which_keep_their_names(balanced: Synthesised) -> None:
    """Its old target group has to go before the new one comes, and goes only without a listener."""
    groups = {each["port"]: each for each in balanced.of("aws_lb_target_group").values()}
    assert {port: each["name"] for port, each in groups.items()} == {5050: "prod-masters", 8080: "prod-marathon"}
    for listener in balanced.of("aws_lb_listener").values():
        group = groups[listener["port"]]["//"]["metadata"]["uniqueId"]
        assert listener["lifecycle"] == {"replace_triggered_by": [f"aws_lb_target_group.{group}.id"]}
        assert len(listener["depends_on"]) == 3


def test_only_the_given_clients_reach_it_and_only_it_reaches_the_members(balanced: Synthesised) -> None:
    rules = {
        name: each
        for name, each in balanced.of("aws_vpc_security_group_ingress_rule").items()
        if "/load-balancer/" in name
    }
    assert sorted((each["from_port"], each.get("cidr_ipv4")) for each in rules.values() if "cidr_ipv4" in each) == [
        (5050, CLIENTS[0]),
        (8080, CLIENTS[0]),
    ]
    assert len([each for each in rules.values() if "referenced_security_group_id" in each]) == 2


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("client_cidrs", [], r"net/balancer: client_cidrs is invalid: \[\]. Give the address ranges"),
        ("client_cidrs", ["0.0.0.0/0"], r"client_cidrs is invalid: '0.0.0.0/0'. Use a range from /8 to /32"),
        ("name", "a" * 21, "name is invalid: 'a+'. Use up to 20 characters"),
    ],
)
def test_bad_input_is_refused(tmp_path: Path, argument: str, value: Any, message: str) -> None:
    given: dict[str, Any] = {
        "name": "prod",
        "vpc_id": "vpc-1",
        "places": [Place("subnet-1", "eu-central-1a", "10.20.0.0/20")],
        "addresses": ["10.20.0.10"],
        "group_id": "sg-1",
        "client_cidrs": CLIENTS,
    }
    with pytest.raises(ValueError, match=message):
        InternalLoadBalancer(TerraformStack(App(outdir=str(tmp_path)), "net"), "balancer", **{**given, argument: value})


@pytest.mark.parametrize(("argument", "port"), [("http_port", 5051), ("https_port", 9090)])
def test_clients_of_apps_are_not_led_to_an_agent_or_to_statistics(tmp_path: Path, argument: str, port: int) -> None:
    given: dict[str, Any] = {
        "name": "prod",
        "vpc_id": "vpc-1",
        "places": [Place("subnet-1", "eu-central-1a", "10.20.0.0/20")],
        "addresses": ["10.20.0.40"],
        "group_id": "sg-1",
        "client_cidrs": ["0.0.0.0/0"],
    }
    with pytest.raises(ValueError, match=f"net/apps: {argument} is invalid: {port}. Use a port of the load balancers"):
        AppLoadBalancer(TerraformStack(App(outdir=str(tmp_path)), "net"), "apps", **{**given, argument: port})
