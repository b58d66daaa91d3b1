"""Names: which domains and resolvers Mesos-DNS can have, and the name that it gives to an app of Marathon."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from constructs import Construct

from cdktf_mesos.cdk import Token
from cdktf_mesos.domain import is_below, is_domain
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DockerHost

# A whole name has at most 253 characters (RFC 1035, 2.3.4). The longest one that Mesos-DNS puts before the domain has
# 150 or so; 100 leave room for it.
_LONGEST = 100

# The longest label (RFC 1035, 2.3.4), and that of a host in RFC 952.
LABEL_LENGTH, RFC952_LENGTH = 63, 24

# Where systemd-resolved listens (systemd-resolved.service(8)).
_RESOLVED = ("127.0.0.53", "127.0.0.54")


def check_domain(role: Construct | str, argument: str, domain: str) -> str:
    """Return the domain. Refuse text that is not a valid domain name."""
    if not is_domain(domain, _LONGEST):
        remedy = (
            "Use labels of lower-case letters, digits and '-' with dots between, such as 'mesos' or "
            f"'cluster7.example.com', up to {_LONGEST} characters, without a dot at the end, and no address"
        )
        raise invalid(role, argument, domain, remedy)
    return domain


def check_resolvers(
    role: Construct | str, argument: str, resolvers: Sequence[str], members: Sequence[str], port: int
) -> None:
    """Refuse a resolver that is no IPv4 address, is there twice, or is a member: it would ask itself forever.

    Args:
        role: the role, for errors.
        argument: the role's argument that has the resolvers.
        resolvers: the resolvers.
        members: the addresses of the role's members.
        port: the port of the members. Resolvers are asked at port 53.
    """
    for number, resolver in enumerate(resolvers):
        if Token.is_unresolved(resolver):
            continue
        try:
            is_any = IPv4Address(resolver).is_unspecified
        except AddressValueError:
            remedy = "Use the IPv4 addresses of name servers, such as '10.20.0.2': Mesos-DNS asks them at port 53"
            raise invalid(role, argument, resolver, remedy) from None
        if resolver in resolvers[:number]:
            raise invalid(role, argument, resolver, "Give each resolver once")
        if is_any or (port == 53 and resolver in members):
            remedy = "Use another name server: this is a member's own address, so the question would go round in a loop"
            raise invalid(role, argument, resolver, remedy)
        if resolver in _RESOLVED:
            remedy = (
                "Use the name servers that the machine's systemd-resolved asks (resolvectl dns): it may ask Mesos-DNS, "
                "so the question could go round in a loop"
            )
            raise invalid(role, argument, resolver, remedy)


def check_zones(role: Construct, zones: Mapping[str, Sequence[str]], domain: str) -> None:
    """Refuse zones with resolvers of their own that overlap, or that overlap the domain: Mesos-DNS does not start."""
    for zone in zones:
        check_domain(role, "zone_resolvers", zone)
        for other in (domain, *(each for each in zones if each != zone)):
            if is_below(zone, other) or is_below(other, zone):
                whose = "Mesos-DNS's own domain" if other == domain else "another zone"
                remedy = f"Use zones that are neither above nor below each other: {other!r} is {whose}"
                raise invalid(role, "zone_resolvers", zone, remedy)


def check_names(role: Construct | str, hosts: Sequence[DockerHost], domain: str) -> None:
    """Refuse machines of the cluster with a name below the domain: Mesos-DNS needs them, before it has their names."""
    for host in hosts:
        for argument, name in (("hostname", host.hostname), ("engine", urlsplit(host.engine).hostname or "")):
            if not Token.is_unresolved(name) and is_below(name, domain):
                remedy = (
                    f"Use an address, or a name that is not below {domain!r}: Mesos-DNS serves such names, and needs "
                    "this machine to do so"
                )
                raise invalid(role, f"{host.node.path}: {argument}", name, remedy)


def task_name(app_id: str) -> str:
    """The name of an app's tasks: `cart.shop` for `/shop/cart` (Marathon docs, service discovery)."""
    return ".".join(reversed(app_id.strip("/").split("/")))


def label(name: str, *, rfc952: bool = False) -> str:
    """The label that Mesos-DNS makes of the name of a task: `cart-shop` for `cart.shop`.

    It makes dots and `_` to `-`, drops all other characters, and cuts the label. If the cut leaves dashes at the end,
    it drops these and lets as many characters follow (Mesos-DNS, records/labels).

    Args:
        name: the name.
        rfc952: whether Mesos-DNS has the setting `enforceRFC952`.
    """
    longest, wrong_start = (RFC952_LENGTH, "-0123456789") if rfc952 else (LABEL_LENGTH, "-")
    kept = re.sub("[^a-z0-9-]", "", re.sub("[._]", "-", name.lower())).lstrip(wrong_start)
    head = kept[:longest].rstrip("-")
    return head + kept[longest:].lstrip("-")[: len(kept[:longest]) - len(head)]


def framework_labels(name: str, *, rfc952: bool = False) -> str:
    """What Mesos-DNS makes of a framework's name: a label of each part, as its dots stay."""
    return ".".join(found for part in name.split(".") if (found := label(part, rfc952=rfc952)))
