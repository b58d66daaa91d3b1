"""The load balancers on AWS: made, unchanged in a second plan, given another port, and removed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from cdktf_mesos.aws import AppLoadBalancer, InternalLoadBalancer, bindings
from cdktf_mesos.cdk import App, LocalBackend, TerraformStack
from tests.terraform.conftest import run_terraform
from tests.terraform.moto import REGION, Moto

TARGETS = ["10.12.1.40", "10.12.2.40"]


class Program:
    """A program with a load balancer in a VPC of its own, and its state.

    Args:
        folder: an empty folder.
        environment: Terraform's environment.
        moto: AWS.
    """

    def __init__(self, folder: Path, environment: dict[str, str], moto: Moto) -> None:
        self._folder, self._environment = folder, {**environment, **moto.environment}
        vpc, places = moto.network("10.12")
        members = moto.client("ec2").create_security_group(GroupName="members", Description="x", VpcId=vpc)
        zone = moto.client("route53").create_hosted_zone(Name="example.com", CallerReference="apps")["HostedZone"]["Id"]
        self.zone = zone.rpartition("/")[2]
        self._given: dict[str, Any] = {
            "name": "prod",
            "vpc_id": vpc,
            "places": places,
            "addresses": TARGETS,
            "group_id": members["GroupId"],
            "client_cidrs": ["10.0.0.0/8"],
        }

    def apply(self, **ports: int) -> None:
        """Deploy an internal load balancer with these ports. Fails if the next plan has changes."""
        self._apply(InternalLoadBalancer, ports)

    def apply_apps(self, **further: Any) -> None:
        """Deploy a load balancer for apps with these further arguments. Fails if the next plan has changes."""
        self._apply(AppLoadBalancer, {"domain": "apps.example.com", "hosted_zone_id": self.zone, **further})

    def _apply(self, kind: type[AppLoadBalancer | InternalLoadBalancer], further: Mapping[str, Any]) -> None:
        app = App(outdir=str(self._folder / "out"))
        stack = TerraformStack(app, "balanced")
        LocalBackend(stack, path=str(self._folder / "state"))
        bindings.AwsProvider(stack, "aws", region=REGION)
        kind(stack, "balancer", **self._given, **further)
        app.synth()
        self.terraform("init", "-input=false")
        self.terraform("apply", "-auto-approve", "-input=false")
        self.terraform("plan", "-input=false", "-out=plan")
        planned = json.loads(self.terraform("show", "-json", "plan"))["resource_changes"]
        assert [each["address"] for each in planned if each["change"]["actions"] != ["no-op"]] == []

    def terraform(self, *words: str) -> str:
        """Run Terraform; returns what it printed."""
        return run_terraform(
            self._folder / "out/stacks/balanced", self._environment, *words, "-no-color", check=True
        ).stdout


@pytest.fixture
def program(tmp_path: Path, environment: dict[str, str], moto: Moto) -> Iterator[Program]:
    """A program. What a test leaves on AWS is forgotten at its end."""
    yield Program(tmp_path, environment, moto)
    requests.post(f"{moto.api.url}/moto-api/reset", timeout=30).raise_for_status()


def listeners(moto: Moto, name: str = "prod-apps") -> dict[int, tuple[str, int, list[str]]]:
    """The load balancer's listeners by their ports: protocol, port of the targets, and their addresses."""
    balancers = moto.client("elbv2")
    (made,) = balancers.describe_load_balancers(Names=[name])["LoadBalancers"]
    found = {}
    for each in balancers.describe_listeners(LoadBalancerArn=made["LoadBalancerArn"])["Listeners"]:
        health = balancers.describe_target_health(TargetGroupArn=each["DefaultActions"][0]["TargetGroupArn"])
        targets = [target["Target"] for target in health["TargetHealthDescriptions"]]
        (port,) = {target["Port"] for target in targets}
        found[each["Port"]] = (each["Protocol"], port, sorted(target["Id"] for target in targets))
    return found


# It takes two minutes, and the other two tests show most of it.
@pytest.mark.full
def test_the_one_for_apps_is_made_once_gets_another_port_and_is_removed(program: Program, moto: Moto) -> None:
    balancers = moto.client("elbv2")
    program.apply_apps()
    assert listeners(moto) == {80: ("TCP", 80, TARGETS), 443: ("TCP", 443, TARGETS)}
    # This needs another group of targets, while the listener uses the old one. So do certificates, but moto cannot
    # change a listener's protocol to TLS.
    program.apply_apps(https_port=8443)
    assert listeners(moto) == {80: ("TCP", 80, TARGETS), 443: ("TCP", 8443, TARGETS)}
    assert len(balancers.describe_target_groups()["TargetGroups"]) == 2
    program.terraform("destroy", "-auto-approve", "-input=false")
    assert not balancers.describe_load_balancers()["LoadBalancers"]


def test_the_one_for_apps_has_its_certificates_and_its_record(program: Program, moto: Moto) -> None:
    names = ("*.apps.example.com", "*.more.example.com")
    program.apply_apps(
        certificate_arns=[moto.client("acm").request_certificate(DomainName=name)["CertificateArn"] for name in names]
    )
    assert listeners(moto) == {80: ("TCP", 80, TARGETS), 443: ("TLS", 443, TARGETS)}
    (made,) = moto.client("elbv2").describe_load_balancers(Names=["prod-apps"])["LoadBalancers"]
    records = moto.client("route53").list_resource_record_sets(HostedZoneId=program.zone)["ResourceRecordSets"]
    assert [each["AliasTarget"]["DNSName"] for each in records if "apps" in each["Name"]] == [made["DNSName"]]


def test_the_internal_one_is_made_once_gets_another_port_and_is_removed(program: Program, moto: Moto) -> None:
    balancers = moto.client("elbv2")
    program.apply()
    marathon, masters = (("TCP", port, TARGETS) for port in (8080, 5050))
    assert listeners(moto, "prod-internal") == {8080: marathon, 5050: masters}
    # This needs another group of targets with the same name, while the listener uses the old one.
    program.apply(marathon_port=8081)
    assert listeners(moto, "prod-internal") == {8081: ("TCP", 8081, TARGETS), 5050: masters}
    assert len(balancers.describe_target_groups()["TargetGroups"]) == 2
    program.terraform("destroy", "-auto-approve", "-input=false")
    assert not balancers.describe_load_balancers()["LoadBalancers"]
