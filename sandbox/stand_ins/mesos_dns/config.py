"""The configuration file. Names of keys are in any case, and unknown ones are ignored, as Mesos-DNS does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

# Keys for which the stand-in has no code, with the values that it accepts.
_WITHOUT = {"mesoshttpson": (False,), "mesosauthentication": ("", "basic"), "reversednson": (False,), "certfile": ("",)}


class ConfigError(Exception):
    """Mesos-DNS would not start with this configuration."""


@dataclass
class Config:
    """The keys that have an effect, with Mesos-DNS's defaults. Times are in seconds."""

    zk: str = ""
    masters: list[str] = field(default_factory=list)
    refreshseconds: int = 60
    ttl: int = 60
    domain: str = "mesos"
    port: int = 53
    resolvers: list[str] = field(default_factory=lambda: ["8.8.8.8"])
    timeout: int = 5
    listener: str = "0.0.0.0"
    recurseon: bool = True
    dnson: bool = True
    httpon: bool = True
    externalon: bool = True
    httpport: int = 8123
    httplistener: str = "0.0.0.0"
    soamname: str = "ns1.mesos"
    soarname: str = "root.ns1.mesos"
    soarefresh: int = 60
    soaretry: int = 600
    soaexpire: int = 86400
    soaminttl: int = 60
    zkdetectiontimeout: int = 30
    statetimeoutseconds: int = 300
    enforcerfc952: bool = False
    ipsources: list[str] = field(default_factory=lambda: ["netinfo", "mesos", "host"])
    enumerationon: bool = True
    settruncatebit: bool = True
    srvrecorddefaultweight: int | None = None
    zoneresolvers: dict[str, list[str]] = field(default_factory=dict)
    mesosauthentication: str = ""
    mesoscredentials: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)  # the file, for /v1/config


def read_config(text: str) -> Config:
    """The configuration of a file.

    Raises:
        ConfigError: the text is not JSON, has a value that Mesos-DNS refuses, or asks for what the stand-in lacks.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"the configuration is not JSON: {error}") from None
    values = {key.lower(): value for key, value in given.items()}
    for key, accepted in _WITHOUT.items():
        if values.get(key, accepted[0]) not in accepted:
            raise ConfigError(f"{key}: this stand-in does not have it")
    if values.get("mesosauthentication") == "basic" and "mesoscredentials" not in values:
        raise ConfigError("mesosAuthentication is basic, but there are no mesosCredentials")
    known = {each.name for each in fields(Config)} - {"given"}
    config = Config(**{key: value for key, value in values.items() if key in known}, given=given)
    config.domain = config.domain.lower().rstrip(".")
    _check(config, values)
    return config


def _check(config: Config, values: Mapping[str, Any]) -> None:
    if not config.zk and not config.masters:
        raise ConfigError("specify mesos masters or zookeeper in the configuration")
    if "resolvers" in values and not config.resolvers:
        config.resolvers = _of_machine()
    for zone, servers in {**config.zoneresolvers, "": config.resolvers}.items():
        for server in servers:
            _address(f"resolvers {zone}".strip(), server)
    names = [config.domain, *config.zoneresolvers]
    for name in config.zoneresolvers:
        if any(
            f".{name}".endswith(f".{other}") or f".{other}".endswith(f".{name}") for other in names if other != name
        ):
            raise ConfigError(f"zoneResolvers: {name} overlaps with another domain")
        if name == config.domain:
            raise ConfigError(f"zoneResolvers: {name} is Mesos-DNS's own domain")
    _address("listener", config.listener)
    for source in config.ipsources:
        if source not in ("host", "netinfo", "mesos", "docker"):
            raise ConfigError(f"IPSources: invalid source {source}")
    if not config.ipsources:
        raise ConfigError("IPSources is empty")


def _of_machine() -> list[str]:
    lines = Path("/etc/resolv.conf").read_text(encoding="utf-8").splitlines()
    return [line.split()[1] for line in lines if line.startswith("nameserver ")]


def _address(key: str, value: str) -> None:
    try:
        IPv4Address(value)
    except ValueError:
        raise ConfigError(f"{key}: {value} is no IPv4 address") from None
