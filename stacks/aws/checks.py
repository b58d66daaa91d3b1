"""Checks of the settings of the platform `aws`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cdktf_mesos.aws.bastion import check_admin_cidrs
from cdktf_mesos.aws.places import check_region, check_zones
from cdktf_mesos.aws.scrapers import check_prometheus_cidrs
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.public_key import PublicKey, key_in
from stacks.platform import CONTROL_PLANES, LEAVE_AT_ONCE
from stacks.pools import check_least

if TYPE_CHECKING:
    from stacks.aws.settings import Aws

_AT_LEAST = {
    "control_plane": 1,
    "agents": 0,
    "root_gib": 1,
    "control_data_gib": 1,
    "agent_data_gib": 1,
    "ready_seconds": 1,
}
# The types of keys that EC2 accepts for a key pair (EC2 user guide, key pairs).
_OF_KEY_PAIRS = ("ssh-ed25519", "ssh-rsa")
# Settings that only the cluster's own VPC uses, with their defaults.
OWN_CIDR = "10.20.0.0/16"
NAT: Literal["one"] = "one"
_OF_OWN_VPC: dict[str, Any] = {"cidr": OWN_CIDR, "private_cidrs": [], "public_cidrs": [], "nat": NAT, "endpoints": []}

# Amazon EC2 user guide, "Tag your Amazon EC2 resources"; IAM has the same limits. AWS allows 50 tags; the provider adds
# two, and each resource has a tag Name.
_TAG, _MAX_TAGS = r"[\w .:/=+@-]", 47
_OWN_TAGS = ("Name", "Cluster", "ManagedBy")


def check_aws(aws: Aws) -> None:
    """Refuse invalid settings, and settings that would be ignored because of another one.

    Raises:
        ValueError: a setting is invalid. The message says what to do.
    """
    check_region("Aws", aws.region)
    check_zones("Aws", aws.zones, aws.region)
    check_public_key(aws.ssh_public_key)
    _check_further_keys(aws.further_ssh_public_keys)
    check_least("Aws", aws, _AT_LEAST)
    for name, generation in aws.generations.items():
        if generation < 1:
            remedy = "Use 1 or more; another number than before replaces the machine"
            raise invalid("Aws", f"generations[{name!r}]", generation, remedy)
    _check_way_in(aws)
    _check_vpc(aws)
    for service in aws.endpoints:
        if not re.fullmatch("[a-z0-9][a-z0-9.-]*", service) or aws.endpoints.count(service) > 1:
            raise invalid("Aws", "endpoints", service, "Use names of AWS services, such as 'ssm', each once")
    check_prometheus_cidrs("Aws", aws.prometheus_cidrs)
    _check_tags(aws.tags)
    _check_control_plane(aws)


def _check_control_plane(aws: Aws) -> None:
    """Refuse too many machines, or too many that leave. `stacks/aws/names.py` has the other checks."""
    names = {f"control-{number}" for number in range(1, aws.control_plane + 1)}.difference(aws.left)
    leave = names.intersection(aws.leaving)
    if len(leave) > LEAVE_AT_ONCE:
        remedy = f"Let at most {LEAVE_AT_ONCE} machines of the control plane leave at a time, as from 5 to 3"
        raise invalid("Aws", "leaving", aws.leaving, remedy)
    if (stay := len(names - leave)) > max(CONTROL_PLANES):
        raise invalid("Aws", "control_plane", aws.control_plane, f"Use 1, 3 or 5 machines that stay, not {stay}")


def check_public_key(line: str) -> None:
    """Refuse anything but the line of a public key of a type that EC2 accepts (EC2 user guide, key pairs)."""
    remedy = (
        "Use the line of a public key, 'ssh-ed25519 AAAA… comment' or 'ssh-rsa AAAA… comment': EC2 accepts no other"
    )
    if "PRIVATE KEY" in line:
        # The key is not shown, because the output of a program may be kept in logs.
        raise invalid("Aws", "ssh_public_key", "-----BEGIN … PRIVATE KEY-----", remedy)
    found = key_in(line)
    if found is None or not _is_line_of(found, line) or found.kind not in _OF_KEY_PAIRS:
        raise invalid("Aws", "ssh_public_key", line, remedy)


def _check_further_keys(lines: Sequence[str]) -> None:
    """Refuse anything but lines of public keys, of any type."""
    for line in lines:
        found = None if "PRIVATE KEY" in line else key_in(line)
        if found is None or not _is_line_of(found, line) or lines.count(line) > 1:
            # A private key is not shown, because the output of a program may be kept in logs.
            shown = "-----BEGIN … PRIVATE KEY-----" if "PRIVATE KEY" in line else line
            remedy = "Use the line of a public key, 'ssh-ed25519 AAAA… comment', each once"
            raise invalid("Aws", "further_ssh_public_keys", shown, remedy)


def _is_line_of(key: PublicKey, line: str) -> bool:
    """Whether the text is one line that begins with the key."""
    return "\n" not in line.strip() and line.strip().startswith(f"{key.kind} {key.blob}")


def _check_way_in(aws: Aws) -> None:
    if not aws.session_manager:
        check_admin_cidrs("Aws", aws.admin_cidrs, open_to_the_world=aws.open_to_the_world)
        return
    for argument in ("admin_cidrs", "open_to_the_world", "public_subnets"):
        if value := getattr(aws, argument):
            raise invalid("Aws", argument, value, "Remove it: with session_manager there is no bastion")
    if aws.ami is None:
        remedy = "Set an image with the SSM agent: session_manager needs it, and Debian's image does not have it"
        raise invalid("Aws", "ami", aws.ami, remedy)


def _check_vpc(aws: Aws) -> None:
    if aws.vpc_id is None:
        for argument in ("private_subnets", "public_subnets"):
            if value := getattr(aws, argument):
                raise invalid("Aws", argument, value, "Set vpc_id as well: the VPC that these subnets are in")
        return
    for argument, default in _OF_OWN_VPC.items():
        if (value := getattr(aws, argument)) != default:
            raise invalid(
                "Aws", argument, value, "Remove it: with vpc_id an existing VPC is used, which is not changed"
            )
    needed = {"private_subnets": aws.zones, "public_subnets": [] if aws.session_manager else aws.zones[:1]}
    for argument, zones in needed.items():
        places = getattr(aws, argument)
        found = [place.zone for place in places]
        if len(set(found)) < len(found) or not set(zones) <= set(found):
            remedy = (
                f"Give one Place(id, zone, cidr) for each of {', '.join(zones)}, and no zone twice: vpc_id needs them"
            )
            raise invalid("Aws", argument, places, remedy)


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > _MAX_TAGS:
        remedy = f"Use at most {_MAX_TAGS}: AWS accepts 50, and three are added"
        raise invalid("Aws", "tags", f"{len(tags)} tags", remedy)
    for key, value in tags.items():
        if not re.fullmatch(f"{_TAG}{{1,127}}", key) or key.lower().startswith("aws:") or key in _OWN_TAGS:
            remedy = f"Use up to 127 letters, digits, spaces and '.:/=+@_-', not aws:… nor {', '.join(_OWN_TAGS)}"
            raise invalid("Aws", "tags", key, remedy)
        if not re.fullmatch(f"{_TAG}{{0,256}}", value):
            remedy = "Use up to 256 letters, digits, spaces and '.:/=+@_-'"
            raise invalid("Aws", f"tags[{key!r}]", value, remedy)
