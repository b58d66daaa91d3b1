"""ZooKeeper's own Prometheus provider (ZooKeeper administrator's guide, metrics providers)."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image.release import Release

WITHOUT_METRICS = "In the application, set zookeeper_port of monitoring to None"
"""What an error says to users of the application, where the port has a default."""

_PROVIDER = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"

# ZooKeeper administrator's guide of 3.6.0; ZOOKEEPER-3091.
_FROM = Release(3, 6)


def metrics_settings(
    role: Construct, port: int | None, address: str, settings: Mapping[str, str], release: Release
) -> dict[str, str]:
    """The lines of zoo.cfg with which a server gives its metrics to Prometheus; empty if `port` is None.

    Raises:
        ValueError: the release has no such provider, or the user's settings have one of these lines as well.
    """
    if port is None:
        return {}
    if release < _FROM:
        remedy = f"Use ZooKeeper {_FROM} or later: {release} has no provider for Prometheus. {WITHOUT_METRICS}"
        raise invalid(role, "metrics_port", port, remedy)
    lines = {
        "metricsProvider.className": _PROVIDER,
        # From 3.8 (ZOOKEEPER-4054). 3.6 and 3.7 ignore it, and listen on all addresses.
        "metricsProvider.httpHost": address,
        "metricsProvider.httpPort": str(port),
    }
    for name in lines:
        if name in settings:
            remedy = f"Remove it: with metrics_port the construct sets it. {WITHOUT_METRICS}"
            raise invalid(role, "settings", name, remedy)
    return lines
