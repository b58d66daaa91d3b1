"""A warning where no network of ours protects the members: machines with public addresses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from constructs import Construct

from cdktf_mesos.cdk import Annotations


def warn_of_public_addresses(shown_on: Construct, addresses: Iterable[str]) -> None:
    """Warn of addresses that the internet may reach: members listen on them, and firewalls are the user's.

    Args:
        shown_on: the construct that the warning is added to, in a stack.
        addresses: valid addresses of machines.
    """
    public = sorted({each for each in addresses if IPv4Address(each).is_global}, key=IPv4Address)
    if public:
        text = (
            f"members listen on public addresses: {', '.join(public)}. Unless a firewall keeps the internet away, "
            "anyone can become root on these machines. docs/what-is-open.md has rules for one"
        )
        Annotations.of(shown_on).add_warning(text)
