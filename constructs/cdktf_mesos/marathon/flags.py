"""The flags of Marathon that were added after its first release here, or removed, by minor release.

Sources: docs/docs/command-line-flags.md of mesosphere/marathon in several states from 0.8 to 1.7, which labels flags
with the release that added them, and changelog.md. A flag that is not in this table is assumed to be in every release,
as the documentation does not list all flags.
"""

from __future__ import annotations

from typing import NamedTuple

from cdktf_mesos.image.release import Release

Minor = tuple[int, int]

RELEASES: tuple[Minor, ...] = (
    *((0, minor) for minor in (8, 9, 10, 11, 13, 14, 15, 16)),
    *((1, minor) for minor in range(12)),
)
"""Marathon's minor releases. 0.12 and 1.12 were never released, and 1.2 only as release candidates."""

_ALWAYS = RELEASES[0]


class _Row(NamedTuple):
    """Flags that were added in the minor release `since` and last available in the minor release `until`."""

    since: Minor
    until: Minor | None
    names: str


_ROWS = (
    _Row(_ALWAYS, (1, 4), "artifact_store event_subscriber http_endpoints max_tasks_per_offer"),
    _Row((0, 9), None, "default_accepted_resource_roles zk_session_timeout"),
    _Row((0, 9), None, "leader_proxy_connection_timeout leader_proxy_read_timeout"),
    _Row((0, 10), None, "env_vars_prefix http_max_concurrent_requests"),
    _Row((0, 11), None, "launch_token_refresh_interval launch_tokens min_revive_offers_interval"),
    _Row((0, 11), None, "offer_matching_timeout revive_offers_repetitions task_launch_confirm_timeout"),
    _Row((0, 11), None, "max_apps save_tasks_to_launch_timeout zk_compression zk_compression_threshold"),
    _Row((0, 13), None, "on_elected_prepare_timeout store_cache reporter_datadog reporter_graphite"),
    _Row((0, 14), (1, 4), "http_event_callback_slow_consumer_timeout"),
    _Row((0, 15), None, "task_lost_expunge_gc task_lost_expunge_initial_delay task_lost_expunge_interval"),
    _Row((0, 16), None, "enable_features"),
    _Row((1, 1), None, "zk_max_node_size"),
    _Row((1, 2), None, "logstash mesos_authentication mesos_authentication_secret"),
    _Row((1, 4), None, "max_instances_per_offer"),
    _Row((1, 5), None, "backup_location mesos_bridge_name zk_connection_timeout"),
    _Row((1, 6), None, "deprecated_features draining_seconds gpu_scheduling_behavior maintenance_mode"),
    _Row((1, 6), None, "max_running_deployments storage_compaction_interval"),
    _Row((1, 7), None, "leader_proxy_max_open_connections metrics_name_prefix metrics_prometheus"),
    _Row((1, 7), None, "metrics_statsd metrics_statsd_host metrics_statsd_port"),
    _Row((1, 7), None, "metrics_statsd_transmission_interval_ms metrics_datadog_transmission_interval_ms"),
    _Row((1, 7), None, "metrics_datadog metrics_datadog_host metrics_datadog_port metrics_datadog_protocol"),
    _Row((1, 9), None, "new_group_enforce_role"),
)

RENAMED = {"max_tasks_per_offer": "max_instances_per_offer"}
"""Old names → new names of the same flags. 1.4 accepts both."""


def why_not(name: str, release: Release) -> str | None:
    """Why a release does not have a flag: a sentence without its full stop; None if it has the flag, as far as known.

    Args:
        name: name of the flag, without `--` and `disable_`.
        release: Marathon's release.
    """
    minor = (release.major, release.minor)
    for row in _ROWS:
        if name in row.names.split():
            if minor < row.since:
                return f"This flag exists from {_text(row.since)}"
            if row.until is not None and minor > row.until:
                instead = f". Use {RENAMED[name]!r} instead" if name in RENAMED else ""
                return f"This flag exists up to {_text(row.until)}, and later releases refuse it{instead}"
    return None


def _text(minor: Minor) -> str:
    return ".".join(map(str, minor))
