"""The name servers that agents give to the containers of their tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from constructs import Construct

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release

FLAG = "default_container_dns"

FROM = Release(1, 4)
"""The first release whose agents have the flag."""

OPTIONS = ("timeout:3",)
"""Options of resolv.conf for containers that ask Mesos-DNS: three seconds for a machine that is down, instead of five.

Less would be too little. If the first resolver of Mesos-DNS is down, Mesos-DNS answers after two seconds; and musl has
no more time than this for all attempts together (resolv.conf(5); musl, src/network/res_msend.c).
"""


@dataclass(frozen=True)
class ContainerDns:
    """The name servers of tasks' containers that have a network of their own and no name servers of their own.

    Args:
        name_servers: IPv4 addresses, which containers reach.
        search: domains that are added to short names; by default there are none.
        options: options of resolv.conf, such as `timeout:1`; by default there are none.
    """

    name_servers: Sequence[str]
    search: Sequence[str] = ()
    options: Sequence[str] = ()

    def flag(self, containerizers: str) -> str:
        """The value of the agents' flag (Mesos docs, agent flags: default_container_dns).

        Containers on the host's network have the host's resolv.conf. Mesos does not let the flag change that.
        """
        dns: dict[str, list[str]] = {"nameservers": list(self.name_servers)}
        dns |= {name: list(value) for name, value in (("search", self.search), ("options", self.options)) if value}
        networks = {"docker": ("BRIDGE", "USER"), "mesos": ("CNI",)}
        value = {
            containerizer: [{"network_mode": mode, "dns": dns} for mode in networks[containerizer]]
            for containerizer in containerizers.split(",")
        }
        return json.dumps(value, sort_keys=True)


def check_container_dns(pool: Construct, dns: ContainerDns, release: Release, *, has_flag: bool) -> None:
    """Refuse name servers that containers cannot have, and a release without the flag."""
    argument = FLAG
    if has_flag:
        raise invalid(pool, argument, dns, f"Remove it, or the flag {FLAG!r}, which sets the same")
    if release < FROM:
        remedy = f"Remove it: agents have it from {FROM} on. Give apps the Docker parameter 'dns' instead"
        raise invalid(pool, argument, dns, remedy)
    if isinstance(dns.name_servers, str) or not dns.name_servers:
        raise invalid(pool, argument, dns, "Give one name server or more")
    for server in dns.name_servers:
        if Token.is_unresolved(server):
            continue
        try:
            loopback = IPv4Address(server).is_loopback
        except AddressValueError:
            raise invalid(pool, argument, server, "Use IPv4 addresses of name servers, such as '10.20.0.11'") from None
        if loopback:
            remedy = "Use an address that containers reach: in a container with its own network, this is the container"
            raise invalid(pool, argument, server, remedy)
