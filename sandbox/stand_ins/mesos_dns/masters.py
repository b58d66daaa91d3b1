"""The masters, and which of them leads: from ZooKeeper, or as the configuration lists them."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kazoo.client import KazooClient  # type: ignore[import-untyped]
from kazoo.exceptions import NoNodeError  # type: ignore[import-untyped]
from kazoo.retry import KazooRetry  # type: ignore[import-untyped]

log = logging.getLogger(__name__)

# Seconds until a session ends; the time that Mesos-DNS's client has.
_SESSION = 10.0


@dataclass(frozen=True)
class Masters:
    """Which masters there are. Addresses are `ip:port`.

    Args:
        leader: the leading master.
        all: all masters.
    """

    leader: str
    all: Sequence[str]


class Detector:
    """Follows the masters in ZooKeeper.

    Args:
        url: `zk://host:port,…/path`.
        changed: called, in another thread, with the masters when another one leads; with None when none does.
    """

    def __init__(self, url: str, changed: Callable[[Masters | None], None]) -> None:
        hosts, _, path = url.removeprefix("zk://").partition("/")
        # The credentials are not sent, as in Mesos-DNS. What masters write there can be read without.
        hosts, self._path, self._changed = hosts.rpartition("@")[2], f"/{path}", changed
        patience = {"max_tries": -1, "delay": 0.1, "max_delay": 1}
        self._client = KazooClient(
            hosts,
            timeout=_SESSION,
            connection_retry=KazooRetry(**patience),
            command_retry=KazooRetry(**patience),
        )
        self._appeared = threading.Event()

    def start(self) -> None:
        """Begin to connect, for ever, and watch the path. It may not exist yet."""
        threading.Thread(target=self._run, name="detect", daemon=True).start()

    def _run(self) -> None:
        self._client.start(timeout=10**9)
        while not self._client.retry(self._client.exists, self._path, lambda _: self._appeared.set()):
            log.info("%s does not exist in ZooKeeper yet", self._path)
            self._appeared.wait()
            self._appeared.clear()
        self._client.ChildrenWatch(self._path, self._children)

    def _children(self, children: Sequence[str]) -> None:
        nodes = sorted(each for each in children if each.startswith("json.info_"))
        found = [each for node in nodes if (each := self._address(node))]
        masters = Masters(found[0], found) if found else None
        log.info("masters: %s", masters)
        self._changed(masters)

    def _address(self, node: str) -> str | None:
        try:
            info = json.loads(self._client.retry(self._client.get, f"{self._path}/{node}")[0])
        except NoNodeError:
            return None  # it has ended meanwhile, and the watch calls again
        return f"{info['address']['ip']}:{info['address']['port']}"
