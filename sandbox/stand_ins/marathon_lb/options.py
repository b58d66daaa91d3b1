"""The options of marathon_lb.py."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

# Options that this generator accepts and ignores, and those that it cannot do without.
_IGNORED = ("lru-cache-capacity", "archive-versions", "max-serv-port-ip-per-task", "min-serv-port-ip-per-task")
_MISSING = ("haproxy-map", "group-https-by-vhost")


def parse(arguments: Sequence[str], release: tuple[int, int, int]) -> argparse.Namespace:
    """Read the command line as a release does. Ends the process if an option is unknown to that release."""
    parser = argparse.ArgumentParser("marathon_lb.py", allow_abbrev=False)
    parser.add_argument("--marathon", "-m", nargs="+", required=True)
    parser.add_argument("--group", nargs="+", action="append", required=True)
    parser.add_argument("--haproxy-config", default="/etc/haproxy/haproxy.cfg")
    parser.add_argument("--command", "-c")
    parser.add_argument("--ssl-certs", default="/etc/ssl/cert.pem")
    parser.add_argument("--marathon-auth-credential-file")
    for name in ("--auth-credentials", "--marathon-ca-cert", "--syslog-socket", "--log-format", "--log-level"):
        parser.add_argument(name)
    for short, name in (("-s", "--sse"), ("-H", "--health-check")):
        parser.add_argument(short, name, action="store_true")
    for name in ("--strict-mode", "--dont-bind-http-https", "--skip-validation"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--max-reload-retries", type=int, default=10)
    parser.add_argument("--reload-interval", type=int, default=10)
    for name in _IGNORED:
        parser.add_argument(f"--{name}")
    for name in _MISSING:
        parser.add_argument(f"--{name}", action="store_true")
    if release >= (1, 13, 0):
        parser.add_argument("--max-backoff", type=float, default=300)
        parser.add_argument("--skip-config-cleanup", action="store_true")
    options = parser.parse_args(arguments, argparse.Namespace(max_backoff=300.0, skip_config_cleanup=False))
    for name in _MISSING:
        if getattr(options, name.replace("-", "_")):
            parser.error(f"this stand-in does not have --{name}")
    options.group = [group for groups in options.group for group in groups]
    return options
