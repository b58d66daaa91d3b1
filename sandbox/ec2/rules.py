"""Rules of security groups, and the packet filter made from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox import paths
from sandbox.ec2 import server

_SSH = 22
_REGISTRY_PORT = int(paths.REGISTRY.rpartition(":")[2])


@dataclass(frozen=True)
class Rule:
    """A rule that admits connections to or from a network interface.

    Args:
        egress: whether it admits outgoing connections, else incoming ones.
        protocol: `tcp`, `udp`, `icmp`, a number, or `-1` for all.
        ports: the first and the last port; None for all.
        peers: the addresses and networks of the other side.
        by_group: whether the rule names a security group, whose members are the peers; else it names a network.
    """

    egress: bool
    protocol: str
    ports: tuple[int, int] | None
    peers: tuple[str, ...]
    by_group: bool


def ruleset(rules: Iterable[Rule], *, open_to_machine: bool = False) -> str:
    """The rules in the format of iptables-restore. Packets that no rule admits are dropped.

    The image registry and the API can always be reached, as a real instance reaches theirs in other ways. This machine
    stands for the whole outside world: it reaches port 22 where a rule opens that port to any network, because this
    machine's own address is not that of an administrator.

    Args:
        rules: the rules of all groups of the interface.
        open_to_machine: whether this machine reaches all ports.
    """
    lines = [
        "*filter",
        ":INPUT DROP",
        ":FORWARD ACCEPT",
        ":OUTPUT DROP",
        *(f"-A {chain} {which} lo -j ACCEPT" for chain, which in (("INPUT", "-i"), ("OUTPUT", "-o"))),
        *(f"-A {chain} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT" for chain in ("INPUT", "OUTPUT")),
        *(
            f"-A OUTPUT -d {paths.BRIDGE_ADDRESS} -p tcp --dport {port} -j ACCEPT"
            for port in (_REGISTRY_PORT, server.API.port)
        ),
    ]
    admitted = {line for rule in rules for line in _lines(rule)}
    if open_to_machine:
        admitted.add(f"-A INPUT -s {paths.BRIDGE_ADDRESS} -j ACCEPT")
    return "\n".join([*lines, *sorted(admitted), "COMMIT", ""])


def _lines(rule: Rule) -> Iterable[str]:
    chain, way = ("OUTPUT", "-d") if rule.egress else ("INPUT", "-s")
    what = "" if rule.protocol == "-1" else f" -p {rule.protocol}"
    if rule.ports and rule.protocol in {"tcp", "udp"}:
        what += f" --dport {rule.ports[0]}:{rule.ports[1]}"
    for peer in rule.peers:
        yield f"-A {chain} {way} {peer}{what} -j ACCEPT"
    if not rule.egress and not rule.by_group and _has_ssh(rule):
        yield f"-A INPUT -s {paths.BRIDGE_ADDRESS} -p tcp --dport {_SSH} -j ACCEPT"


def _has_ssh(rule: Rule) -> bool:
    return rule.protocol == "-1" or (
        rule.protocol == "tcp" and (rule.ports is None or rule.ports[0] <= _SSH <= rule.ports[1])
    )
