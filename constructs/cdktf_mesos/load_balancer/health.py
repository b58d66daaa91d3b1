"""When a load balancer serves."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos.role.probe import Probe

STATS_PORT, APP_ID_PORT = 9090, 9091
"""The ports that marathon-lb always listens on: for statistics and health, and for apps by a header with their id."""


def probe() -> Probe:
    """The probe of a load balancer: its statistics answer only when it has a configuration from Marathon's apps."""
    return Probe(STATS_PORT, Path(__file__).with_name("questions.sh"), "/_haproxy_health_check")
