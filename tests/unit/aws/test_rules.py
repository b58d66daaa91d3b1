from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit import aws_rules as rules
from tests.unit.synthesised import Document, Synthesised

Rule = Callable[[Document], rules.Found]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_rule_holds_of_every_stack(aws_default: Synthesised, aws_others: Synthesised, rule: Rule) -> None:
    documents = {**aws_default.documents, **aws_others.documents}
    assert len(documents) == 23 + 23 + 19
    assert [found for document in documents.values() for found in rule(document)] == []


def one(kind: str, **body: Any) -> Document:
    """A document with one resource."""
    return {"resource": {kind: {"r": {"//": {"metadata": {"path": "stack/r"}}, **body}}}}


def policy(action: Any, resource: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})


BAD_USER_DATA = b64encode(b"#!/bin/sh\nexport PGPASSWORD=correct-horse-battery\n" * 2).decode()
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----"
INTERFACE = {"tags": {"Name": "prod-agent-1"}, "subnet_id": "${aws_subnet.network_public-a.id}"}


@pytest.mark.parametrize(
    ("rule", "document"),
    [
        (rules.nothing_comes_in_from_everywhere, one("aws_vpc_security_group_ingress_rule", cidr_ipv4="0.0.0.0/0")),
        (rules.nothing_comes_in_from_everywhere, one("aws_vpc_security_group_ingress_rule", cidr_ipv6="::/0")),
        (
            rules.nothing_comes_in_from_everywhere,
            one("aws_security_group_rule", type="ingress", cidr_blocks=["0.0.0.0/0"]),
        ),
        (rules.nothing_comes_in_from_everywhere, one("aws_security_group", ingress=[{"cidr_blocks": ["0.0.0.0/0"]}])),
        (rules.every_volume_is_encrypted, one("aws_ebs_volume", size=1)),
        (rules.every_volume_is_encrypted, one("aws_instance", ami="ami-1")),
        (
            rules.every_volume_is_encrypted,
            one("aws_instance", root_block_device={"encrypted": True}, ebs_block_device=[{"encrypted": False}]),
        ),
        (
            rules.credentials_are_for_the_machine_itself,
            one("aws_instance", metadata_options={"http_tokens": "optional"}),
        ),
        (rules.credentials_are_for_the_machine_itself, one("aws_instance")),
        (rules.only_the_bastion_is_public, one("aws_instance", associate_public_ip_address=True)),
        (rules.only_the_bastion_is_public, one("aws_instance", subnet_id="subnet-1")),
        (rules.only_the_bastion_is_public, one("aws_subnet", map_public_ip_on_launch=True)),
        (rules.only_the_bastion_is_public, one("aws_network_interface", **INTERFACE)),
        (rules.only_the_bastion_is_public, one("aws_eip", instance="i-1", tags={"Name": "prod-agent-1"})),
        (rules.no_secret_is_written_down, one("aws_instance", user_data="aws_secret = AKIAABCDEFGHIJKLMNOP")),
        (rules.no_secret_is_written_down, one("aws_instance", user_data=f'{{"content": "{BAD_USER_DATA}"}}')),
        (rules.no_secret_is_written_down, one("aws_ssm_parameter", value=KEY)),
        (rules.no_secret_is_written_down, one("tls_private_key", algorithm="ED25519")),
        (rules.no_policy_allows_everything, one("aws_iam_role_policy", policy=policy("ssm:*", "arn:aws:ssm:::x"))),
        (rules.no_policy_allows_everything, one("aws_iam_policy", policy=policy(["ssm:PutParameter"], ["*"]))),
        (
            rules.no_policy_allows_everything,
            one("aws_iam_role_policy_attachment", policy_arn=":policy/PowerUserAccess"),
        ),
        (rules.everything_has_a_name, one("aws_vpc", cidr_block="10.20.0.0/16", tags={"Team": "Data"})),
        (rules.everything_has_a_name, one("aws_kms_key")),
        (rules.everything_has_a_name, {"provider": {"aws": [{"region": "eu-central-1"}]}}),
        (rules.data_can_be_had_back, one("aws_ebs_volume", encrypted=True)),
        (rules.data_can_be_had_back, one("aws_s3_bucket", force_destroy=True)),
        (rules.no_block_is_empty, one("docker_container", volumes=[{}])),
        (rules.no_block_is_empty, one("aws_iam_role", tags={})),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_a_rule_names_the_resource_that_breaks_it(rule: Rule, document: Document) -> None:
    assert list(rule(document))


def test_a_rule_lets_similar_but_allowed_resources_pass() -> None:
    assert not list(
        rules.nothing_comes_in_from_everywhere(one("aws_security_group_rule", type="egress", cidr_blocks=["0.0.0.0/0"]))
    )
    assert not list(
        rules.no_policy_allows_everything(one("aws_iam_role_policy", policy=policy("ssm:Get", "arn:x:*:y/*")))
    )
    assert not list(rules.only_the_bastion_is_public(one("aws_eip", domain="vpc", tags={"Name": "prod-nat"})))
