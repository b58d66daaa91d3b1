from __future__ import annotations

from typing import Any

import pytest

from sandbox.ec2.groups import tables
from sandbox.ec2.rules import Rule, ruleset

BRIDGE_MAY_LOG_IN = "-A INPUT -s 10.213.7.1 -p tcp --dport 22 -j ACCEPT"


def interface(address: str, *groups: str) -> dict[str, Any]:
    return {"PrivateIpAddresses": [{"PrivateIpAddress": address}], "Groups": [{"GroupId": group} for group in groups]}


def rule(group: str, port: int, **peer: Any) -> dict[str, Any]:
    return {"GroupId": group, "IsEgress": False, "IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}


def lines(*rules: Rule) -> set[str]:
    """The lines that these rules add to those that are always there."""
    return set(ruleset(rules).splitlines()) - set(ruleset([]).splitlines())


def test_without_rules_only_the_registry_and_the_api_can_be_reached() -> None:
    assert ruleset([]).splitlines() == [
        "*filter",
        ":INPUT DROP",
        ":FORWARD ACCEPT",
        ":OUTPUT DROP",
        "-A INPUT -i lo -j ACCEPT",
        "-A OUTPUT -o lo -j ACCEPT",
        "-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        "-A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        "-A OUTPUT -d 10.213.7.1 -p tcp --dport 5000 -j ACCEPT",
        "-A OUTPUT -d 10.213.7.1 -p tcp --dport 5001 -j ACCEPT",
        "COMMIT",
    ]


def test_a_rule_admits_its_peers_to_its_ports() -> None:
    assert lines(Rule(False, "tcp", (31000, 31999), ("10.213.7.50", "10.213.7.51"), by_group=True)) == {
        "-A INPUT -s 10.213.7.50 -p tcp --dport 31000:31999 -j ACCEPT",
        "-A INPUT -s 10.213.7.51 -p tcp --dport 31000:31999 -j ACCEPT",
    }
    assert lines(Rule(True, "udp", (53, 53), ("0.0.0.0/0",), by_group=False)) == {
        "-A OUTPUT -d 0.0.0.0/0 -p udp --dport 53:53 -j ACCEPT"
    }
    assert lines(Rule(True, "-1", None, ("0.0.0.0/0",), by_group=False)) == {"-A OUTPUT -d 0.0.0.0/0 -j ACCEPT"}
    assert lines(Rule(False, "icmp", None, ("10.0.0.0/8",), by_group=False)) == {
        "-A INPUT -s 10.0.0.0/8 -p icmp -j ACCEPT"
    }


@pytest.mark.parametrize(
    ("protocol", "ports", "admitted"),
    [
        ("tcp", (22, 22), True),
        ("tcp", (0, 65535), True),
        ("-1", None, True),
        ("tcp", (23, 80), False),
        ("udp", (22, 22), False),
    ],
)
def test_this_machine_reaches_port_22_where_a_rule_opens_it_to_a_network(
    protocol: str, ports: tuple[int, int] | None, admitted: bool
) -> None:
    assert (BRIDGE_MAY_LOG_IN in lines(Rule(False, protocol, ports, ("1.2.3.4/32",), by_group=False))) == admitted
    assert BRIDGE_MAY_LOG_IN not in lines(Rule(False, protocol, ports, ("10.213.7.50",), by_group=True))
    assert BRIDGE_MAY_LOG_IN not in lines(Rule(True, protocol, ports, ("1.2.3.4/32",), by_group=False))


def test_this_machine_reaches_all_ports_if_open_to_machine_is_set() -> None:
    assert set(ruleset([], open_to_machine=True).splitlines()) - set(ruleset([]).splitlines()) == {
        "-A INPUT -s 10.213.7.1 -j ACCEPT"
    }


def test_a_host_has_the_rules_of_all_its_groups_and_a_group_stands_for_its_members() -> None:
    found = tables(
        [
            interface("10.213.7.50", "sg-a", "sg-ssh"),
            interface("10.213.7.51", "sg-b", "sg-a"),
            interface("10.9.9.9", "sg-b"),
        ],
        [
            rule("sg-a", 2181, ReferencedGroupInfo={"GroupId": "sg-b"}),
            rule("sg-a", 3888, ReferencedGroupInfo={"GroupId": "sg-a"}),
            rule("sg-ssh", 22, CidrIpv4="0.0.0.0/0"),
            rule("sg-other", 80, CidrIpv4="0.0.0.0/0"),
        ],
    )
    both = [
        Rule(False, "tcp", (2181, 2181), ("10.213.7.51", "10.9.9.9"), by_group=True),
        Rule(False, "tcp", (3888, 3888), ("10.213.7.50", "10.213.7.51"), by_group=True),
    ]
    assert found == {"hs40": [*both, Rule(False, "tcp", (22, 22), ("0.0.0.0/0",), by_group=False)], "hs41": both}


@pytest.mark.parametrize(
    "peer",
    [{"CidrIpv6": "::/0"}, {"PrefixListId": "pl-1"}, {"ReferencedGroupInfo": {"GroupId": "sg-empty"}}],
)
def test_a_rule_for_peers_that_the_sandbox_lacks_admits_nobody(peer: dict[str, Any]) -> None:
    assert lines(*tables([interface("10.213.7.50", "sg-a")], [rule("sg-a", 22, **peer)])["hs40"]) == set()


def test_a_rule_for_all_protocols_covers_all_ports() -> None:
    everything = {"GroupId": "sg-a", "IsEgress": True, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1}
    (found,) = tables([interface("10.213.7.50", "sg-a")], [{**everything, "CidrIpv4": "0.0.0.0/0"}])["hs40"]
    assert found == Rule(True, "-1", None, ("0.0.0.0/0",), by_group=False)
