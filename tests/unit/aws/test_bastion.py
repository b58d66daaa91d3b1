from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.aws import Bastion, Login, Place
from cdktf_mesos.cdk import TerraformStack
from tests.unit.conftest import Synth
from tests.unit.synthesised import Synthesised, resources


def bastion(stack: TerraformStack, **more: Any) -> Bastion:
    settings: dict[str, Any] = {
        "name": "prod-bastion",
        "region": "eu-central-1",
        "place": Place("subnet-9", "eu-central-1a", "10.20.255.0/24"),
        "address": "10.20.255.4",
        "security_group_id": "sg-1",
        "key_name": "prod",
        "login": Login(),
        "admin_cidrs": ["198.51.100.7/32", "203.0.113.0/24"],
    }
    return Bastion(stack, "bastion", **{**settings, **more})


def test_it_accepts_ssh_from_each_range_of_the_administrators(aws_stack: TerraformStack, synth: Synth) -> None:
    bastion(aws_stack)
    rules = [body for kind, _, body in resources(synth()) if kind == "aws_vpc_security_group_ingress_rule"]
    assert [(each["cidr_ipv4"], each["from_port"], each["to_port"], each["ip_protocol"]) for each in rules] == [
        ("198.51.100.7/32", 22, 22, "tcp"),
        ("203.0.113.0/24", 22, 22, "tcp"),
    ]


def test_the_whole_world_is_accepted_if_the_program_says_so(aws_stack: TerraformStack, synth: Synth) -> None:
    bastion(aws_stack, admin_cidrs=["0.0.0.0/0"], open_to_the_world=True)
    rules = [body for kind, _, body in resources(synth()) if kind == "aws_vpc_security_group_ingress_rule"]
    assert [each["cidr_ipv4"] for each in rules] == ["0.0.0.0/0"]


def test_it_stores_no_data_and_runs_no_engine(aws_default: Synthesised) -> None:
    kinds = {kind for stack, _, kind, _ in aws_default.resources() if stack == "prod-0-network-bastion"}
    assert not {"aws_ebs_volume", "aws_volume_attachment", "docker_container"} & kinds
    (instance,) = aws_default.of("aws_instance", "prod-0-network-bastion").values()
    assert instance["instance_type"] == "t3.micro" and "ENGINE=no" in instance["user_data"]


def test_only_the_bastion_is_reached_from_outside_and_at_a_known_address(aws_default: Synthesised) -> None:
    interfaces = aws_default.of("aws_network_interface")
    public = [path for path, each in interfaces.items() if "public-" in each["subnet_id"]]
    assert public == ["prod-0-network-bastion/bastion/machine/interface"]
    assert interfaces[public[0]]["private_ips"] == ["10.20.255.4"]
    addresses = [path for path in aws_default.of("aws_eip") if "nat" not in path]
    assert addresses == ["prod-0-network-bastion/bastion/machine/public-address"]


def test_a_tunnel_for_a_browser_is_an_output(aws_default: Synthesised) -> None:
    tunnel = aws_default.documents["prod-0-network-bastion"]["output"]["tunnel"]
    assert tunnel["value"].startswith("ssh -N -D 127.0.0.1:1080 -o 'KnownHostsCommand=/bin/echo ${replace(aws_eip.")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"admin_cidrs": []}, r"stack/bastion: admin_cidrs is invalid: \[\]. Give the ranges from which"),
        ({"admin_cidrs": "0.0.0.0/0"}, "stack/bastion: admin_cidrs is invalid: '0.0.0.0/0'. Give the ranges"),
        ({"admin_cidrs": ["0.0.0.0/0"]}, "stack/bastion: admin_cidrs is invalid: .*less than the whole"),
        ({"admin_cidrs": ["everywhere"]}, "stack/bastion: admin_cidrs is invalid: 'everywhere'. Use a range such"),
        ({"address": "10.20.255.1"}, "stack/bastion/machine: address is invalid: '10.20.255.1'. Use an address"),
    ],
)
def test_an_invalid_bastion_is_refused(stack: TerraformStack, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bastion(stack, **more)
