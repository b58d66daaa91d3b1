"""The options of marathon-lb that users may set, by minor release.

Source: marathon_lb.py and common.py of mesosphere/marathon-lb, v1.12.0 to v1.15.0. The images of avhost have the same
program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from constructs import Construct

from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.image.release import Release

Minor = tuple[int, int]

RELEASES: tuple[Minor, ...] = tuple((1, minor) for minor in range(12, 18))
"""The minor releases. Earlier ones lose connections at each reload, and need NET_ADMIN for it."""


class _Option(NamedTuple):
    """An option: whether it takes a value, the first minor release that has it, and why a domain excludes it."""

    has_value: bool
    since: Minor = RELEASES[0]
    not_with_domain: str | None = None


_OPTIONS = {
    "strict-mode": _Option(False),
    "haproxy-map": _Option(False, not_with_domain="the hosts of labels are then not in haproxy's configuration"),
    "group-https-by-vhost": _Option(False, not_with_domain="names of apps would not work with https"),
    "dont-bind-http-https": _Option(False, not_with_domain="nothing would listen for names of apps"),
    "skip-validation": _Option(False),
    "skip-config-cleanup": _Option(False, (1, 13)),
    "max-backoff": _Option(True, (1, 13)),
    "max-reload-retries": _Option(True),
    "reload-interval": _Option(True),
    "archive-versions": _Option(True),
    "lru-cache-capacity": _Option(True),
    "min-serv-port-ip-per-task": _Option(True),
    "max-serv-port-ip-per-task": _Option(True),
    "log-level": _Option(True),
    "log-format": _Option(True),
}

# Options that the construct sets itself, or that would put a secret into the state.
_RESERVED = ("marathon", "marathon-ca-cert", "group", "sse", "health-check", "ssl-certs", "haproxy-config", "command")
_SECRET = ("auth-credentials", "dcos-auth-credentials", "marathon-auth-credential-file")

# How long marathon-lb may wait before it listens to Marathon's events again, in seconds. Its own default is 300: so
# after a roll of Marathon it might not see changes for minutes.
_MAX_BACKOFF = 10


def arguments(
    role: Construct, release: Release, flags: Mapping[str, str | int | bool], *, has_domain: bool
) -> list[str]:
    """The words of the user's options.

    Args:
        role: the load balancer, for errors.
        release: its release.
        flags: the options by their names without `--`. `True` sets an option that has no value.
        has_domain: whether apps are reached by their names.

    Raises:
        ValueError: the construct sets the option; the release does not have it; its value is of the wrong kind.
    """
    words: list[str] = []
    minor = (release.major, release.minor)
    backoff: dict[str, str | int | bool] = {"max-backoff": _MAX_BACKOFF} if minor >= (1, 13) else {}
    for name, value in {**backoff, **flags}.items():
        where = f"flags[{name!r}]"
        if name in (*_RESERVED, *_SECRET):
            remedy = "Use the arguments of the construct instead: it sets this option"
            if name in _SECRET:
                remedy = "Use credentials_file instead: a login in an option would be in the state"
            raise invalid(role, where, shown(name, value), remedy)
        option = _OPTIONS.get(name)
        if option is None:
            remedy = f"Use an option of marathon-lb without its dashes: {', '.join(_OPTIONS)}"
            raise invalid(role, where, shown(name, value), remedy)
        if minor < option.since:
            since = ".".join(map(str, option.since))
            raise invalid(role, where, value, f"Remove it: marathon-lb has it from {since} on, and this is {release}")
        if has_domain and option.not_with_domain and value:
            raise invalid(role, where, value, f"Remove it, or domain: {option.not_with_domain}")
        if isinstance(value, bool) is option.has_value or not isinstance(value, str | int):
            remedy = "Use text or a number" if option.has_value else "Use True or False: this option has no value"
            raise invalid(role, where, value, remedy)
        words += [f"--{name}", str(value)] if option.has_value else [f"--{name}"] if value else []
    return words
