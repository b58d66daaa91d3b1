"""The plan checks what only AWS knows, such as subnets and zones, and its error names what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.aws import ExistingNetwork, Network, Place, bindings
from cdktf_mesos.cdk import App, TerraformStack
from tests.terraform.conftest import Terraform
from tests.terraform.moto import REGION, Moto


@pytest.fixture
def stack(app: App, moto: Moto, monkeypatch: pytest.MonkeyPatch) -> TerraformStack:
    """A stack whose AWS provider uses moto."""
    for name, value in moto.environment.items():
        monkeypatch.setenv(name, value)
    stack = TerraformStack(app, "network")
    bindings.AwsProvider(stack, "aws", region=REGION)
    return stack


@pytest.fixture
def subnet(moto: Moto) -> dict[str, Any]:
    """A subnet in a VPC."""
    api = moto.client("ec2")
    vpc = api.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    found: dict[str, Any] = api.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24", AvailabilityZone=f"{REGION}a")
    return dict(found["Subnet"])


def refusal(terraform: Terraform) -> str:
    """The error of a plan that must fail, on one line."""
    done = terraform("plan", "-input=false", "-no-color", check=False)
    assert done.returncode == 1, done.stdout
    return " ".join(done.stderr.replace("│", " ").split())


def test_a_subnet_that_matches_its_description_is_accepted(
    stack: TerraformStack, terraform: Terraform, subnet: dict[str, Any]
) -> None:
    place = Place(subnet["SubnetId"], f"{REGION}a", "10.7.1.0/24")
    ExistingNetwork(stack, "existing", vpc_id=subnet["VpcId"], private=[place])
    assert terraform("plan", "-input=false", "-no-color").returncode == 0


@pytest.mark.parametrize(
    ("vpc", "zone", "cidr", "message"),
    [
        ("vpc-0a1", f"{REGION}a", "10.7.1.0/24", "Use a subnet with the vpc_id vpc-0a1: this one has {vpc}"),
        (None, f"{REGION}b", "10.7.1.0/24", f"with the availability_zone {REGION}b: this one has {REGION}a"),
        (None, f"{REGION}a", "10.7.2.0/24", "with the cidr_block 10.7.2.0/24: this one has 10.7.1.0/24"),
    ],
)
def test_a_subnet_of_another_vpc_zone_or_range_is_rejected(
    stack: TerraformStack,
    terraform: Terraform,
    subnet: dict[str, Any],
    vpc: str | None,
    zone: str,
    cidr: str,
    message: str,
) -> None:
    place = Place(subnet["SubnetId"], zone, cidr)
    ExistingNetwork(stack, "existing", vpc_id=vpc or subnet["VpcId"], private=[place])
    output = refusal(terraform)
    assert f"network/existing: private[0] is invalid: '{subnet['SubnetId']}'." in output
    assert message.format(vpc=subnet["VpcId"]) in output


def test_a_zone_that_the_region_does_not_have_is_rejected(stack: TerraformStack, terraform: Terraform) -> None:
    Network(stack, "own", name="prod", region=REGION, zones=[f"{REGION}a", f"{REGION}x"])
    output = refusal(terraform)
    assert f"network/own: zones is invalid: ['{REGION}a', '{REGION}x']. Use some of" in output
    assert f"{REGION}a, {REGION}b" in output
