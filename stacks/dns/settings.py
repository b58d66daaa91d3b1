"""The settings of Mesos-DNS."""

from __future__ import annotations

from msgspec import field

from cdktf_mesos.errors import invalid
from cdktf_mesos.mesos_dns import configuration, mesos_dns
from stacks.components import GatedSettings

PUT_BACK = "Put it back in machines of dns, with its name in leaving of dns, run cdktf deploy '*', then drop it"
"""What to do about a machine that was dropped while its Mesos-DNS runs."""


class DnsSettings(GatedSettings):
    """Mesos-DNS: names for tasks, such as `web.marathon.<domain>` for Marathon's app `/web`.

    Its images have no shell. So its checks always run in `gate_image`, by default in the masters' image.

    Args:
        version: the pinned version of its image, with the variable `mesos_dns_version`. Mesos from 1.8 on needs 0.7 or
            later, and Mesos before 0.25 an earlier one.
        family: the way in which the image is configured: `mesosphere` or `avhost`. By default it follows from the
            repository, which by default is `mesosphere/mesos-dns` for releases before 0.8, and otherwise
            `avhost/mesos-dns`.
        domain: the domain of all names; by default `mesos`.
        resolvers: IPv4 addresses of the name servers that are asked for all other names, in this order; an empty list
            refuses such questions. By default, on the platform `aws` the resolver of the VPC, 169.254.169.253; on other
            platforms it must be given.
        machines: the names of the machines that run it, in the order in which they are rolled; by default all machines
            of the control plane. On the platform `static` machines of agents may be named, too. Not available on the
            platform `local`.
        leaving: names of `machines` on which it ends with the next deploy. After that deploy, remove them from
            `machines`; if it ends on all of them, remove the setting `dns`. Tasks keep the name servers that they
            started with. So before it ends on all machines, set `container_dns` to false, deploy, and restart the
            tasks. By default there are none.
        container_dns: whether agents from 1.4 on give these name servers to tasks' containers that have a network of
            their own (the flag `default_container_dns`), and whether apps of the setting `apps` on the host's network
            get them. By default true. Agents cannot if an address is a loopback one, and neither can if `port` is not
            53.
        port: the port for DNS, TCP and UDP; by default 53.
        http_port: the port of its HTTP API; by default 8123.
        zone_resolvers: name servers for certain other domains, such as `{"example.com": ["10.0.0.53"]}`; by default
            there are none.
        ip_sources: where the address of a task comes from, the first that has one: `host`, `netinfo`, `mesos`,
            `docker`. By default `host`, the address of the task's agent.
        ttl: how long clients may keep an answer, in seconds; by default 10.
        refresh_seconds: how often it reads the masters' state, in seconds; by default 10.
        timeout_seconds: how long a resolver may take, in seconds; by default 2.
        state_timeout_seconds: how long a master may take to send its state, in seconds; by default 15.
        settings: further keys of its configuration, such as `{"enforceRFC952": true}`; by default there are none.
        config_file: the path of a file on its machines with the whole configuration, needed if there is a secret in it;
            by default the program writes the configuration.
    """

    version: str
    family: str | None = None
    domain: str = "mesos"
    resolvers: list[str] | None = None
    machines: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    container_dns: bool = True
    port: int = mesos_dns.PORT
    http_port: int = mesos_dns.HTTP_PORT
    zone_resolvers: dict[str, list[str]] = field(default_factory=dict)
    ip_sources: list[str] = field(default_factory=lambda: ["host"])
    ttl: int = configuration.TTL
    refresh_seconds: int = configuration.REFRESH_SECONDS
    timeout_seconds: int = configuration.TIMEOUT_SECONDS
    state_timeout_seconds: int = configuration.STATE_TIMEOUT_SECONDS
    settings: dict[str, str | int | bool] = field(default_factory=dict)
    config_file: str | None = None


def refuse_machines(dns: DnsSettings | None) -> None:
    """Refuse names of machines, on a platform with one engine."""
    for argument in ("machines", "leaving"):
        if dns and (names := getattr(dns, argument)):
            raise invalid("Cluster: dns", argument, names, "Remove it: the platform 'local' has only one engine")
