from __future__ import annotations

import pytest

from cdktf_mesos.aws import ExistingNetwork, Place
from cdktf_mesos.cdk import TerraformStack, TerraformVariable
from tests.unit.conftest import Synth
from tests.unit.synthesised import Synthesised

A, B = Place("subnet-1", "eu-central-1a", "10.1.0.0/24"), Place("subnet-2", "eu-central-1b", "10.1.1.0/24")


def test_a_plan_refuses_a_subnet_of_another_vpc_zone_or_range(aws_stack: TerraformStack, synth: Synth) -> None:
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
        "stack/net: public[0] is invalid: 'subnet-2'. Use a subnet with the vpc_id vpc-1: this one has ${self.vpc_id}"
    )
    assert "resource" not in document


def test_the_id_of_the_vpc_may_be_an_expression_and_text_stays_text(aws_stack: TerraformStack, synth: Synth) -> None:
    vpc = TerraformVariable(aws_stack, "vpc", type="string").string_value
    place = Place('subnet-"${x}', "eu-central-1a", "10.1.0.0/24")
    ExistingNetwork(aws_stack, "net", vpc_id=vpc, private=[place])
    (subnet,) = synth()["data"]["aws_subnet"].values()
    assert subnet["id"] == 'subnet-"$${x}'
    condition = subnet["lifecycle"]["postcondition"][0]
    assert condition["condition"] == "${self.vpc_id == var.vpc}"
    assert condition["error_message"] == (
        """stack/net: private[0] is invalid: 'subnet-"$${x}'. Use a subnet with the vpc_id ${var.vpc}: """
        "this one has ${self.vpc_id}"
    )


def test_no_part_of_an_existing_network_is_made_or_changed(aws_others: Synthesised) -> None:
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
        ([], [], r"stack/net: private is invalid: \[\]. Give one or more subnets"),
        (
            [Place("subnet-1", "eu-central-1a", "10.1.0.1/24")],
            [],
            r"stack/net: private\[0\] is invalid: '10.1.0.1/24'. Use a range such",
        ),
        (
            [A],
            [A],
            r"stack/net: public\[0\] is invalid: '10.1.0.0/24'. .* not overlap with private\[0\] \(10.1.0.0/24\)",
        ),
    ],
)
def test_invalid_subnets_are_refused(
    stack: TerraformStack, private: list[Place], public: list[Place], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ExistingNetwork(stack, "net", vpc_id="vpc-1", private=private, public=public)
