from __future__ import annotations

import pytest

from cdktf_mesos.aws import ExistingNetwork, Place
from cdktf_mesos.cdk import TerraformStack, TerraformVariable
from tests.unit.aws_app import Synthesised
from tests.unit.conftest import Synth

A, B = Place("subnet-1", "eu-central-1a", "10.1.0.0/24"), Place("subnet-2", "eu-central-1b", "10.1.1.0/24")


def test_a_plan_is_refused_where_a_subnet_is_of_another_vpc_zone_or_range(
    aws_stack: TerraformStack, synth: Synth
) -> None:
    network = ExistingNetwork(aws_stack, "net", vpc_id="vpc-1", private=[A], public=[B])
    assert [(each.zone, each.cidr) for each in (*network.private, *network.public)] == [
        ("eu-central-1a", "10.1.0.0/24"),
        ("eu-central-1b", "10.1.1.0/24"),
    ]
    document = synth()
    found = {each["id"]: each["lifecycle"]["postcondition"] for each in document["data"]["aws_subnet"].values()}
    assert [each["condition"] for each in found["subnet-1"]] == [
        '${self.vpc_id == "vpc-1"}',
        '${self.availability_zone == "eu-central-1a"}',
        '${self.cidr_block == "10.1.0.0/24"}',
    ]
    assert found["subnet-2"][0]["error_message"] == (
        "stack/net: public[0]='subnet-2': its vpc_id is ${self.vpc_id}, and vpc-1 is what was given"
    )
    assert "resource" not in document


def test_a_vpc_that_terraform_alone_knows_is_compared_by_its_id_and_text_stays_text(
    aws_stack: TerraformStack, synth: Synth
) -> None:
    vpc = TerraformVariable(aws_stack, "vpc", type="string").string_value
    place = Place('subnet-"${x}', "eu-central-1a", "10.1.0.0/24")
    ExistingNetwork(aws_stack, "net", vpc_id=vpc, private=[place])
    (subnet,) = synth()["data"]["aws_subnet"].values()
    assert subnet["id"] == 'subnet-"$${x}'
    condition = subnet["lifecycle"]["postcondition"][0]
    assert condition["condition"] == "${self.vpc_id == var.vpc}"
    assert condition["error_message"] == (
        """stack/net: private[0]='subnet-"$${x}': its vpc_id is ${self.vpc_id}, and ${var.vpc} is what was given"""
    )


def test_nothing_of_a_network_that_exists_is_made_or_changed(aws_others: Synthesised) -> None:
    kinds = {kind for stack, _, kind, _ in aws_others.resources() if stack.endswith("0-network")}
    assert kinds == {
        "aws_key_pair",
        "aws_security_group",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
    assert {each["vpc_id"] for each in aws_others.of("aws_security_group").values()} == {"vpc-0a1"}


@pytest.mark.parametrize(
    ("private", "public", "message"),
    [
        ([], [], r"stack/net: private=\[\]: one or more subnets of the VPC"),
        (
            [Place("subnet-1", "eu-central-1a", "10.1.0.1/24")],
            [],
            r"stack/net: private\[0\]='10.1.0.1/24': a range such",
        ),
        ([A], [A], r"stack/net: public\[0\]='10.1.0.0/24': a range apart from private\[0\] \(10.1.0.0/24\)"),
    ],
)
def test_subnets_that_cannot_be_are_refused(
    stack: TerraformStack, private: list[Place], public: list[Place], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ExistingNetwork(stack, "net", vpc_id="vpc-1", private=private, public=public)
