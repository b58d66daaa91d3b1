"""Finds the leading Mesos master: through ZooKeeper or at a fixed address, depending on `--master`."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kazoo.exceptions import NoNodeError  # type: ignore[import-untyped]

from .zookeeper import connect

log = logging.getLogger(__name__)


class Masters(Protocol):
    """Tells which master leads."""

    def leader(self) -> str | None:
        """`host:port` of the leading master."""


class FixedMaster:
    """`--master host:port` or a URL."""

    def __init__(self, master: str) -> None:
        self._address = master.removeprefix("http://").rstrip("/")

    def leader(self) -> str | None:
        """`host:port` of the leading master."""
        return self._address


class ZooKeeperMasters:
    """`--master zk://…`: from 0.24 on, masters register as `json.info_<sequence>`; the lowest number leads.

    Args:
        url: the value of `--master`.
        session_timeout: the ZooKeeper session's, in seconds.
        on_change: called from another thread when the leading master changes.
    """

    def __init__(self, url: str, session_timeout: float, on_change: Callable[[], None]) -> None:
        self._client, self._path = connect(url, session_timeout)
        self._leader: str | None = None
        self._on_change = on_change

    def start(self) -> None:
        """Connects and watches until `stop`."""
        self._client.start(timeout=60)
        # Masters make this node, too, but perhaps later than this framework starts.
        self._client.retry(self._client.ensure_path, self._path)
        self._client.ChildrenWatch(self._path, self._children_changed)

    def stop(self) -> None:
        """Ends the session."""
        self._client.stop()

    def leader(self) -> str | None:
        """`host:port` of the leading master."""
        return self._leader

    def _children_changed(self, children: Sequence[str]) -> None:
        leader = None
        if node := leading_node(children):
            try:
                leader = address(json.loads(self._client.retry(self._client.get, f"{self._path}/{node}")[0]))
            except NoNodeError:
                return  # the node is gone meanwhile: the watch will call again
        if leader != self._leader:
            log.info("leading Mesos master: %s", leader)
            self._leader = leader
            self._on_change()


def leading_node(children: Sequence[str]) -> str | None:
    """The node of the leading master among the children of the masters' path."""
    candidates = [child for child in children if child.startswith("json.info_")]
    return min(candidates, default=None)


def address(info: dict[str, Any]) -> str:
    """`host:port` of a master, from the MasterInfo that it registers."""
    return f"{info['address']['ip']}:{info['address']['port']}"
