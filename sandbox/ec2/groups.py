"""Reads security groups from the API, and derives each host's rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.ec2.inventory import HOSTS
from sandbox.ec2.rules import Rule


def read(api: Any) -> dict[str, list[Rule]]:
    """The rules of each host that has a network interface."""
    return tables(
        api.describe_network_interfaces()["NetworkInterfaces"],
        api.describe_security_group_rules()["SecurityGroupRules"],
    )


def tables(interfaces: Iterable[Mapping[str, Any]], rules: Iterable[Mapping[str, Any]]) -> dict[str, list[Rule]]:
    """The rules of each host: those of all groups of its interface.

    Where a rule names a group as its peer, the result has the addresses of the group's members.
    """
    members: dict[str, list[str]] = defaultdict(list)
    groups: dict[str, list[str]] = defaultdict(list)
    for interface in interfaces:
        addresses = [each["PrivateIpAddress"] for each in interface["PrivateIpAddresses"]]
        own = [group["GroupId"] for group in interface["Groups"]]
        for group in own:
            members[group] += addresses
        for address in set(addresses) & set(HOSTS):
            groups[HOSTS[address]] += own
    by_group: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_group[rule["GroupId"]].append(_rule(rule, members))
    return {host: [rule for group in own for rule in by_group[group]] for host, own in groups.items()}


def _rule(rule: Mapping[str, Any], members: Mapping[str, list[str]]) -> Rule:
    """A rule of the API as a `Rule`. One for IPv6 or a prefix list admits nobody, since the sandbox has neither."""
    group = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    network = rule.get("CidrIpv4")
    first, last = rule.get("FromPort", -1), rule.get("ToPort", -1)
    return Rule(
        egress=rule["IsEgress"],
        protocol=rule["IpProtocol"],
        ports=None if first == -1 else (first, last),
        peers=tuple(sorted(members.get(group, ()))) if group else (network,) if network else (),
        by_group=not network,
    )
