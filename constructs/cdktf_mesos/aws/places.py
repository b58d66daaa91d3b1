"""Regions, zones, address ranges and addresses, and the checks of them that need no call of AWS."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from constructs import Construct

from cdktf_mesos.errors import invalid

# The regions that hashicorp/aws 5.100.0 knows: the part before the number, and the highest number.
_REGIONS = {
    "af-south": 1,
    "ap-east": 1,
    "ap-northeast": 3,
    "ap-south": 2,
    "ca-central": 1,
    "ca-west": 1,
    "cn-north": 1,
    "cn-northwest": 1,
    "eu-central": 2,
    "eu-north": 1,
    "eu-south": 2,
    "eu-west": 3,
    "il-central": 1,
    "me-central": 1,
    "me-south": 1,
    "mx-central": 1,
    "sa-east": 1,
    "us-east": 2,
    "us-west": 2,
    "us-gov-east": 1,
    "us-gov-west": 1,
    "us-iso-east": 1,
    "us-iso-west": 1,
    "us-isob-east": 1,
    "us-isof-east": 1,
    "us-isof-south": 1,
    "eu-isoe-west": 1,
}
REGIONS = (
    *(f"{name}-{number}" for name, count in _REGIONS.items() for number in range(1, count + 1)),
    *(f"ap-southeast-{number}" for number in (1, 2, 3, 4, 5, 7)),
)

# AWS reserves the first four addresses of a subnet and the last (Amazon VPC user guide, subnet CIDR blocks).
RESERVED_FIRST, RESERVED_LAST = 4, 1
# Prefix lengths that AWS accepts for a VPC and a subnet (same source).
LARGEST, SMALLEST = 16, 28


@dataclass(frozen=True)
class Place:
    """A subnet in which machines are placed.

    Args:
        id: the subnet's id, or a token for it.
        zone: its availability zone, such as `eu-central-1a`.
        cidr: its address range.
    """

    id: str
    zone: str
    cidr: str


def check_region(construct: Construct | str, region: str) -> str:
    """Return the region. Refuse one that the AWS provider does not know."""
    if region not in REGIONS:
        close = difflib.get_close_matches(region, REGIONS, n=3) or sorted(REGIONS)
        raise invalid(construct, "region", region, f"Use a region of AWS: {', '.join(close)}")
    return region


def check_zones(construct: Construct | str, zones: Sequence[str], region: str) -> list[str]:
    """Return the zones. Refuse an empty list, a zone that is there twice, and one that is not in the region."""
    for zone in zones:
        if not re.fullmatch(rf"{region}[a-z]", zone):
            raise invalid(construct, "zones", zone, f"Use zones of {region}, such as '{region}a'")
    if isinstance(zones, str) or not zones or len(set(zones)) < len(zones):
        raise invalid(construct, "zones", zones, f"Use one or more zones of {region}, each once")
    return list(zones)


def check_range(
    construct: Construct | str, argument: str, cidr: str, *, largest: int = LARGEST, smallest: int = SMALLEST
) -> IPv4Network:
    """Parse an address range; by default one that AWS accepts for a VPC or a subnet, from /16 to /28.

    Raises:
        ValueError: the range is malformed, has bits set after the prefix, or is too large or too small.
    """
    try:
        network = IPv4Network(cidr)
    except ValueError as error:
        raise invalid(construct, argument, cidr, f"Use a range such as '10.20.0.0/16' ({error})") from None
    if not largest <= network.prefixlen <= smallest:
        raise invalid(construct, argument, cidr, f"Use a range from /{largest} to /{smallest}")
    return network


def check_disjoint(construct: Construct | str, ranges: dict[str, IPv4Network]) -> None:
    """Refuse ranges that overlap. The keys of `ranges` are the arguments that they come from."""
    seen: dict[str, IPv4Network] = {}
    for argument, network in ranges.items():
        for other, earlier in seen.items():
            if network.overlaps(earlier):
                remedy = f"Use a range that does not overlap with {other} ({earlier})"
                raise invalid(construct, argument, str(network), remedy)
        seen[argument] = network


def check_address(construct: Construct | str, argument: str, address: str, place: Place) -> str:
    """Return the address. Refuse one that a machine in the subnet cannot have."""
    network = IPv4Network(place.cidr)
    first, last = network[RESERVED_FIRST], network[-1 - RESERVED_LAST]
    remedy = f"Use an address from {first} to {last}: AWS reserves the first four of {network} and the last"
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        raise invalid(construct, argument, address, remedy) from None
    if not first <= parsed <= last:
        raise invalid(construct, argument, address, remedy)
    return address


def partition(region: str) -> str:
    """The partition of AWS that a region belongs to, as it is written in ARNs."""
    parts = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}
    parts |= {"us-isof-": "aws-iso-f", "eu-isoe-": "aws-iso-e"}
    return next((name for prefix, name in parts.items() if region.startswith(prefix)), "aws")
