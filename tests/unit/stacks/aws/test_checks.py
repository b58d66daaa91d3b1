from __future__ import annotations

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
def test_settings_that_can_be_are_taken(more: dict[str, Any]) -> None:
    assert aws(**more).region == "eu-central-1"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"region": "eu-central-9"}, "Aws: region='eu-central-9': a region of AWS: eu-central-"),
        ({"zones": ["eu-west-1a"]}, "Aws: zones='eu-west-1a': a zone of eu-central-1, such as 'eu-central-1a'"),
        ({"zones": []}, r"Aws: zones=\[\]: one or more zones of eu-central-1, each once"),
        ({"zones": [ZONES[0], ZONES[0]]}, "Aws: zones=.*each once"),
        ({"ssh_public_key": "AAAA"}, "Aws: ssh_public_key='AAAA': the line of a public key, 'ssh-ed25519 AAAA"),
        ({"ssh_public_key": KEY[:60]}, "Aws: ssh_public_key='ssh-ed25519 .*: the line of a public key"),
        ({"ssh_public_key": f"{KEY}\n{KEY}"}, "Aws: ssh_public_key=.*: the line of a public key"),
        ({"ssh_public_key": KEY.replace("ed25519", "rsa")}, "Aws: ssh_public_key=.*: the line of a public key"),
        ({"ssh_public_key": "ecdsa-sha2-nistp256 AAAA"}, "as EC2 takes no other"),
        ({"control_plane": 0}, "Aws: control_plane=0: 1 or more"),
        ({"agents": -1}, "Aws: agents=-1: 0 or more"),
        ({"root_gib": 0}, "Aws: root_gib=0: 1 or more"),
        ({"control_data_gib": 0}, "Aws: control_data_gib=0: 1 or more"),
        ({"agent_data_gib": 0}, "Aws: agent_data_gib=0: 1 or more"),
        ({"ready_seconds": 0}, "Aws: ready_seconds=0: 1 or more"),
        ({"generations": {"control-1": 0}}, r"Aws: generations\['control-1'\]=0: 1 or more"),
        ({"admin_cidrs": []}, r"Aws: admin_cidrs=\[\]: the ranges from which administrators come"),
        ({"admin_cidrs": ["office"]}, "Aws: admin_cidrs='office': a range such as '198.51.100.7/32'"),
        ({"admin_cidrs": ["198.51.100.7"]}, "Aws: admin_cidrs='198.51.100.7': ranges such as"),
        ({"admin_cidrs": ["198.51.100.7/24"]}, "Aws: admin_cidrs='198.51.100.7/24': .*host bits set"),
        ({"admin_cidrs": ADMINS * 2}, "Aws: admin_cidrs='198.51.100.7/32': .*each once"),
        ({"admin_cidrs": ["0.0.0.0/0"]}, "Aws: admin_cidrs=.*less than the whole world, or open_to_the_world=True"),
        ({"admin_cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}, "Aws: admin_cidrs=.*less than the whole world"),
        ({**MANAGED, "admin_cidrs": ADMINS}, "Aws: admin_cidrs=.*: left out with session_manager"),
        ({**MANAGED, "open_to_the_world": True}, "Aws: open_to_the_world=True: left out with session_manager"),
        ({**MANAGED, **EXISTING}, "Aws: public_subnets=.*: left out with session_manager"),
        ({**MANAGED, "ami": None}, "Aws: ami=None: with session_manager an image with the SSM agent"),
        ({**EXISTING, "vpc_id": None}, "Aws: private_subnets=.*: left out without vpc_id"),
        (
            {"vpc_id": "vpc-1"},
            r"Aws: private_subnets=\[\]: with vpc_id one Place\(id, zone, cidr\) for each of eu-cent",
        ),
        ({**EXISTING, "private_subnets": PRIVATE[:2]}, "Aws: private_subnets=.*for each of .*eu-central-1c"),
        ({**EXISTING, "private_subnets": [*PRIVATE, PRIVATE[0]]}, "Aws: private_subnets=.*none twice"),
        (
            {**EXISTING, "public_subnets": []},
            r"Aws: public_subnets=\[\]: with vpc_id one Place.*for each of eu-central-1a,",
        ),
        (
            {**EXISTING, "cidr": "10.9.0.0/16"},
            "Aws: cidr='10.9.0.0/16': left out with vpc_id, as that VPC stays as it is",
        ),
        ({**EXISTING, "private_cidrs": ["10.9.0.0/24"]}, "Aws: private_cidrs=.*: left out with vpc_id"),
        ({**EXISTING, "nat": "per-zone"}, "Aws: nat='per-zone': left out with vpc_id"),
        ({**EXISTING, "endpoints": ["ssm"]}, r"Aws: endpoints=\['ssm'\]: left out with vpc_id"),
        ({"nat": "two"}, "Aws: nat='two': 'one' or 'per-zone' or 'none'"),
        ({"endpoints": ["ssm", "ssm"]}, "Aws: endpoints='ssm': names of AWS services, such as 'ssm', each once"),
        ({"endpoints": ["com.amazonaws/ssm"]}, "Aws: endpoints='com.amazonaws/ssm': names of AWS services"),
        ({"tags": {"Name": "x"}}, "Aws: tags='Name': up to 127 letters.* nor Name, Cluster, ManagedBy"),
        ({"tags": {"AWS:x": "x"}}, "Aws: tags='AWS:x': .*not aws:"),
        ({"tags": {"x": "a<b"}}, r"Aws: tags\['x'\]='a<b': up to 256 letters"),
        ({"tags": {str(i): "" for i in range(48)}}, "Aws: tags='48 tags': at most 47"),
        ({"tags": {"x": 1}}, "Aws: tags=.*: an object, each value text"),
        (
            {"private_subnets": [Place("subnet-1", "eu-central-1a", "10.0.0.0/24")]},
            "Aws: private_subnets=.*without vpc",
        ),
    ],
)
def test_settings_that_cannot_be_or_would_be_ignored_are_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aws(**more)


def test_a_private_key_is_refused_and_not_shown() -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n"
    with pytest.raises(ValueError, match="Aws: ssh_public_key='-----BEGIN … PRIVATE KEY-----'") as error:
        aws(ssh_public_key=key)
    assert "c2VjcmV0" not in str(error.value)
