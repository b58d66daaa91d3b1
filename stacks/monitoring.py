"""Metrics for Prometheus: what gives them, and the list of what Prometheus scrapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import field

from cdktf_mesos import AgentExporter, Image, MasterExporter, MesosAgentPool, MesosMasterSet, Pin
from cdktf_mesos.errors import invalid
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.marathon.flags import why_not
from cdktf_mesos.mesos_exporter import mesos_exporter
from cdktf_mesos.zookeeper import ensemble
from stacks.components import ContainerSettings, FlagValue
from stacks.model import Settings
from stacks.registries import repository

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.roles import Roles
    from stacks.settings import Cluster

# Docker Hub had it when mesos/mesos_exporter's issue 85 was written, with the tag v1.0.0 (October 2018).
_IMAGE = "mesosphere/mesos_exporter"

_MARATHON_FLAG = "metrics_prometheus"

JOBS = ("zookeeper", "mesos-master", "mesos-agent", "marathon", "docker")
"""The values of the label `job` of targets. The alerts in docs/monitoring use them."""


class ExporterSettings(ContainerSettings):
    """mesos_exporter, a container next to each master and each agent. It reads their `/metrics/snapshot`.

    Args:
        image: the repository of the image; by default `mesosphere/mesos_exporter`, which has only old releases. Later
            ones you must build yourself (docs/monitoring.md).
        version: the pinned version of its image, with the variable `mesos_exporter_version`.
        master_port: the port of the exporters of masters; by default 9105.
        agent_port: the port of the exporters of agents; by default 9106. On the platform `local` agent n has this port
            plus n - 1.
        flags: further flags of the exporter, such as `{"enableMasterState": false}` (from 1.1); by default there are
            none.
    """

    version: str
    master_port: int = mesos_exporter.MASTER_PORT
    agent_port: int = mesos_exporter.AGENT_PORT
    flags: dict[str, FlagValue] = field(default_factory=dict)


class MonitoringSettings(Settings):
    """Metrics for a Prometheus of your own. The output `prometheus_targets` lists what it scrapes.

    Args:
        zookeeper_port: the port of ZooKeeper's own metrics, from ZooKeeper 3.6 on; by default 7000. With `null` there
            are none.
        marathon: whether Marathon gives metrics, at the port of its API, from Marathon 1.7 on; by default true.
        mesos_exporter: the exporters of masters and agents; by default there are none.
        engine_port: the port of the engines' own metrics, usually 9323. On the platform `aws` new machines give them;
            on machines that exist, `cdktf-mesos prepare --engine-metrics` sets that up. By default there are none.
    """

    zookeeper_port: int | None = ensemble.METRICS_PORT
    marathon: bool = True
    mesos_exporter: ExporterSettings | None = None
    engine_port: int | None = None


def zookeeper_port(cluster: Cluster) -> int | None:
    """The port of ZooKeeper's metrics; None if it gives none."""
    return cluster.monitoring.zookeeper_port if cluster.monitoring else None


def marathon_flags(cluster: Cluster) -> dict[str, FlagValue]:
    """The flags with which Marathon gives its metrics.

    Raises:
        ValueError: Marathon's release cannot.
    """
    if not (cluster.monitoring and cluster.monitoring.marathon):
        return {}
    release = said_release(cluster.marathon.release or cluster.marathon_version)
    if release is not None and why_not(_MARATHON_FLAG, release):
        remedy = f"Use false: Marathon {release} has no metrics for Prometheus, which exist from 1.7"
        raise invalid("MonitoringSettings", "marathon", True, remedy)
    return {_MARATHON_FLAG: True}


def add_master_exporter(scope: Construct, cluster: Cluster, masters: MesosMasterSet) -> list[MasterExporter]:
    """Add an exporter next to each master, if the cluster has exporters."""
    settings = _settings(cluster)
    if settings is None:
        return []
    name = "master-exporter"
    return [MasterExporter(scope, name, of=masters, port=settings.master_port, **_common(cluster, settings, name))]


def add_agent_exporter(
    scope: Construct, cluster: Cluster, agents: MesosAgentPool, name: str, index: int
) -> list[AgentExporter]:
    """Add an exporter next to each agent, if the cluster has exporters.

    Args:
        scope: where its construct lives.
        cluster: the settings.
        agents: the agents.
        name: their name.
        index: how many other agents come before these on the same machine.
    """
    settings = _settings(cluster)
    if settings is None or not agents.hosts:
        return []
    name = f"{name}-exporter"
    port = settings.agent_port + index
    return [AgentExporter(scope, name, of=agents, port=port, **_common(cluster, settings, name))]


def outputs(cluster: Cluster, roles: Roles, pools: Sequence[MesosAgentPool]) -> dict[str, object]:
    """The output with all targets, in the form of Prometheus's file_sd_config; none without monitoring."""
    monitoring = cluster.monitoring
    if monitoring is None:
        return {}
    addresses_of = (
        _at(roles.zookeeper.addresses(), monitoring.zookeeper_port),
        [target for each in roles.exporters_of(roles.masters) for target in each.targets],
        [target for pool in pools for each in roles.exporters_of(pool) for target in each.targets],
        _at(roles.marathon.addresses(), roles.marathon.probe.port if monitoring.marathon else None),
        _at(_machines(roles, pools), monitoring.engine_port),
    )
    # Prometheus takes the path from this label (Prometheus docs, relabel_config).
    scheme = {"__scheme__": "https"} if roles.marathon.https else {}
    paths = {"marathon": {"__metrics_path__": "/metrics/prometheus", **scheme}}
    targets = [
        {"targets": addresses, "labels": {"job": job, "cluster": cluster.name, **paths.get(job, {})}}
        for job, addresses in zip(JOBS, addresses_of, strict=True)
        if addresses
    ]
    return {"prometheus_targets": targets}


def _settings(cluster: Cluster) -> ExporterSettings | None:
    return cluster.monitoring.mesos_exporter if cluster.monitoring else None


def _common(cluster: Cluster, settings: ExporterSettings, name: str) -> dict[str, Any]:
    return {
        "image": Image(
            repository(cluster, settings.image or _IMAGE),
            Pin("mesos_exporter_version", settings.version, settings.release),
        ),
        "container_name": f"{cluster.name}-{name}",
        "flags": settings.flags,
        "options": settings.options(cluster.wait_seconds),
    }


def _machines(roles: Roles, pools: Sequence[MesosAgentPool]) -> list[str]:
    """The addresses of all machines, each once."""
    found = [*roles.zookeeper.addresses(), *(address for pool in pools for address in pool.addresses())]
    return list(dict.fromkeys(found))


def _at(addresses: Sequence[str], port: int | None) -> list[str]:
    return [f"{address}:{port}" for address in addresses] if port is not None else []
