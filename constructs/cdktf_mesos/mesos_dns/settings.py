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

# Keys that may be set: the kind of value, and the first release that has the key. All releases here are 0.5.0 or later.
_KEYS: dict[str, tuple[type[SettingValue], tuple[int, int, int]]] = {
    "SOARefresh": (int, (0, 5, 0)),
    "SOARetry": (int, (0, 5, 0)),
    "SOAExpire": (int, (0, 5, 0)),
    "SOAMinttl": (int, (0, 5, 0)),
    "enforceRFC952": (bool, (0, 5, 0)),
    "EnumerationOn": (bool, (0, 5, 2)),
    "mesosHTTPSOn": (bool, (0, 6, 0)),
    "caCertFile": (str, (0, 6, 0)),
    "mesosAuthentication": (str, (0, 6, 0)),
    "iamConfigFile": (str, (0, 6, 0)),
    "setTruncateBit": (bool, (0, 7, 0)),
    "srvRecordDefaultWeight": (int, (0, 7, 0)),
    "certFile": (str, (0, 7, 0)),
    "keyFile": (str, (0, 7, 0)),
    "ReverseDnsOn": (bool, (0, 9, 0)),
    "ResolvSubnetFirst": (bool, (0, 10, 1)),
}
_KINDS = {int: "a whole number, 0 or more", bool: "True or False", str: "text"}

# Keys that the construct sets, in lower case.
_RESERVED = (
    *("zk", "masters", "domain", "port", "httpport", "listener", "httplistener", "dnson", "httpon"),
    *("resolvers", "zoneresolvers", "externalon", "recurseon", "timeout", "ttl", "refreshseconds", "ipsources"),
    *("zkdetectiontimeout", "statetimeoutseconds", "soamname", "soarname"),
)


def setting(settings: Mapping[str, SettingValue], name: str) -> SettingValue | None:
    """The value of a key, in whatever case it is written; None if it is not set."""
    return next((value for key, value in settings.items() if key.lower() == name.lower()), None)


def check_settings(role: Construct, release: Release, settings: Mapping[str, SettingValue]) -> None:
    """Refuse what Mesos-DNS would ignore or not start with, a key that the construct sets, and one with a secret."""
    known = {key.lower(): key for key in _KEYS}
    for name, value in settings.items():
        argument = f"settings[{name!r}]"
        if name.lower() in _RESERVED:
            raise invalid(role, argument, shown(name, value), "Use the arguments of the construct: it sets this key")
        if name.lower() == "mesoscredentials" or (name.lower(), value) == ("mesosauthentication", "basic"):
            remedy = (
                "Put the whole configuration into a file of each machine, and set config_file to its path: the secret "
                "would be in the state in clear text"
            )
            raise invalid(role, argument, "…", remedy)
        if name.lower() not in known:
            close = get_close_matches(name.lower(), known, n=1)
            meant = f"Did you mean {known[close[0]]!r}?" if close else f"The keys are {', '.join(_KEYS)}"
            raise invalid(role, argument, shown(name, value), f"Remove it: Mesos-DNS would ignore it. {meant}")
        kind, since = _KEYS[known[name.lower()]]
        if numbers(release) < since:
            first = ".".join(map(str, since))
            raise invalid(role, argument, shown(name, value), f"Remove it: Mesos-DNS has this key from {first} on")
        if type(value) is not kind or (type(value) is int and value < 0):
            raise invalid(role, argument, shown(name, value), f"Use {_KINDS[kind]}: Mesos-DNS would not start")
