"""The flags that mesos-master and mesos-agent (mesos-slave before 1.0) have, release by release from 0.22.

Sources: `--help` of the code of Mesos 1.4.3, 1.5.2, 1.5.3, 1.6.1, 1.6.2, 1.7.0 to 1.7.3, 1.8.0, 1.8.1, 1.9.0, 1.10.0
and 1.11.0 (exact); for releases before 1.4.3 Mesos's docs/configuration.md and docs/upgrades.md, its CHANGELOG and
src/{master,slave}/flags.cpp of several states. If these sources do not tell which of two releases changed a flag, the
table has the flag in both: a flag too many costs an error message when Mesos starts; a flag too few would forbid what
works. The table may be wrong by one release for: min_allocatable_resources, authenticate_http, http_authenticators
before 1.0 (master); sandbox_directory, appc_store_dir, authentication_backoff_factor, secret_resolver,
allowed_devices, containerizer_path (agent).
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Literal, NamedTuple

from cdktf_mesos.image.release import Release, parse_release

Program = Literal["master", "agent"]

MINORS: tuple[tuple[int, int], ...] = (*((0, minor) for minor in range(22, 29)), *((1, minor) for minor in range(12)))
"""The minor releases that the table covers, oldest first. A newer release counts as the newest one in the table."""


class _Row(NamedTuple):
    """Flags that were added and removed together.

    `since` has several releases if patch releases of older minor releases got the flags, too: `1.4.3 1.5.2 1.7.0`.
    `until` is the last minor release that has them.
    """

    program: Literal["master", "agent", "both"]
    since: str
    until: str | None
    names: str


_ROWS = (
    _Row("both", "0.22.0", None, "help version hostname hooks modules work_dir"),
    _Row("both", "0.22.0", None, "ip port"),
    _Row("both", "0.22.0", None, "external_log_file initialize_driver_logging log_dir logbufsecs logging_level quiet"),
    _Row("master", "0.22.0", None, "cluster quorum zk zk_session_timeout webui_dir"),
    _Row("master", "0.22.0", None, "acls authenticate authenticate_slaves authenticators credentials root_submissions"),
    _Row("master", "0.22.0", None, "allocation_interval framework_sorter user_sorter offer_timeout rate_limits"),
    _Row("master", "0.22.0", None, "roles weights whitelist log_auto_initialize"),
    _Row("master", "0.22.0", None, "registry registry_fetch_timeout registry_store_timeout"),
    # Releases from 1.0 on still know this flag, but the master exits if it is true.
    _Row("master", "0.22.0", "0.28", "registry_strict"),
    _Row("master", "0.22.0", None, "recovery_slave_removal_limit slave_removal_rate_limit slave_reregister_timeout"),
    _Row("agent", "0.22.0", None, "master attributes resources default_role isolation launcher_dir containerizers"),
    _Row("agent", "0.22.0", None, "authenticatee credential default_container_info hadoop_home frameworks_home"),
    _Row("agent", "0.22.0", None, "cgroups_enable_cfs cgroups_hierarchy cgroups_limit_swap cgroups_root"),
    _Row("agent", "0.22.0", None, "slave_subsystems perf_duration perf_events perf_interval"),
    _Row("agent", "0.22.0", None, "container_disk_watch_interval enforce_container_disk_quota disk_watch_interval"),
    _Row("agent", "0.22.0", None, "docker docker_remove_delay docker_stop_timeout gc_delay gc_disk_headroom"),
    _Row("agent", "0.22.0", None, "executor_registration_timeout executor_shutdown_grace_period switch_user"),
    _Row("agent", "0.22.0", None, "recover recovery_timeout strict registration_backoff_factor"),
    _Row("agent", "0.22.0", "0.23", "docker_sandbox_directory"),
    _Row("agent", "0.22.0", "0.25", "resource_monitoring_interval"),
    _Row("agent", "0.22.0", "1.0", "containerizer_path default_container_image"),
    _Row("both", "0.23.0", None, "firewall_rules"),
    _Row("master", "0.23.0", None, "allocator max_slave_ping_timeouts slave_ping_timeout"),
    _Row("agent", "0.23.0", None, "docker_kill_orphans docker_mesos_image docker_socket sandbox_directory"),
    _Row("agent", "0.23.0", None, "executor_environment_variables fetcher_cache_dir fetcher_cache_size"),
    _Row("agent", "0.23.0", None, "cgroups_cpu_enable_pids_and_tids_count revocable_cpu_low_priority"),
    _Row("agent", "0.23.0", None, "oversubscribed_resources_interval resource_estimator"),
    _Row("agent", "0.23.0", None, "qos_controller qos_correction_interval_min"),
    _Row("both", "0.24.0", None, "ip_discovery_command"),
    _Row("master", "0.24.0", None, "advertise_ip advertise_port authorizers"),
    _Row("agent", "0.24.0", "0.24", "provisioners"),
    _Row("agent", "0.24.0", None, "appc_store_dir"),
    _Row(
        "master",
        "0.24.2 0.25.1 0.26.1 0.27.0",
        None,
        "max_completed_frameworks max_completed_tasks_per_framework",
    ),
    _Row("both", "0.25.0", None, "hostname_lookup"),
    _Row("agent", "0.25.0", None, "image_providers image_provisioner_backend launcher systemd_runtime_directory"),
    _Row("agent", "0.26.0", None, "docker_registry docker_store_dir"),
    _Row("agent", "0.26.0", "0.26", "docker_auth_server_port docker_local_archives_dir docker_puller"),
    _Row("agent", "0.26.0", "0.26", "docker_registry_port"),
    _Row("agent", "0.26.0", "0.27", "docker_auth_server docker_puller_timeout"),
    _Row("master", "0.27.0", None, "authenticate_http http_authenticators"),
    _Row("agent", "0.27.0", None, "advertise_ip advertise_port container_logger"),
    _Row("agent", "0.27.1", None, "systemd_enable_support"),
    _Row("agent", "0.28.0", None, "appc_simple_discovery_uri_prefix"),
    _Row("agent", "0.28.0", None, "cgroups_net_cls_primary_handle cgroups_net_cls_secondary_handles"),
    _Row("both", "1.0.0", None, "modules_dir master_detector authenticate_http_readonly authenticate_http_readwrite"),
    _Row("master", "1.0.0", None, "authenticate_agents authenticate_frameworks authenticate_http_frameworks"),
    _Row("master", "1.0.0", None, "agent_ping_timeout max_agent_ping_timeouts agent_reregister_timeout"),
    _Row("master", "1.0.0", None, "agent_removal_rate_limit recovery_agent_removal_limit master_contender"),
    _Row("master", "1.0.0", None, "http_framework_authenticators fair_sharing_excluded_resource_names"),
    _Row("agent", "1.0.0", None, "acls authorizer http_authenticators http_credentials authentication_backoff_factor"),
    _Row("agent", "1.0.0", None, "agent_subsystems docker_config docker_volume_checkpoint_dir http_command_executor"),
    _Row("agent", "1.0.0", None, "network_cni_config_dir network_cni_plugins_dir nvidia_gpu_devices"),
    _Row("master", "1.1.0", None, "registry_gc_interval registry_max_agent_age registry_max_agent_count"),
    _Row("agent", "1.1.0", None, "allowed_capabilities runtime_dir"),
    _Row(
        "agent",
        "1.1.3 1.2.2 1.3.1 1.4.0",
        None,
        "executor_reregistration_retry_interval executor_reregistration_timeout",
    ),
    _Row("master", "1.2.0", None, "max_unreachable_tasks_per_framework"),
    _Row("agent", "1.2.0", None, "allowed_devices http_heartbeat_interval max_completed_executors_per_framework"),
    _Row("agent", "1.3.0", None, "secret_resolver"),
    _Row("both", "1.4.0", None, "domain"),
    _Row("master", "1.4.0", None, "filter_gpu_resources min_allocatable_resources"),
    _Row("agent", "1.4.0", None, "bounding_capabilities effective_capabilities default_container_dns"),
    _Row("agent", "1.4.0", None, "disallow_sharing_agent_pid_namespace resource_provider_config_dir"),
    _Row("agent", "1.4.0", None, "ip6 ip6_discovery_command"),
    _Row("master", "1.4.2 1.5.2 1.6.1 1.7.0", None, "role_sorter"),
    _Row("master", "1.4.3 1.5.2 1.6.2 1.7.0", None, "authentication_v0_timeout"),
    _Row("agent", "1.4.3 1.5.2 1.6.2 1.7.0", None, "authentication_timeout_max authentication_timeout_min"),
    _Row("agent", "1.4.3 1.5.2 1.6.0", None, "fetcher_stall_timeout"),
    _Row("agent", "1.4.3 1.5.2 1.6.2 1.7.1", None, "network_cni_root_dir_persist"),
    _Row("master", "1.5.0", None, "require_agent_domain"),
    _Row("agent", "1.5.0", None, "agent_features image_gc_config reconfiguration_policy zk_session_timeout"),
    _Row("both", "1.6.0", None, "memory_profiling"),
    _Row("agent", "1.6.0", None, "disk_profile_adaptor"),
    _Row("agent", "1.7.0", None, "cgroups_destroy_timeout gc_non_executor_container_sandboxes network_cni_metrics"),
    _Row("master", "1.8.0", None, "max_operator_event_stream_subscribers publish_per_framework_metrics"),
    _Row("agent", "1.8.0", None, "host_path_volume_force_creation volume_gid_range"),
    _Row("agent", "1.9.0", None, "default_container_shm_size disallow_sharing_agent_ipc_namespace"),
    _Row("agent", "1.9.0", None, "docker_ignore_runtime docker_volume_chown"),
    _Row("agent", "1.10.0", None, "domain_socket_location http_executor_domain_sockets"),
    _Row("master", "1.11.0", None, "allocator_agent_recovery_factor allocator_recovery_timeout"),
    _Row("master", "1.11.0", None, "offer_constraints_re2_max_mem offer_constraints_re2_max_program_size"),
    _Row("agent", "1.11.0", None, "csi_plugin_config_dir"),
    # Only in builds with one of these options: --with-network-isolator, --enable-ssl, --enable-xfs-disk-isolator,
    # --enable-network-ports-isolator, --enable-seccomp-isolator.
    _Row("master", "0.22.0", None, "max_executors_per_slave"),
    _Row("agent", "0.22.0", None, "ephemeral_ports_per_container eth0_name lo_name egress_rate_limit_per_container"),
    _Row("agent", "0.22.0", None, "network_enable_socket_statistics_details network_enable_socket_statistics_summary"),
    _Row("agent", "0.23.0", None, "egress_unique_flow_per_container"),
    _Row("agent", "0.24.0", None, "egress_flow_classifier_parent"),
    _Row("master", "1.0.0", None, "max_executors_per_agent"),
    _Row("agent", "1.0.0", None, "network_enable_snmp_statistics xfs_project_range"),
    _Row("agent", "1.3.0", None, "authenticate_http_executors executor_secret_key"),
    _Row("agent", "1.5.0", None, "jwt_secret_key check_agent_port_range_only container_ports_watch_interval"),
    _Row("agent", "1.6.0", None, "xfs_kill_containers"),
    _Row("agent", "1.7.0", None, "container_ports_isolated_range enforce_container_ports"),
    _Row("agent", "1.8.0", None, "seccomp_config_dir seccomp_profile_name"),
)

RENAMED = {
    "allowed_capabilities": "effective_capabilities",
    "authenticate": "authenticate_frameworks",
    "authenticate_http": "authenticate_http_readwrite",
    "authenticate_slaves": "authenticate_agents",
    "executor_secret_key": "jwt_secret_key",
    "max_executors_per_slave": "max_executors_per_agent",
    "max_slave_ping_timeouts": "max_agent_ping_timeouts",
    "recovery_slave_removal_limit": "recovery_agent_removal_limit",
    "slave_ping_timeout": "agent_ping_timeout",
    "slave_removal_rate_limit": "agent_removal_rate_limit",
    "slave_reregister_timeout": "agent_reregister_timeout",
    "slave_subsystems": "agent_subsystems",
    "user_sorter": "role_sorter",
}
"""Old names → new names of the same flags. Releases with the new name accept both, but exit if both are set."""

# Names that people confuse with a flag, but that are too different from its name for a close match.
_MEANT = {"docker_sandbox_directory": "sandbox_directory", "isolator": "isolation", "log_level": "logging_level"}


def flags(program: Program, release: Release) -> frozenset[str]:
    """The flags that the program has in the release, with old names that it still accepts.

    Flags that only some builds of the release have are included. A release without a patch number has all flags that
    any of its patch releases has.
    """
    return _flags(program, release.major, release.minor, release.patch)


def hint(program: Program, name: str, release: Release | None = None) -> str:
    """What to tell someone who used a flag that the program does not have: a sentence without its full stop.

    Args:
        program: the program that got the flag.
        name: the flag's name.
        release: the program's release, so that only flags that it has are suggested; by default the newest.
    """
    has = flags(program, release or Release(*MINORS[-1]))
    rows = [row for row in _ROWS if name in row.names.split()]
    own = [row for row in rows if row.program in (program, "both")]
    meant = _MEANT.get(name, next((old for old, new in RENAMED.items() if new == name), None))
    instead = f"Use {meant!r} instead" if meant in has else None
    if own:
        since = ", ".join(text.removesuffix(".0") for text in own[0].since.split())
        state = f"This flag exists from {since}"
        if own[0].until is not None:
            state += f" to {own[0].until}"
        return f"{state}. {instead}" if instead else state
    if rows:
        return f"This is a flag of mesos-{rows[0].program}"
    if instead:
        return instead
    close = get_close_matches(name, sorted(has), n=1)
    return f"Did you mean {close[0]!r}?" if close else f"`mesos-{program} --help` lists all flags"


@cache
def _flags(program: Program, major: int, minor: int, patch: int | None) -> frozenset[str]:
    # Cached by numbers, as equal releases may differ in their patch number. Each member asks for all releases.
    release = Release(major, minor, patch)
    rows = (row for row in _ROWS if row.program in (program, "both") and _has(row, release))
    return frozenset(name for row in rows for name in row.names.split())


def _has(row: _Row, release: Release) -> bool:
    if row.until is not None and release > parse_release(row.until):
        return False
    since = [parse_release(text) for text in row.since.split()]
    if release not in since:
        return release > since[-1]
    first = since[since.index(release)].patch or 0
    return release.patch is None or release.patch >= first
