"""The load balancers for Marathon's apps: their settings, their role and their machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec import field

from cdktf_mesos import DockerHost, Image, Marathon, MarathonLb, Pin
from cdktf_mesos.domain import is_below
from cdktf_mesos.errors import invalid
from cdktf_mesos.load_balancer import marathon_lb
from stacks.components import ContainerSettings
from stacks.registries import repository

if TYPE_CHECKING:
    from constructs import Construct

    from cdktf_mesos.roll import Dropped
    from stacks.dns.settings import DnsSettings
    from stacks.settings import Cluster

M = TypeVar("M")

_IMAGE = "mesosphere/marathon-lb"

# Where Marathon's own port for the masters is not among the service ports.
SERVICE_PORTS = {"local_port_min": 10000, "local_port_max": 15000}


class LoadBalancerSettings(ContainerSettings):
    """The load balancers for Marathon's apps (marathon-lb).

    With a load balancer, Marathon gives service ports from 10000 to 15000 to apps, unless its flags `local_port_min`
    and `local_port_max` say something else.

    Args:
        version: the pinned version of marathon-lb's image, with the variable `marathon_lb_version`.
        groups: apps are reached only if their label `HAPROXY_GROUP` names one of these groups. `["*"]` is for all
            apps, which then are exposed.
        domain: the domain of the names of apps: `/shop/cart` is reached at `http://cart.shop.<domain>`. By default apps
            are reached only as their labels say.
        machines: the names of the machines with a load balancer. By default the machines of pools that are `public`.
            Not available on the platform `local`.
        leaving: names of machines in `machines` whose load balancers the next deploy removes. After it, drop the names
            from both lists. By default there are none.
        family: the way in which the image is configured: `mesosphere` or `avhost`. By default it follows from the
            repository; give it for an image of your own.
        certificates: a directory on the machines with certificates for https: PEM files, each with a certificate and
            its key. By default marathon-lb makes a certificate of its own, which no client trusts.
        credentials_file: a file on the machines with one line `user:password` for Marathon, if that is behind a
            password of your own. By default there is none; with `security` the load balancers log in by themselves.
        http_port: the port for http; by default 80.
        https_port: the port for https; by default 443.
        drain_seconds: how long requests are still served after health checks have got no more answer, in seconds; by
            default 20.
        finish_seconds: how long open connections may then take to end, in seconds; by default 30.
        hard_stop_seconds: how long connections may keep an old process of haproxy after a reload, in seconds; by
            default 600.
        flags: further options of marathon-lb, such as `{"strict-mode": true}`; by default there are none.
    """

    version: str
    groups: list[str]
    domain: str | None = None
    machines: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    family: str | None = None
    certificates: str | None = None
    credentials_file: str | None = None
    http_port: int = marathon_lb.HTTP_PORT
    https_port: int = marathon_lb.HTTPS_PORT
    drain_seconds: int = marathon_lb.DRAIN_SECONDS
    finish_seconds: int = marathon_lb.FINISH_SECONDS
    hard_stop_seconds: int = marathon_lb.HARD_STOP_SECONDS
    flags: dict[str, str | int | bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.leaving:
            if self.machines and name not in self.machines:
                raise invalid("LoadBalancerSettings", "leaving", name, "Use names of machines in machines")


def check_domain(settings: LoadBalancerSettings | None, dns: DnsSettings | None) -> None:
    """Refuse a domain in that of Mesos-DNS, which would answer that no app has such a name."""
    if settings and settings.domain and dns and is_below(settings.domain, dns.domain):
        remedy = f"Use one that is not in the domain of dns, {dns.domain!r}: Mesos-DNS knows no names of load balancers"
        raise invalid("LoadBalancerSettings", "domain", settings.domain, remedy)


def add_load_balancer(
    scope: Construct,
    cluster: Cluster,
    settings: LoadBalancerSettings,
    marathon: Marathon,
    hosts: Sequence[DockerHost],
    leaving: Sequence[DockerHost] = (),
) -> MarathonLb:
    """Add a load balancer on each of the hosts."""
    return MarathonLb(
        scope,
        "load-balancer",
        hosts=hosts,
        leaving=leaving,
        marathon=marathon,
        image=Image(
            repository(cluster, settings.image or _IMAGE),
            Pin("marathon_lb_version", settings.version, settings.release),
            family=settings.family,
        ),
        container_name=f"{cluster.name}-load-balancer",
        groups=settings.groups,
        domain=settings.domain,
        certificates=settings.certificates,
        credentials_file=settings.credentials_file,
        http_port=settings.http_port,
        https_port=settings.https_port,
        drain_seconds=settings.drain_seconds,
        finish_seconds=settings.finish_seconds,
        hard_stop_seconds=settings.hard_stop_seconds,
        flags=settings.flags,
        options=settings.options(cluster.wait_seconds),
    )


def still_balances(dropped: Dropped) -> str:
    """The message of the error for a machine that was dropped while its load balancer still runs."""
    return (
        f"LoadBalancerSettings: {dropped.machine or dropped.wave!r} is missing, but its load balancer still runs (the "
        f"state of {dropped.stack}). Put it back in machines and in leaving, run cdktf deploy '*', then drop it from "
        "both"
    )


def machines_of(settings: LoadBalancerSettings | None, known: Mapping[str, M], public: Sequence[str]) -> dict[str, M]:
    """The machines with a load balancer by their names, in the order of the roll; empty without load balancers.

    Args:
        settings: the settings of the load balancers.
        known: the machines that can have one, by their names.
        public: the names of those in public pools.

    Raises:
        ValueError: a name is unknown or there twice; there are no names, and no public pool has machines.
    """
    if settings is None:
        return {}
    names = settings.machines or list(public)
    if not names:
        remedy = "Name the machines with a load balancer, or make a pool with public=True"
        raise invalid("LoadBalancerSettings", "machines", settings.machines, remedy)
    for argument, given in (("machines", names), ("leaving", settings.leaving)):
        for name in given:
            if name not in known or given.count(name) > 1:
                remedy = f"Use names of machines that can have a load balancer, each once: {', '.join(known)}"
                raise invalid("LoadBalancerSettings", argument, name, remedy)
    return {name: known[name] for name in names}
