"""The load balancer for apps on AWS: made, unchanged in a second plan, given another port, and removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.aws import AppLoadBalancer, Place, bindings
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
        ec2 = moto.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.12.0.0/16")["Vpc"]["VpcId"]
        places = []
        for number, zone in ((1, "a"), (2, "b")):
            cidr = f"10.12.{number}.0/24"
            subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}{zone}")["Subnet"]
            places.append(Place(subnet["SubnetId"], f"{REGION}{zone}", cidr))
        zone = moto.client("route53").create_hosted_zone(Name="example.com", CallerReference="apps")["HostedZone"]["Id"]
        self.zone = zone.rpartition("/")[2]
        self._given: dict[str, Any] = {
            "name": "prod",
            "vpc_id": vpc,
            "places": places,
            "addresses": TARGETS,
            "group_id": ec2.create_security_group(GroupName="members", Description="x", VpcId=vpc)["GroupId"],
            "client_cidrs": ["0.0.0.0/0"],
            "domain": "apps.example.com",
            "hosted_zone_id": self.zone,
        }

    def apply(self, **further: Any) -> None:
        """Deploy with these further arguments of the construct. Fails if the next plan has changes."""
        app = App(outdir=str(self._folder / "out"))
        stack = TerraformStack(app, "balanced")
        LocalBackend(stack, path=str(self._folder / "state"))
        bindings.AwsProvider(stack, "aws", region=REGION)
        AppLoadBalancer(stack, "apps", **self._given, **further)
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
def program(tmp_path: Path, environment: dict[str, str], moto: Moto) -> Program:
    return Program(tmp_path, environment, moto)


def listeners(moto: Moto) -> dict[int, tuple[str, int, list[str]]]:
    """The load balancer's listeners by their ports: protocol, port of the targets, and their addresses."""
    balancers = moto.client("elbv2")
    (made,) = balancers.describe_load_balancers(Names=["prod-apps"])["LoadBalancers"]
    found = {}
    for each in balancers.describe_listeners(LoadBalancerArn=made["LoadBalancerArn"])["Listeners"]:
        health = balancers.describe_target_health(TargetGroupArn=each["DefaultActions"][0]["TargetGroupArn"])
        targets = [target["Target"] for target in health["TargetHealthDescriptions"]]
        (port,) = {target["Port"] for target in targets}
        found[each["Port"]] = (each["Protocol"], port, sorted(target["Id"] for target in targets))
    return found


def test_it_is_made_once_gets_another_port_and_is_removed(program: Program, moto: Moto) -> None:
    balancers = moto.client("elbv2")
    program.apply()
    assert listeners(moto) == {80: ("TCP", 80, TARGETS), 443: ("TCP", 443, TARGETS)}
    # This needs another group of targets, while the listener uses the old one. So do certificates, but moto cannot
    # change a listener's protocol to TLS.
    program.apply(https_port=8443)
    assert listeners(moto) == {80: ("TCP", 80, TARGETS), 443: ("TCP", 8443, TARGETS)}
    assert len(balancers.describe_target_groups()["TargetGroups"]) == 2
    program.terraform("destroy", "-auto-approve", "-input=false")
    assert not balancers.describe_load_balancers()["LoadBalancers"]


def test_it_has_its_certificates_and_its_record(program: Program, moto: Moto) -> None:
    names = ("*.apps.example.com", "*.more.example.com")
    program.apply(
        certificate_arns=[moto.client("acm").request_certificate(DomainName=name)["CertificateArn"] for name in names]
    )
    assert listeners(moto) == {80: ("TCP", 80, TARGETS), 443: ("TLS", 443, TARGETS)}
    (made,) = moto.client("elbv2").describe_load_balancers(Names=["prod-apps"])["LoadBalancers"]
    records = moto.client("route53").list_resource_record_sets(HostedZoneId=program.zone)["ResourceRecordSets"]
    assert [each["AliasTarget"]["DNSName"] for each in records if "apps" in each["Name"]] == [made["DNSName"]]
    program.terraform("destroy", "-auto-approve", "-input=false")
