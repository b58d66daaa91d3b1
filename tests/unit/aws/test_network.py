from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.aws import Network
from cdktf_mesos.cdk import TerraformStack
from tests.unit.aws_app import ZONES
from tests.unit.conftest import Synth
from tests.unit.synthesised import resources


def network(stack: TerraformStack, **more: Any) -> Network:
    return Network(stack, "net", **{"name": "prod", "region": "eu-central-1", "zones": ZONES, **more})


def of(document: dict[str, Any], kind: str) -> dict[str, Any]:
    return {path.removeprefix("stack/net/"): body for name, path, body in resources(document) if name == kind}


def test_each_zone_has_a_private_subnet_from_the_beginning_and_a_public_one_from_the_end(
    aws_stack: TerraformStack, synth: Synth
) -> None:
    network(aws_stack)
    subnets = of(synth(), "aws_subnet")
    assert {path: (each["availability_zone"][-1], each["cidr_block"]) for path, each in subnets.items()} == {
        "private-eu-central-1a": ("a", "10.20.0.0/20"),
        "private-eu-central-1b": ("b", "10.20.16.0/20"),
        "private-eu-central-1c": ("c", "10.20.32.0/20"),
        "public-eu-central-1a": ("a", "10.20.255.0/24"),
        "public-eu-central-1b": ("b", "10.20.254.0/24"),
        "public-eu-central-1c": ("c", "10.20.253.0/24"),
    }
    assert not any(each["map_public_ip_on_launch"] for each in subnets.values())


def test_given_ranges_are_used_and_a_small_vpc_has_the_smallest_subnets(
    aws_stack: TerraformStack, synth: Synth
) -> None:
    network(aws_stack, zones=ZONES[:2], cidr="10.0.0.0/25", public_cidrs=["10.0.0.96/28", "10.0.0.112/28"])
    cidrs = [each["cidr_block"] for each in of(synth(), "aws_subnet").values()]
    assert sorted(cidrs) == ["10.0.0.0/28", "10.0.0.112/28", "10.0.0.16/28", "10.0.0.96/28"]


def routes(document: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """For each route table: its gateway to outside, and the subnets that use it."""
    logical = {body["//"]["metadata"]["uniqueId"]: path for kind, path, body in resources(document)}
    logical = {name: path.removeprefix("stack/net/") for name, path in logical.items()}

    def named(expression: str) -> str:
        return logical[expression.split(".")[1]]

    found: dict[str, tuple[str, list[str]]] = {path: ("", []) for path in of(document, "aws_route_table")}
    for each in of(document, "aws_route").values():
        assert each["destination_cidr_block"] == "0.0.0.0/0"
        table = named(each["route_table_id"])
        found[table] = (named(each.get("gateway_id") or each["nat_gateway_id"]), found[table][1])
    for each in of(document, "aws_route_table_association").values():
        found[named(each["route_table_id"])][1].append(named(each["subnet_id"])[-1])
    return found


@pytest.mark.parametrize(
    ("nat", "private"),
    [
        ("one", {"private-routes": ("private-nat", ["a", "b", "c"])}),
        ("none", {"private-routes": ("", ["a", "b", "c"])}),
        (
            "per-zone",
            {f"private-{zone}-routes": (f"private-{zone}-nat", [zone[-1]]) for zone in ZONES},
        ),
    ],
)
def test_private_subnets_use_the_chosen_nat_and_public_ones_the_internet_gateway(
    aws_stack: TerraformStack, synth: Synth, nat: str, private: dict[str, Any]
) -> None:
    network(aws_stack, nat=nat)
    document = synth()
    assert routes(document) == {"public-routes": ("internet", ["a", "b", "c"]), **private}
    gateways = of(document, "aws_nat_gateway")
    assert len(gateways) == len(of(document, "aws_eip")) == {"one": 1, "none": 0, "per-zone": 3}[nat]
    assert all("_public-eu-central-1" in each["subnet_id"] for each in gateways.values())
    # S3 without NAT, from every private table.
    (s3,) = of(document, "aws_vpc_endpoint").values()
    assert s3["vpc_endpoint_type"] == "Gateway" and len(s3["route_table_ids"]) == len(private)


def test_each_nat_gateway_is_in_the_zone_that_it_serves(aws_stack: TerraformStack, synth: Synth) -> None:
    network(aws_stack, nat="per-zone")
    gateways = of(synth(), "aws_nat_gateway")
    assert all(f"_public-{zone}_" in gateways[f"private-{zone}-nat"]["subnet_id"] for zone in ZONES)


def test_endpoints_of_services_accept_https_only_from_the_private_subnets(
    aws_stack: TerraformStack, synth: Synth
) -> None:
    network(aws_stack, endpoints=["ssm", "ec2messages"])
    document = synth()
    endpoints = of(document, "aws_vpc_endpoint")
    assert {each["service_name"] for each in endpoints.values()} == {
        f"com.amazonaws.eu-central-1.{service}" for service in ("s3", "ssm", "ec2messages")
    }
    assert endpoints["endpoint-ssm"]["private_dns_enabled"] and len(endpoints["endpoint-ssm"]["subnet_ids"]) == 3
    rules = of(document, "aws_vpc_security_group_ingress_rule").values()
    assert {(each["from_port"], each["to_port"], each["cidr_ipv4"]) for each in rules} == {
        (443, 443, cidr) for cidr in ("10.20.0.0/20", "10.20.16.0/20", "10.20.32.0/20")
    }
    assert not of(document, "aws_vpc_security_group_egress_rule")


def test_the_default_group_of_the_vpc_has_no_rules(aws_stack: TerraformStack, synth: Synth) -> None:
    network(aws_stack)
    (group,) = of(synth(), "aws_default_security_group").values()
    assert not {"ingress", "egress"} & set(group)


def test_a_plan_refuses_a_zone_that_the_region_does_not_have(aws_stack: TerraformStack, synth: Synth) -> None:
    network(aws_stack, zones=["eu-central-1a", "eu-central-1z"])
    document = synth()
    (zones,) = document["data"]["aws_availability_zones"].values()
    (condition,) = zones["lifecycle"]["postcondition"]
    assert condition["condition"] == ('${length(setsubtract(["eu-central-1a", "eu-central-1z"], self.names)) == 0}')
    assert condition["error_message"].startswith(
        "stack/net: zones is invalid: ['eu-central-1a', 'eu-central-1z']. Use some of ${"
    )
    (vpc,) = of(document, "aws_vpc").values()
    assert vpc["depends_on"] == [f"data.aws_availability_zones.{zones['//']['metadata']['uniqueId']}"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"region": "eu-central-3"}, "stack/net: region is invalid: 'eu-central-3'. Use a region of AWS: eu-c"),
        ({"zones": ["eu-west-1a"]}, "stack/net: zones is invalid: 'eu-west-1a'. Use zones of eu-central-1"),
        ({"cidr": "10.20.0.0/8"}, "stack/net: cidr is invalid: '10.20.0.0/8'. Use a range such as '10.2"),
        ({"cidr": "10.0.0.0/8"}, "stack/net: cidr is invalid: '10.0.0.0/8'. Use a range from /16 to /28"),
        ({"cidr": "10.20.0.0/28"}, "stack/net: cidr is invalid: '10.20.0.0/28'. Use a larger range: .* 3 zones"),
        (
            {"cidr": "10.20.0.0/26"},
            r"stack/net: public_cidrs\[1\] is invalid: '10.20.0.32/28'. .* not overlap with private_cidrs\[2\]",
        ),
        (
            {"private_cidrs": ["10.20.0.0/24", "10.20.0.128/25", "10.20.2.0/24"]},
            r"stack/net: private_cidrs\[1\] is invalid: '10.20.0.128/25'. .* with private_cidrs\[0\] \(10.20.0.0/24\)",
        ),
        (
            {"private_cidrs": ["10.20.0.0/24", "10.20.1.0/24", "10.20.255.0/24"]},
            r"stack/net: public_cidrs\[0\] is invalid: '10.20.255.0/24'. .* not overlap with private_cidrs\[2\]",
        ),
        ({"private_cidrs": ["10.20.0.0/24"]}, "stack/net: private_cidrs is invalid: .* Give a range for each of the 3"),
        ({"private_cidrs": "10.20.0.0/24"}, "stack/net: private_cidrs is invalid: '10.20.0.0/24'. Give a range for"),
        (
            {"public_cidrs": ["10.21.0.0/24", "10.20.1.0/24", "10.20.2.0/24"]},
            "stack/net: public_cidrs is invalid: '10.21.0.0/24'. Use a range within cidr",
        ),
        (
            {"public_cidrs": ["10.20.0.0/29", "10.20.1.0/24", "10.20.2.0/24"]},
            "stack/net: public_cidrs is invalid: '10.20.0.0/29'. Use a range from /16 to /28",
        ),
        ({"nat": "two"}, "stack/net: nat is invalid: 'two'. Use 'one', 'per-zone' or 'none'"),
    ],
)
def test_an_invalid_network_is_refused(stack: TerraformStack, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        network(stack, **more)
