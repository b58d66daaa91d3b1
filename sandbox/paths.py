"""The paths and addresses that the sandbox uses, all in one place."""

from __future__ import annotations

import os
from pathlib import Path

SOURCE = Path(__file__).resolve().parent

NETWORK = "10.213.7"  # .1 is the bridge with the registry, .10 hs0 (the builder), .11 hs1, .101 vm1; not routed outside
BRIDGE = "cdktf-mesos"
BRIDGE_ADDRESS = f"{NETWORK}.1"
REGISTRY = f"{BRIDGE_ADDRESS}:5000"
# The registry with a password, which a test starts.
PRIVATE_REGISTRY = f"{BRIDGE_ADDRESS}:5002"
USER = "ops"
BUILDER = "hs0"
MAX_HOSTS = 64
MAX_VIRTUAL = 16

# A socket's path has at most 108 bytes with its final zero. That of a shared ssh connection is <state>/cm/<40 digits>,
# and ssh briefly appends 17 characters.
_LONGEST_STATE = 108 - 1 - len("/cm/") - 40 - 17


def state() -> Path:
    """The folder of the sandbox while it is up: CDKTF_MESOS_SANDBOX, by default /var/lib/cdktf-mesos-sandbox.

    Raises:
        ValueError: its path is too long for the sockets in it.
    """
    path = Path(os.environ.get("CDKTF_MESOS_SANDBOX") or "/var/lib/cdktf-mesos-sandbox").resolve()
    if len(str(path)) > _LONGEST_STATE:
        raise ValueError(
            f"CDKTF_MESOS_SANDBOX is {path}: use a path of at most {_LONGEST_STATE} characters, "
            "because the paths of sockets in it are limited to 108 bytes"
        )
    return path


def cache() -> Path:
    """The cache: the folder of everything built or fetched, $XDG_CACHE_HOME/cdktf-mesos or ~/.cache/cdktf-mesos."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").resolve() / "cdktf-mesos"


def number(host: str) -> int:
    """The number in a host's name.

    Raises:
        ValueError: the name is not one of hs0 … hs64 and vm1 … vm16.
    """
    digits = host[2:]
    if digits.isdecimal() and digits == str(int(digits)):
        lowest, highest = (1, MAX_VIRTUAL) if is_virtual(host) else (0, MAX_HOSTS)
        if host[:2] in {"hs", "vm"} and lowest <= int(digits) <= highest:
            return int(digits)
    raise ValueError(f"{host!r} is not a host of the sandbox: use hs1 to hs{MAX_HOSTS}, or vm1 to vm{MAX_VIRTUAL}")


def is_virtual(host: str) -> bool:
    """Whether the host of this name is a virtual machine."""
    return host.startswith("vm")


def address(host: str) -> str:
    """The IPv4 address of a host by its name."""
    return f"{NETWORK}.{(100 if is_virtual(host) else 10) + number(host)}"


def host_dir(host: str) -> Path:
    """The folder with a host's own files: its /etc, /var and so on."""
    return state() / "hosts" / host
