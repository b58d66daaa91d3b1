"""The bridge between this machine and the hosts, and each host's network namespace. Nothing is routed outside."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from sandbox import paths
from sandbox.process import run

_NAMESPACES = Path("/run/netns")


def ensure_bridge() -> None:
    """Makes the bridge, with the registry's address, unless it exists."""
    if not exists(paths.BRIDGE):
        # Without its own MAC address, a bridge takes that of one of its ports, and changes it as ports come and go.
        _ip("link", "add", paths.BRIDGE, "address", "02:73:62:00:00:01", "type", "bridge")
    _ip("addr", "replace", f"{paths.BRIDGE_ADDRESS}/24", "dev", paths.BRIDGE)
    _ip("link", "set", paths.BRIDGE, "up")


def remove_bridge() -> None:
    """Removes the bridge. The hosts' links must be gone already."""
    _delete_link(paths.BRIDGE)
    # The first "ip netns add" on this machine made the folder and mounted it on itself.
    if _NAMESPACES.is_dir() and not any(_NAMESPACES.iterdir()):
        run("umount", _NAMESPACES, check=False)
        with contextlib.suppress(OSError):
            _NAMESPACES.rmdir()


def connect(host: str) -> None:
    """Makes a host's network namespace with its address, and the link to the bridge, which has the host's name."""
    _ip("netns", "add", host)
    _ip("link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", host, "address", mac(host))
    _ip("link", "set", host, "master", paths.BRIDGE, "up")
    _ip("-n", host, "addr", "add", f"{paths.address(host)}/24", "dev", "eth0")
    _ip("-n", host, "link", "set", "lo", "up")
    _ip("-n", host, "link", "set", "eth0", "up")


def connect_virtual(host: str) -> None:
    """Makes the tap device of a virtual machine, on the bridge; it has the machine's name."""
    _ip("tuntap", "add", host, "mode", "tap")
    _ip("link", "set", host, "master", paths.BRIDGE, "up")


def mac(host: str) -> str:
    """The MAC address of a host's network device."""
    return f"02:73:62:00:{2 if paths.is_virtual(host) else 1:02x}:{paths.number(host):02x}"


def disconnect(host: str) -> None:
    """Removes a host's link and network namespace."""
    # The link first: the kernel removes it only some time after its namespace, and a quick power-on would find it.
    _delete_link(host)
    if (_NAMESPACES / host).exists():
        _ip("netns", "del", host)


def set_link(host: str, *, up: bool) -> None:
    """Plugs a host's network cable in, or pulls it. Does nothing for a host that is off and so has no cable."""
    if exists(host):
        _ip("link", "set", host, "up" if up else "down")


def is_up(host: str) -> bool:
    """Whether a host's cable is plugged in."""
    with contextlib.suppress(OSError):
        return bool(int(Path(f"/sys/class/net/{host}/flags").read_text(), 16) & 1)
    return False


def exists(link: str) -> bool:
    """Whether the machine has a network device of this name."""
    return Path(f"/sys/class/net/{link}").exists()


def leftover_hosts() -> set[str]:
    """The hosts that have a network namespace or a link to the bridge, even if their files are gone."""
    found = {path.name for path in _NAMESPACES.glob("hs*")}
    if exists(paths.BRIDGE):
        ports = json.loads(run("ip", "-json", "link", "show", "master", paths.BRIDGE) or "[]")
        found |= {port["ifname"] for port in ports if "ifname" in port}
    return found


def _delete_link(name: str) -> None:
    if exists(name):
        _ip("link", "del", name)


def _ip(*words: str) -> None:
    run("ip", *words)
