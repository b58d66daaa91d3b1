"""Marathon's command line flags, read as Marathon 1.11 reads them.

Source: docs/docs/command-line-flags.md and MarathonConf.scala of mesosphere/marathon.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

# Flags of Marathon 1.11 that have no effect on the stand-in.
_WITHOUT_EFFECT = """
access_control_allow_origin assets_path backup_location default_network_name draining_seconds enable_features
env_vars_prefix executor gpu_scheduling_behavior http_max_concurrent_requests http_realm
kill_chunk_size kill_retry_timeout launch_token_refresh_interval launch_tokens local_port_max logging_level max_apps
max_instances_per_offer max_queued_root_group_updates max_running_deployments mesos_bridge_name
mesos_heartbeat_failure_threshold mesos_heartbeat_interval mesos_leader_ui_url metrics_datadog metrics_statsd
new_group_enforce_role offer_matching_timeout on_elected_prepare_timeout plugin_conf plugin_dir
reconciliation_initial_delay revive_offers_repetitions save_tasks_to_launch_timeout scale_apps_initial_delay
scale_apps_interval task_lost_expunge_gc task_lost_expunge_initial_delay
task_lost_expunge_interval task_reservation_timeout zk_compression_threshold zk_max_node_size zk_max_versions
"""
WITHOUT_EFFECT = frozenset(_WITHOUT_EFFECT.split())
TOGGLES_WITHOUT_EFFECT = frozenset(
    (
        "ha",
        "http_compression",
        "metrics",
        "metrics_prometheus",
        "revive_offers_for_new_apps",
        "store_cache",
        "tracing",
        "zk_compression",
    )
)


_DEFAULTS = {
    "http_credentials": "MESOSPHERE_HTTP_CREDENTIALS",
    "ssl_keystore_path": "MESOSPHERE_KEYSTORE_PATH",
    "ssl_keystore_password": "MESOSPHERE_KEYSTORE_PASS",
}


class FlagError(Exception):
    """Marathon would not start with these flags."""


@dataclass
class Flags:
    """The flags that have an effect, named as on the command line. Times have the unit that Marathon gives the flag."""

    master: str
    zk: str = "zk://localhost:2181/marathon"
    hostname: str = field(default_factory=socket.gethostname)
    http_address: str = "0.0.0.0"
    http_port: int = 8080
    http: bool = True
    https_address: str = "0.0.0.0"
    https_port: int = 8443
    ssl_keystore_path: str = ""
    ssl_keystore_password: str = ""
    leader_proxy_ssl_ignore_hostname: bool = False
    http_credentials: str = ""
    framework_name: str = "marathon"
    failover_timeout: int = 7 * 24 * 3600  # seconds
    checkpoint: bool = True
    mesos_user: str = field(default_factory=getpass.getuser)
    mesos_role: str = "*"
    default_accepted_resource_roles: str = ""
    webui_url: str = ""
    mesos_authentication: bool = False
    mesos_authentication_principal: str = ""
    mesos_authentication_secret: str = ""
    mesos_authentication_secret_file: str = ""
    task_launch_timeout: int = 300_000
    task_launch_confirm_timeout: int = 300_000
    reconciliation_interval: int = 600_000
    decline_offer_duration: int = 120_000
    min_revive_offers_interval: int = 5_000
    local_port_min: int = 10_000
    leader_proxy_connection_timeout: int = 5_000
    leader_proxy_read_timeout: int = 10_000
    zk_timeout: int = 10_000
    zk_connection_timeout: int = 10_000
    zk_session_timeout: int = 10_000

    @property
    def address(self) -> str:
        """The `host:port` at which the other instances reach this one (MarathonModule.scala, provideHostPort)."""
        return f"{self.hostname}:{self.http_port if self.http else self.https_port}"

    @property
    def scheme(self) -> str:
        """How this instance asks the leader (LeaderProxyFilter.scala)."""
        return "http" if self.http else "https"


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> Flags:
    """The flags of the command line and of the environment (`MARATHON_<FLAG>`).

    Raises:
        FlagError: an unknown flag, a value of the wrong type, a flag given twice, or no `--master`.
    """
    kinds = {flag.name: str(flag.type) for flag in fields(Flags)}
    values: dict[str, str | int | bool] = {}
    given: set[str] = set()
    words = iter([*_from_environment(environment), *arguments])
    for word in words:
        if not word.startswith("--") or word == "--":
            raise FlagError(f"Excess arguments provided: '{word}'")
        option, has_value, value = word[2:].partition("=")
        name = option.removeprefix("disable_")
        if name in given:
            # Scallop (Marathon's parser) rejects a second value, also when the first comes from the environment.
            raise FlagError(f"Option '{name}' is given more than once (MARATHON_{name.upper()} counts)")
        given.add(name)
        if kinds.get(name) == "bool" or name in TOGGLES_WITHOUT_EFFECT:
            if name in kinds:
                values[name] = name == option
            continue
        if option not in kinds and option not in WITHOUT_EFFECT:
            raise FlagError(f"Unknown option '{option}'")
        if not has_value:
            value = next(words, "")
        if option in kinds:
            values[option] = _typed(option, kinds[option], value)
    if "master" not in values:
        raise FlagError("Required option 'master' not found")
    # HttpConf.scala: the defaults of flags. Unlike variables MARATHON_…, they may be there beside the flags.
    for name, variable in _DEFAULTS.items():
        values.setdefault(name, environment.get(variable, ""))
    found = Flags(**values)  # type: ignore[arg-type]  # _typed gave each its type
    if not (found.http or found.ssl_keystore_path):
        raise FlagError("Invalid configuration: Neither HTTP nor HTTPS support has been configured.")
    return found


def _from_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """Does the same as envToArgs in Marathon's Main.scala: an empty variable is a flag without a value."""
    for name, value in environment.items():
        # Marathon itself sets MARATHON_APP_… in the tasks that it starts.
        if name.startswith("MARATHON_") and not name.startswith("MARATHON_APP_"):
            yield f"--{name.removeprefix('MARATHON_').lower()}"
            if value:
                yield value


def _typed(option: str, kind: str, value: str) -> str | int:
    if kind != "int":
        if not value:
            raise FlagError(f"Bad arguments for option '{option}': a value is missing")
        return value
    try:
        return int(value)
    except ValueError:
        raise FlagError(f"Bad arguments for option '{option}': '{value}' is not a whole number") from None
