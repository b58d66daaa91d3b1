"""Enforces security groups: a packet filter in the network namespace of each host that is an instance."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import packages, paths
from sandbox.ec2 import server
from sandbox.ec2.rules import Rule, ruleset
from sandbox.process import run


def ensure_possible() -> None:
    """Installs iptables, and checks that the kernel has a packet filter.

    Raises:
        RuntimeError: the kernel has none.
    """
    packages.ensure("iptables")
    probe = server.folder() / "firewall"
    probe.write_text(ruleset([]))
    try:
        run("unshare", "--net", "iptables-restore", probe)
    except RuntimeError as problem:
        raise RuntimeError(
            f"security groups cannot be enforced here, because the kernel has no packet filter: {problem}"
        ) from None
    finally:
        probe.unlink()


@dataclass
class Firewalls:
    """The packet filters of all instances. Several threads may use it.

    Args:
        open_to_machine: whether the filters let this machine in to all ports.
    """

    open_to_machine: bool = False
    _wanted: Mapping[str, str] = field(default_factory=dict)
    _applied: dict[str, tuple[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def update(self, tables: Mapping[str, Iterable[Rule]]) -> None:
        """Sets the rules of each host; `enforce` applies them."""
        self._wanted = {host: self._ruleset(rules) for host, rules in tables.items()}

    def enforce(self, host: str) -> None:
        """Applies the host's packet filter, unless it is in force or the host is off.

        Raises:
            RuntimeError: the filter cannot be applied.
        """
        with self._lock:
            link = _link(host)
            wanted = (link, self._wanted.get(host) or self._ruleset([]))
            if not link or self._applied.get(host) == wanted:
                return
            file = paths.host_dir(host) / "firewall"
            file.write_text(wanted[1])
            try:
                run("ip", "netns", "exec", host, "iptables-restore", file)
            except RuntimeError:
                if _link(host) == link:
                    raise
                return  # the host was switched off meanwhile
            self._applied[host] = wanted

    def _ruleset(self, rules: Iterable[Rule]) -> str:
        return ruleset(rules, open_to_machine=self.open_to_machine)


def _link(host: str) -> str:
    """The index of the host's network link, which changes with each power-on; '' if the host is off."""
    with contextlib.suppress(OSError):
        return Path(f"/sys/class/net/{host}/ifindex").read_text().strip()
    return ""
