"""Security groups in force: a packet filter in the network namespace of each host that is an instance."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import packages, paths
from sandbox.ec2 import server
from sandbox.ec2.rules import Rule, text
from sandbox.process import run


def ensure_possible() -> None:
    """Makes sure that there is iptables, and that the kernel does what it is told.

    Raises:
        RuntimeError: it does not.
    """
    packages.ensure("iptables")
    probe = server.folder() / "firewall"
    probe.write_text(text([]))
    try:
        run("unshare", "--net", "iptables-restore", probe)
    except RuntimeError as problem:
        raise RuntimeError(f"no security groups on this machine: its kernel has no packet filter: {problem}") from None
    finally:
        probe.unlink()


@dataclass
class Firewalls:
    """The filters of all instances; for several threads.

    Args:
        open_to_machine: whether they let this machine in everywhere.
    """

    open_to_machine: bool = False
    _wanted: Mapping[str, str] = field(default_factory=dict)
    _applied: dict[str, tuple[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def update(self, tables: Mapping[str, Iterable[Rule]]) -> None:
        """What holds from now on, by host; `enforce` applies it."""
        self._wanted = {host: self._text(rules) for host, rules in tables.items()}

    def enforce(self, host: str) -> None:
        """Applies the host's filter where that is not in force; nothing to do for a host that is off.

        Raises:
            RuntimeError: it cannot be applied.
        """
        with self._lock:
            link = _link(host)
            wanted = (link, self._wanted.get(host) or self._text([]))
            if not link or self._applied.get(host) == wanted:
                return
            file = paths.host_dir(host) / "firewall"
            file.write_text(wanted[1])
            try:
                run("ip", "netns", "exec", host, "iptables-restore", file)
            except RuntimeError:
                if _link(host) == link:
                    raise
                return  # its power went
            self._applied[host] = wanted

    def _text(self, rules: Iterable[Rule]) -> str:
        return text(rules, open_to_machine=self.open_to_machine)


def _link(host: str) -> str:
    """The number of the host's network link, which is another one after each power-on; '' when it is off."""
    with contextlib.suppress(OSError):
        return Path(f"/sys/class/net/{host}/ifindex").read_text().strip()
    return ""
