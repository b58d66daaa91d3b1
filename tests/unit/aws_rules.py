"""Rules for all resources on AWS. Each returns the resources that break it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from tests.unit.synthesised import Document, resources

Found = Iterator[str]

# Kinds of resources in use that cannot have tags. Another kind without a tag Name is a finding, so that somebody
# decides about each new kind.
_WITHOUT_TAGS = {
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_route",
    "aws_route_table_association",
    "aws_volume_attachment",
}
_SECRETS = (
    "(AKIA|ASIA)[0-9A-Z]{16}",
    "BEGIN [A-Z ]*PRIVATE KEY",
    r"(?i)(password|passwd|secret|token|api_?key)[\"']?\s*[:=]\s*[\"']?[^\s\"'$]{6,}",
)


def _of(document: Document, *kinds: str) -> Iterator[tuple[str, Document]]:
    return ((path, body) for kind, path, body in resources(document) if kind in kinds)


def nothing_comes_in_from_everywhere(document: Document) -> Found:
    """No ingress rule, as a separate resource or within a group, has all addresses as its source."""
    for path, body in _of(document, "aws_vpc_security_group_ingress_rule", "aws_security_group_rule"):
        if body.get("type", "ingress") == "ingress" and _everywhere(body):
            yield path
    for path, body in _of(document, "aws_security_group", "aws_default_security_group"):
        if any(_everywhere(rule) for rule in body.get("ingress", [])):
            yield path


def _everywhere(rule: Mapping[str, Any]) -> bool:
    single = [rule.get("cidr_ipv4"), rule.get("cidr_ipv6")]
    ranges = [*single, *rule.get("cidr_blocks", []), *rule.get("ipv6_cidr_blocks", [])]
    return any(ip_network(each).prefixlen == 0 for each in ranges if each and "${" not in each)


def every_volume_is_encrypted(document: Document) -> Found:
    """The volumes of instances, and separate volumes."""
    for path, body in _of(document, "aws_ebs_volume"):
        if body.get("encrypted") is not True:
            yield path
    for path, body in _of(document, "aws_instance"):
        disks = [body.get("root_block_device", {}), *body.get("ebs_block_device", [])]
        if any(disk.get("encrypted") is not True for disk in disks):
            yield path


def credentials_are_for_the_machine_itself(document: Document) -> Found:
    """IMDSv2 with one hop: containers on a bridge network and forged requests of a server do not get credentials."""
    wanted = {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1}
    for path, body in _of(document, "aws_instance"):
        if body.get("metadata_options") != wanted:
            yield path


def only_the_bastion_is_public(document: Document) -> Found:
    """Only the bastion has a public address, from its subnet or its own."""
    for path, body in _of(document, "aws_instance", "aws_subnet"):
        if body.get("associate_public_ip_address") or body.get("map_public_ip_on_launch"):
            yield path
        if {"subnet_id", "associate_public_ip_address"} & set(body):
            yield f"{path}: not by an interface"
    for path, body in _of(document, "aws_network_interface"):
        if "private-" not in body["subnet_id"] and not body["tags"]["Name"].endswith("-bastion"):
            yield path
    for path, body in _of(document, "aws_eip"):
        if {"instance", "network_interface"} & set(body) and not body["tags"]["Name"].endswith("-bastion"):
            yield path


def no_secret_is_written_down(document: Document) -> Found:
    """No secret is in user data, encoded in base64 or not, or in anything else that the state keeps."""
    for path, body in _of(document, "aws_instance"):
        text = body.get("user_data", "")
        text += "".join(_decoded(word) for word in re.findall("[A-Za-z0-9+/]{40,}=*", text))
        if any(re.search(pattern, text) for pattern in _SECRETS):
            yield path
    for kind, path, body in resources(document):
        if kind in ("tls_private_key", "random_password") or re.search("|".join(_SECRETS[:2]), json.dumps(body)):
            yield path


def _decoded(word: str) -> str:
    try:
        return b64decode(word, validate=True).decode(errors="ignore")
    except Error:
        return ""


def no_policy_allows_everything(document: Document) -> Found:
    """No policy allows all actions of a service, or all resources."""
    for path, body in _of(document, "aws_iam_role_policy", "aws_iam_policy", "aws_s3_bucket_policy"):
        for statement in json.loads(body["policy"])["Statement"]:
            actions, things = (_listed(statement.get(key, "*")) for key in ("Action", "Resource"))
            if statement["Effect"] == "Allow" and ("*" in "".join(actions) or "*" in things):
                yield path
    for path, body in _of(document, "aws_iam_role_policy_attachment"):
        if not body["policy_arn"].endswith(":policy/AmazonSSMManagedInstanceCore"):
            yield path


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def everything_has_a_name(document: Document) -> Found:
    """Each resource has a tag Name for people; the provider adds the tags of the cluster."""
    for kind, path, body in resources(document):
        if kind.startswith("aws_") and kind not in _WITHOUT_TAGS and not body.get("tags", {}).get("Name"):
            yield path
    for provider in document.get("provider", {}).get("aws", []):
        (tags,) = provider.get("default_tags") or [{"tags": {}}]
        if not {"Cluster", "ManagedBy"} <= set(tags["tags"]):
            yield "provider.aws"


def data_can_be_had_back(document: Document) -> Found:
    """Data can be restored: a volume leaves a snapshot, and only an empty bucket can be destroyed.

    `prevent_destroy` would protect more, but it would make `cdktf destroy` impossible.
    """
    for path, body in _of(document, "aws_ebs_volume"):
        if body.get("final_snapshot") is not True:
            yield path
    for path, body in _of(document, "aws_s3_bucket"):
        if body.get("force_destroy"):
            yield path


def no_block_is_empty(document: Document) -> Found:
    """cdktf writes `{}` for arguments that it does not know, without an error."""
    for section in ("resource", "data", "provider", "terraform", "output"):
        yield from _empty(document.get(section, {}), section)


def _empty(value: Any, path: str) -> Found:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in parts:
        if each == {}:
            yield f"{path}.{key}"
        elif key != "//":
            yield from _empty(each, f"{path}.{key}")


RULES: tuple[Callable[[Document], Found], ...] = (
    nothing_comes_in_from_everywhere,
    every_volume_is_encrypted,
    credentials_are_for_the_machine_itself,
    only_the_bastion_is_public,
    no_secret_is_written_down,
    no_policy_allows_everything,
    everything_has_a_name,
    data_can_be_had_back,
    no_block_is_empty,
)
