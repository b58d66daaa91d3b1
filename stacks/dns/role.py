"""Mesos-DNS of a cluster: its role, its machines, and what agents get of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from constructs import Construct

from cdktf_mesos import ContainerDns, ContainerOptions, DockerHost, Image, MesosDns, MesosMasterSet, Pin, Release
from cdktf_mesos.cdk import Annotations
from cdktf_mesos.errors import invalid
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.mesos.agent import container_dns
from cdktf_mesos.mesos_dns import mesos_dns
from cdktf_mesos.mesos_dns.names import LABEL_LENGTH, check_names, is_below, task_name
from cdktf_mesos.roll.machine import Machine
from stacks.components import AgentsSettings
from stacks.dns.settings import DnsSettings
from stacks.registries import repository
from stacks.settings import Cluster

if TYPE_CHECKING:
    from stacks.aws.names import PlannedMachine

# The image of Mesosphere has no releases from 0.8 on; that of AVENTER has no earlier ones.
_MESOSPHERE, _AVENTER, _AVENTER_FROM = "mesosphere/mesos-dns", "avhost/mesos-dns", Release(0, 8)

M = TypeVar("M", bound="Machine | PlannedMachine")


def new_dns(
    scope: Construct,
    cluster: Cluster,
    dns: DnsSettings,
    masters: MesosMasterSet,
    hosts: Sequence[DockerHost],
    leaving: Sequence[DockerHost],
    options: ContainerOptions,
) -> MesosDns:
    """Put Mesos-DNS on hosts. `leaving` are those on which it ends."""
    release = said_release(dns.release or dns.version)
    usual = _MESOSPHERE if release is not None and release < _AVENTER_FROM else _AVENTER
    resolvers = cluster.platform.resolvers if dns.resolvers is None and dns.config_file is None else dns.resolvers
    role = MesosDns(
        scope,
        "dns",
        hosts=hosts,
        leaving=leaving,
        masters=masters,
        image=Image(
            repository(cluster, dns.image or usual),
            Pin("mesos_dns_version", dns.version, dns.release),
            family=dns.family,
        ),
        container_name=f"{cluster.name}-dns",
        resolvers=resolvers,
        domain=dns.domain,
        port=dns.port,
        http_port=dns.http_port,
        zone_resolvers=dns.zone_resolvers,
        ip_sources=dns.ip_sources,
        ttl=dns.ttl,
        refresh_seconds=dns.refresh_seconds,
        timeout_seconds=dns.timeout_seconds,
        state_timeout_seconds=dns.state_timeout_seconds,
        settings=dns.settings,
        config_file=dns.config_file,
        options=options if options.gate_image else replace(options, gate_image=masters.image_for_checks),
    )
    if dns.container_dns and not hosts:
        text = (
            "Mesos-DNS ends on all machines, and tasks that run keep it as their name server: they will find no names. "
            "Set container_dns of dns to false, deploy, and restart these tasks before"
        )
        Annotations.of(leaving[0]).add_warning(text)
    balanced = cluster.load_balancer.domain if cluster.load_balancer else None
    if balanced is not None and is_below(balanced, dns.domain):
        remedy = (
            f"Use a domain that is not below {dns.domain!r}, the domain of Mesos-DNS: it would say that the names of "
            "the load balancers do not exist"
        )
        raise invalid("Cluster: load_balancer", "domain", balanced, remedy)
    return role


def dns_machines(cluster: Cluster, control_plane: Sequence[M], others: Sequence[M] = ()) -> list[M]:
    """The machines that run Mesos-DNS, in the order of the roll; those on which it ends are `leaving`.

    Raises:
        ValueError: no machine has a given name.
    """
    dns = cluster.dns
    if dns is None:
        return []
    known = {machine.name: machine for machine in (*control_plane, *others)}
    names = dns.machines or [machine.name for machine in control_plane]
    _check_listed("machines", dns.machines, known)
    _check_listed("leaving", dns.leaving, names)
    found: list[M] = []
    for name in names:
        machine = known[name]
        found.append(replace(machine, leaving=machine.leaving or name in dns.leaving))
    return found


def dns_of_tasks(
    cluster: Cluster,
    dns: MesosDns | None,
    agents: AgentsSettings,
    release: Release,
    hosts: Sequence[DockerHost],
) -> ContainerDns | None:
    """The name servers that agents give to tasks; None if they give none.

    Raises:
        ValueError: an agent's machine has a name that Mesos-DNS serves.
    """
    if cluster.dns is None or dns is None:
        return None
    check_names("Cluster: agents", hosts, dns.domain)
    sets_flag = container_dns.FLAG in agents.flags or f"MESOS_{container_dns.FLAG.upper()}" in agents.environment
    if sets_flag or not cluster.dns.container_dns or not dns.members or release < container_dns.FROM:
        return None
    # In a container with its own network, a loopback address is the container itself; and it asks port 53 only.
    reached = dns.port == mesos_dns.PORT and not any(host.is_loopback for host in dns.hosts)
    return dns.container_dns if reached else None


def dns_outputs(cluster: Cluster, dns: MesosDns | None) -> dict[str, object]:
    """Outputs: the addresses of the name servers, and the form of the names of Marathon's apps."""
    if dns is None:
        return {}
    return {"dns_servers": dns.addresses(), "dns_names": f"<app>.{dns.framework_name(_marathons_name(cluster))}"}


def warn_of_names(scope: Construct, dns: MesosDns, apps: Iterable[str]) -> None:
    """Warn of apps that have the same name in Mesos-DNS, and of names that are too long. `apps` are their ids."""
    found: dict[str, str] = {}
    for app in apps:
        other = found.setdefault(dns.app_name(app), app)
        if other != app:
            text = f"Mesos-DNS gives the apps {other} and {app} the same name: use another id for one of them"
            Annotations.of(scope).add_warning(text)
        elif not dns.enforces_rfc952 and len(task_name(app)) >= LABEL_LENGTH:
            text = (
                f"the app {app} has {len(task_name(app))} characters in Mesos-DNS: a label has {LABEL_LENGTH} at most, "
                "and those of services (SRV) begin with a '_', so that no client can ask for them. Use a shorter id"
            )
            Annotations.of(scope).add_warning(text)


def _marathons_name(cluster: Cluster) -> str:
    """The name with which Marathon registers (Marathon docs, command line flags: framework_name)."""
    marathon = cluster.marathon
    return str(marathon.flags.get("framework_name") or marathon.environment.get("MARATHON_FRAMEWORK_NAME", "marathon"))


def _check_listed(argument: str, names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known or names.count(name) > 1:
            raise invalid("Cluster: dns", argument, name, f"Use each of these names once at most: {', '.join(known)}")
