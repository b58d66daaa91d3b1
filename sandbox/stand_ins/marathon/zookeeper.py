"""The stand-in's data in ZooKeeper, below the path in `--zk`: its state, and which instance leads."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote, unquote

from kazoo.client import KazooClient, KazooState  # type: ignore[import-untyped]
from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError  # type: ignore[import-untyped]
from kazoo.retry import KazooRetry  # type: ignore[import-untyped]
from kazoo.security import CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE  # type: ignore[import-untyped]

log = logging.getLogger(__name__)


class Store(Protocol):
    """Stores JSON values by kind ("apps", "tasks", "framework") and key. A change is durable when the call returns."""

    def load(self, kind: str) -> dict[str, Any]:
        """All entries of a kind."""

    def save(self, kind: str, key: str, value: Any) -> None:
        """Creates or replaces an entry."""

    def remove(self, kind: str, key: str) -> None:
        """Removes an entry if it is there."""


def split_url(url: str) -> tuple[str, str, str]:
    """Hosts, credentials (`user:password` or nothing) and path of `zk://[user:password@]host:port,…/path`.

    Raises:
        ValueError: the URL has no `zk://` or no path.
    """
    if not url.startswith("zk://"):
        raise ValueError(f"{url} does not start with zk://")
    rest, slash, path = url.removeprefix("zk://").partition("/")
    credentials, _, hosts = rest.rpartition("@")
    if not slash or not path or not hosts:
        raise ValueError(f"{url} has no path: zk://host:port,…/path")
    return hosts, credentials, "/" + path.rstrip("/")


def connect(url: str, session_timeout: float) -> tuple[Any, str]:
    """A client that is not yet started, and the path in the URL. Its commands wait until a lost connection is back.

    Args:
        url: the value of `--zk` or `--master`.
        session_timeout: seconds.
    """
    hosts, credentials, path = split_url(url)
    patience = {"max_tries": -1, "delay": 0.1, "max_delay": 1}
    client = KazooClient(
        hosts,
        timeout=session_timeout,
        auth_data=[("digest", credentials)] if credentials else None,
        default_acl=CREATOR_ALL_ACL if credentials else OPEN_ACL_UNSAFE,
        connection_retry=KazooRetry(**patience),
        command_retry=KazooRetry(**patience),
    )
    return client, path


class ZooKeeperStore:
    """A `Store` below `<path>/state`."""

    def __init__(self, client: Any, path: str) -> None:
        self._client, self._path = client, f"{path}/state"

    def load(self, kind: str) -> dict[str, Any]:
        """See `Store`."""
        self._client.retry(self._client.ensure_path, f"{self._path}/{kind}")
        names = self._client.retry(self._client.get_children, f"{self._path}/{kind}")
        read = self._client.get
        return {unquote(n): json.loads(self._client.retry(read, f"{self._path}/{kind}/{n}")[0]) for n in names}

    def save(self, kind: str, key: str, value: Any) -> None:
        """See `Store`."""
        node, data = f"{self._path}/{kind}/{quote(key, safe='')}", json.dumps(value).encode()
        try:
            self._client.retry(self._client.set, node, data)
        except NoNodeError:
            try:
                self._client.retry(self._client.create, node, data, makepath=True)
            except NodeExistsError:  # a first try succeeded, and only its answer was lost
                self._client.retry(self._client.set, node, data)

    def remove(self, kind: str, key: str) -> None:
        """See `Store`."""
        with suppress(NoNodeError):
            self._client.retry(self._client.delete, f"{self._path}/{kind}/{quote(key, safe='')}")


def _leader_acl(client: Any) -> Any:
    """The ACL of the leader's path: that of all other znodes, and with a password everybody may read it, too."""
    return [*CREATOR_ALL_ACL, *READ_ACL_UNSAFE] if client.auth_data else OPEN_ACL_UNSAFE


class Election:
    """Elects the leader among the instances with the same `--zk`: the first in a queue of ephemeral nodes.

    Args:
        client: the ZooKeeper client.
        path: the path in `--zk`.
        address: the `host:port` of this instance's API.
        on_elected: called once, from another thread.
        on_lost: called when the session is lost, and the leadership with it.
    """

    def __init__(
        self, client: Any, path: str, address: str, on_elected: Callable[[], None], on_lost: Callable[[], None]
    ) -> None:
        self._on_elected, self._on_lost = on_elected, on_lost
        self._client = client
        self._path = f"{path}/leader-curator"
        self._lock = client.Lock(self._path, address)

    def start(self) -> None:
        """Enters the queue."""
        self._client.add_listener(self._state_changed)
        threading.Thread(target=self._run, name="election", daemon=True).start()

    def _state_changed(self, state: str) -> None:
        log.info("ZooKeeper: %s", state)
        if state == KazooState.LOST:
            self._on_lost()

    def _run(self) -> None:
        try:
            with suppress(NodeExistsError):
                self._client.retry(self._client.create, self._path, b"", acl=_leader_acl(self._client), makepath=True)
            self._lock.acquire()
            log.info("elected as leader")
            self._on_elected()
        except Exception:
            log.exception("election")
            self._on_lost()

    def leader(self) -> str | None:
        """`host:port` of the leader's API."""
        try:
            contenders: list[str] = self._lock.contenders()
        except KazooException:  # no connection just now
            return None
        return contenders[0] if contenders else None
