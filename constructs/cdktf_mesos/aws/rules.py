"""Rules of security groups: from one group to another, and from the addresses of clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import check_range
from cdktf_mesos.errors import invalid

Tags = Callable[[str], Mapping[str, str]]
"""The tags of a rule by its name."""


def connect(
    scope: Construct,
    *,
    source: str,
    target: str,
    egress: str,
    ingress: str | None,
    first: int,
    last: int | None = None,
    protocol: str = "tcp",
    description: str,
    tags: Tags,
) -> None:
    """Let the members of one security group connect to those of another: a rule for each of the two groups.

    Args:
        scope: where the rules live.
        source: the id of the group that connects.
        target: the id of the group that it connects to.
        egress: the name of the rule of the source, unique in the scope.
        ingress: the name of the rule of the target, unique in the scope; None if the caller admits addresses instead.
        first: the first port.
        last: the last port; by default the first one.
        protocol: `tcp` or `udp`.
        description: what the rules are for.
        tags: their tags.
    """
    for name, rule, own, other in (
        (egress, bindings.VpcSecurityGroupEgressRule, source, target),
        (ingress, bindings.VpcSecurityGroupIngressRule, target, source),
    ):
        if name is None:
            continue
        rule(
            scope,
            name,
            security_group_id=own,
            referenced_security_group_id=other,
            description=description,
            ip_protocol=protocol,
            from_port=first,
            to_port=first if last is None else last,
            tags=tags(name),
        )


def check_clients(construct: Construct, client_cidrs: Sequence[str], *, largest: int, remedy: str) -> None:
    """Refuse an empty list of the clients' address ranges, and malformed ranges.

    Args:
        construct: the construct whose argument `client_cidrs` they are.
        client_cidrs: the ranges.
        largest: the prefix length of the largest range that is accepted.
        remedy: what to do about an empty list.
    """
    if isinstance(client_cidrs, str) or not client_cidrs:
        raise invalid(construct, "client_cidrs", client_cidrs, remedy)
    for cidr in client_cidrs:
        check_range(construct, "client_cidrs", cidr, largest=largest, smallest=32)


def admit_clients(
    scope: Construct,
    client_cidrs: Sequence[str],
    *,
    group: str,
    port: int,
    last: int | None = None,
    protocol: str = "tcp",
    prefix: str | int,
    description: str,
    tags: Tags,
) -> None:
    """Let clients connect to ports of a group: a rule for each range of addresses, also if one is there twice.

    Args:
        scope: where the rules live.
        client_cidrs: the ranges.
        group: the group's id.
        port: the port, or the first one.
        last: the last port; by default the first one.
        protocol: `tcp` or `udp`.
        prefix: what the rules' names begin with, before `-from-…`.
        description: who the clients are.
        tags: the rules' tags.
    """
    for cidr in dict.fromkeys(client_cidrs):
        bindings.VpcSecurityGroupIngressRule(
            scope,
            f"{prefix}-from-{cidr.replace('/', '-')}",
            security_group_id=group,
            description=description,
            ip_protocol=protocol,
            from_port=port,
            to_port=port if last is None else last,
            cidr_ipv4=cidr,
            tags=tags(f"{prefix}-from-{cidr}"),
        )
