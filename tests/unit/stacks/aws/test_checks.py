from __future__ import annotations

import re
from typing import Any

import pytest

from cdktf_mesos.aws import Place
from stacks import Aws
from tests.unit.aws_app import ADMINS, EXISTING, KEY, ZONES

RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAABBEiM0Q="
PRIVATE, PUBLIC = EXISTING["private_subnets"], EXISTING["public_subnets"]


def aws(**more: Any) -> Aws:
    settings = {"region": "eu-central-1", "zones": ZONES, "ssh_public_key": KEY, "admin_cidrs": ADMINS}
    return Aws(**{**settings, **more})


MANAGED = {"admin_cidrs": [], "session_manager": True, "ami": "ami-0b1"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ssh_public_key": f"{RSA}\n"},
        {"agents": 0, "control_plane": 1},
        {"admin_cidrs": ["0.0.0.0/0"], "open_to_the_world": True},
        MANAGED,
        EXISTING,
        {**MANAGED, "vpc_id": "vpc-1", "private_subnets": PRIVATE},
        {"zones": ZONES[:1], **EXISTING},
        {"endpoints": ["ssm", "ecr.dkr"], "nat": "none", "cidr": "10.9.0.0/16"},
        {"tags": {"cost-center/team": "a b"}},
    ],
)
def test_valid_settings_are_accepted(more: dict[str, Any]) -> None:
    assert aws(**more).region == "eu-central-1"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"region": "eu-central-9"}, "Aws: region is invalid: 'eu-central-9'. Use a region of AWS: eu-central-"),
        ({"zones": ["eu-west-1a"]}, "Aws: zones is invalid: 'eu-west-1a'. Use zones of eu-central-1, such as 'eu-cent"),
        ({"zones": []}, r"Aws: zones is invalid: \[\]. Use one or more zones of eu-central-1, each once"),
        ({"zones": [ZONES[0], ZONES[0]]}, "Aws: zones is invalid: .*each once"),
        ({"ssh_public_key": "AAAA"}, "Aws: ssh_public_key is invalid: 'AAAA'. Use the line of a public key, 'ssh-ed"),
        ({"ssh_public_key": KEY[:60]}, "Aws: ssh_public_key is invalid: 'ssh-ed25519 .*. Use the line of a public"),
        ({"ssh_public_key": f"{KEY}\n{KEY}"}, "Aws: ssh_public_key is invalid: .*. Use the line of a"),
        ({"ssh_public_key": KEY.replace("ed25519", "rsa")}, "Aws: ssh_public_key is invalid: .*. Use the line"),
        ({"ssh_public_key": "ecdsa-sha2-nistp256 AAAA"}, "EC2 accepts no other"),
        ({"control_plane": 0}, "Aws: control_plane is invalid: 0. Use 1 or more"),
        ({"agents": -1}, "Aws: agents is invalid: -1. Use 0 or more"),
        ({"root_gib": 0}, "Aws: root_gib is invalid: 0. Use 1 or more"),
        ({"control_data_gib": 0}, "Aws: control_data_gib is invalid: 0. Use 1 or more"),
        ({"agent_data_gib": 0}, "Aws: agent_data_gib is invalid: 0. Use 1 or more"),
        ({"ready_seconds": 0}, "Aws: ready_seconds is invalid: 0. Use 1 or more"),
        ({"generations": {"control-1": 0}}, r"Aws: generations\['control-1'\] is invalid: 0. Use 1 or more"),
        ({"admin_cidrs": []}, r"Aws: admin_cidrs is invalid: \[\]. Give the ranges from which"),
        ({"admin_cidrs": ["office"]}, "Aws: admin_cidrs is invalid: 'office'. Use a range such as '198"),
        ({"admin_cidrs": ["198.51.100.7"]}, "Aws: admin_cidrs is invalid: '198.51.100.7'. Use ranges such as"),
        ({"admin_cidrs": ["198.51.100.7/24"]}, "Aws: admin_cidrs is invalid: '198.51.100.7/24'. .*host bits set"),
        ({"admin_cidrs": ADMINS * 2}, "Aws: admin_cidrs is invalid: '198.51.100.7/32'. .*each once"),
        ({"admin_cidrs": ["0.0.0.0/0"]}, "less than the whole world, or set open_to_the_world=True"),
        ({"admin_cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}, "Aws: admin_cidrs is invalid: .*less than the whole world"),
        ({**MANAGED, "admin_cidrs": ADMINS}, "Aws: admin_cidrs is invalid: .* Remove it: with session_manager"),
        ({**MANAGED, "open_to_the_world": True}, "Aws: open_to_the_world is invalid: True. Remove it: with session"),
        ({**MANAGED, **EXISTING}, "Aws: public_subnets is invalid: .* Remove it: with session_manager"),
        ({**MANAGED, "ami": None}, "Aws: ami is invalid: None. Set an image with the SSM agent"),
        ({**EXISTING, "vpc_id": None}, "Aws: private_subnets is invalid: .* Set vpc_id as well"),
        (
            {"vpc_id": "vpc-1"},
            r"Aws: private_subnets is invalid: \[\]. Give one Place\(id, zone, cidr\) for each of eu-cent",
        ),
        (
            {**EXISTING, "private_subnets": PRIVATE[:2]},
            "Aws: private_subnets is invalid: .*for each of .*eu-central-1c",
        ),
        ({**EXISTING, "private_subnets": [*PRIVATE, PRIVATE[0]]}, "Aws: private_subnets is invalid: .*no zone twice"),
        (
            {**EXISTING, "public_subnets": []},
            r"Aws: public_subnets is invalid: \[\]. Give one Place.*for each of eu-central-1a,",
        ),
        (
            {**EXISTING, "cidr": "10.9.0.0/16"},
            "Aws: cidr is invalid: '10.9.0.0/16'. Remove it: with vpc_id an existing VPC is used",
        ),
        ({**EXISTING, "private_cidrs": ["10.9.0.0/24"]}, "Aws: private_cidrs is invalid: .* Remove it: with vpc_id"),
        ({**EXISTING, "nat": "per-zone"}, "Aws: nat is invalid: 'per-zone'. Remove it: with vpc_id"),
        ({**EXISTING, "endpoints": ["ssm"]}, r"Aws: endpoints is invalid: \['ssm'\]. Remove it: with vpc_id"),
        ({"nat": "two"}, "Aws: nat is invalid: 'two'. Use 'one' or 'per-zone' or 'none'"),
        (
            {"endpoints": ["ssm", "ssm"]},
            "Aws: endpoints is invalid: 'ssm'. Use names of AWS services, such as 'ssm', each",
        ),
        ({"endpoints": ["com.amazonaws/ssm"]}, "Aws: endpoints is invalid: 'com.amazonaws/ssm'. Use names"),
        ({"tags": {"Name": "x"}}, "Aws: tags is invalid: 'Name'. Use up to 127 letters.* nor Name, Cluster, ManagedBy"),
        ({"tags": {"AWS:x": "x"}}, "Aws: tags is invalid: 'AWS:x'. .*not aws:"),
        ({"tags": {"x": "a<b"}}, r"Aws: tags\['x'\] is invalid: 'a<b'. Use up to 256 letters"),
        ({"tags": {str(i): "" for i in range(48)}}, "Aws: tags is invalid: '48 tags'. Use at most 47"),
        ({"tags": {"x": 1}}, "Aws: tags is invalid: .* Use an object in which each value is text"),
        (
            {"private_subnets": [Place("subnet-1", "eu-central-1a", "10.0.0.0/24")]},
            "Aws: private_subnets is invalid: .* Set vpc_id",
        ),
    ],
)
def test_settings_that_are_invalid_or_would_be_ignored_are_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aws(**more)


def test_a_private_key_is_refused_and_not_shown() -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n"
    with pytest.raises(ValueError, match="Aws: ssh_public_key is invalid: '-----BEGIN … PRIVATE KEY-----'") as error:
        aws(ssh_public_key=key)
    assert "c2VjcmV0" not in str(error.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["AAAA"], "Aws: further_ssh_public_keys is invalid: 'AAAA'. Use the line of a public key"),
        ([f'from="10.0.0.1" {KEY}'], "Use the line of a public key"),
        ([f"{KEY}\n{RSA}"], "Use the line of a public key"),
        ([KEY, KEY], "each once"),
        (["-----BEGIN OPENSSH PRIVATE KEY-----\nplanted"], "'-----BEGIN … PRIVATE KEY-----'"),
    ],
)
def test_further_keys_that_cloud_init_would_not_take_are_refused(lines: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        aws(further_ssh_public_keys=lines)
    assert "planted" not in str(error.value)
