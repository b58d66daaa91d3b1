"""Where the sandbox keeps its files, and the addresses that it uses; all of it in one place."""

from __future__ import annotations

import os
from pathlib import Path

SOURCE = Path(__file__).resolve().parent

NETWORK = "10.213.7"  # .1 bridge and registry, .10 the builder hs0, .11 hs1 …; routed nowhere
BRIDGE = "cdktf-mesos"
BRIDGE_ADDRESS = f"{NETWORK}.1"
REGISTRY = f"{BRIDGE_ADDRESS}:5000"
# Of tests that want one with a password.
PRIVATE_REGISTRY = f"{BRIDGE_ADDRESS}:5002"
USER = "ops"
BUILDER = "hs0"
MAX_HOSTS = 64

# A socket's path has 108 bytes; that of an ssh master is <state>/cm/<40 digits>, for a moment with 17 characters more.
_LONGEST_STATE = 108 - 1 - len("/cm/") - 40 - 17


def state() -> Path:
    """The folder of what exists while the sandbox is up: CDKTF_MESOS_SANDBOX, or /var/lib/cdktf-mesos-sandbox.

    Raises:
        ValueError: its path is so long that sockets in it could not be opened.
    """
    path = Path(os.environ.get("CDKTF_MESOS_SANDBOX") or "/var/lib/cdktf-mesos-sandbox").resolve()
    if len(str(path)) > _LONGEST_STATE:
        raise ValueError(
            f"CDKTF_MESOS_SANDBOX is {path}: sockets in it need a path of at most {_LONGEST_STATE} characters"
        )
    return path


def cache() -> Path:
    """The folder of what was built or fetched: $XDG_CACHE_HOME/cdktf-mesos, or ~/.cache/cdktf-mesos."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").resolve() / "cdktf-mesos"


def number(host: str) -> int:
    """The number in a host's name.

    Raises:
        ValueError: the name is not one of hs0 … hs64.
    """
    digits = host.removeprefix("hs")
    if not digits.isdecimal() or host != f"hs{int(digits)}" or int(digits) > MAX_HOSTS:
        raise ValueError(f"{host}: a host of the sandbox is called hs1 … hs{MAX_HOSTS}")
    return int(digits)


def address(host: str) -> str:
    """The IPv4 address of a host by its name."""
    return f"{NETWORK}.{10 + number(host)}"


def host_dir(host: str) -> Path:
    """The folder with a host's own files: /etc, /var and so on."""
    return state() / "hosts" / host
