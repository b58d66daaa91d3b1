"""Further keys of the configuration of Mesos-DNS. It ignores keys that it does not know, so these are refused here.

Sources: docs/docs/configuration-parameters.md and records/config.go of mesosphere/mesos-dns, tag by tag, and of
AVENTER-UG/mesos-dns from 0.9 on.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from constructs import Construct

from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.errors import invalid, shown
from cdktf_mesos.image.release import Release

SettingValue = str | int | bool

RELEASES: tuple[tuple[int, int], ...] = ((0, 5), (0, 6), (0, 7), (0, 8), (0, 9), (0, 10))
"""The minor releases. From 0.8 on they are AVENTER's."""

# Keys that may be set, and the first release that has each. All releases here have those of 0.5.0.
_KEYS = {
    "SOARefresh": (0, 5, 0),
    "SOARetry": (0, 5, 0),
    "SOAExpire": (0, 5, 0),
    "SOAMinttl": (0, 5, 0),
    "enforceRFC952": (0, 5, 0),
    "EnumerationOn": (0, 5, 2),
    "mesosHTTPSOn": (0, 6, 0),
    "caCertFile": (0, 6, 0),
    "mesosAuthentication": (0, 6, 0),
    "iamConfigFile": (0, 6, 0),
    "setTruncateBit": (0, 7, 0),
    "srvRecordDefaultWeight": (0, 7, 0),
    "certFile": (0, 7, 0),
    "keyFile": (0, 7, 0),
    "ReverseDnsOn": (0, 9, 0),
    "ResolvSubnetFirst": (0, 10, 1),
}

# Keys that the construct sets, in lower case.
_RESERVED = (
    *("zk", "masters", "domain", "port", "httpport", "listener", "httplistener", "dnson", "httpon"),
    *("resolvers", "zoneresolvers", "externalon", "recurseon", "timeout", "ttl", "refreshseconds", "ipsources"),
    *("zkdetectiontimeout", "statetimeoutseconds", "soamname", "soarname"),
)


def check_settings(role: Construct, release: Release, settings: Mapping[str, SettingValue]) -> None:
    """Refuse a key that the release does not have, that the construct sets, or that has a secret."""
    known = {key.lower(): key for key in _KEYS}
    for name, value in settings.items():
        argument = f"settings[{name!r}]"
        if name.lower() in _RESERVED:
            raise invalid(role, argument, shown(name, value), "Use the arguments of the construct: it sets this key")
        if name.lower() == "mesoscredentials":
            remedy = (
                "Put the whole configuration into a file of each machine, and set config_file to its path: this secret "
                "would be in the state in clear text"
            )
            raise invalid(role, argument, "…", remedy)
        if name.lower() not in known:
            close = get_close_matches(name.lower(), known, n=1)
            meant = f"Did you mean {known[close[0]]!r}?" if close else f"The keys are {', '.join(_KEYS)}"
            raise invalid(role, argument, shown(name, value), f"Remove it: Mesos-DNS would ignore it. {meant}")
        if numbers(release) < (since := _KEYS[known[name.lower()]]):
            first = ".".join(map(str, since))
            raise invalid(role, argument, shown(name, value), f"Remove it: Mesos-DNS has this key from {first} on")
        if not isinstance(value, str | int):
            raise invalid(role, argument, shown(name, value), "Use text, a whole number, True or False")
