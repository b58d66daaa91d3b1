"""Observes a cluster during a roll: a writer to ZooKeeper, and a poller of every member."""

from __future__ import annotations

import itertools
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import requests
from kazoo.client import KazooClient  # type: ignore[import-untyped]
from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError  # type: ignore[import-untyped]
from kazoo.handlers.threading import KazooTimeoutError  # type: ignore[import-untyped]

from sandbox.live import Login
from sandbox.repeated import PAUSE, Repeated

# Lost connections are expected here: keep kazoo from reporting them on standard error.
logging.getLogger("kazoo").addHandler(logging.NullHandler())

# How long an ensemble may take to answer once a test has ended. Without a limit, kazoo waits for one that is down.
_SECONDS = 120


class Writer(Repeated):
    """Creates one znode after the other, and records when each was acknowledged and how long that took.

    `acknowledged` has the time and the name of each acknowledged write; `latencies` has for each of them the seconds
    from its first try to its acknowledgement.

    Args:
        connect_string: ZooKeeper's connect string.
        path: the znode below which it writes.
        pause: the time between two writes, in seconds.
    """

    def __init__(self, connect_string: str, path: str, pause: float = PAUSE) -> None:
        super().__init__(pause)
        self.acknowledged: list[tuple[float, str]] = []
        self.latencies: list[float] = []
        self._first_try: float | None = None
        self._until: float | None = None
        self._path = path
        self._checked = 0
        self._lost: set[str] = set()
        self._client = KazooClient(connect_string, timeout=10)
        self._client.start(timeout=60)
        self._client.ensure_path(path)

    def step(self) -> None:
        """Write the next znode. If it exists already, an earlier try wrote it and only the answer was lost."""
        name = f"{len(self.acknowledged):08d}"
        first_try = self._first_try = self._first_try or time.monotonic()
        with suppress(KazooException, KazooTimeoutError):
            with suppress(NodeExistsError):
                self._client.create(f"{self._path}/{name}", b"x")
            now = time.monotonic()
            # The latency first: a thread that reads meanwhile finds one for every acknowledged write.
            self.latencies.append(now - first_try)
            self.acknowledged.append((now, name))
            self._first_try = None

    def end(self) -> None:
        """Note the end: a write that is still not acknowledged counts as a stall until now."""
        self._until = time.monotonic()

    def forget(self) -> None:
        """Check the writes since the last check, and delete their znodes, so that ZooKeeper's data do not grow."""
        for name in self._check():
            with suppress(NoNodeError):
                self._client.retry(self._client.delete, f"{self._path}/{name}")

    def lost(self) -> set[str]:
        """The acknowledged writes whose znodes are missing now or were missing at an earlier check; ends the client.

        Raises:
            KazooTimeoutError: no server answers.
        """
        self._check()
        self._client.stop()
        self._client.close()
        return self._lost

    def _check(self) -> list[str]:
        # Read before the znodes are: a write that is acknowledged meanwhile is left to the next check.
        names = [name for _, name in self.acknowledged[self._checked :]]
        there = set(self._client.retry(lambda: self._client.get_children_async(self._path).get(timeout=_SECONDS)))
        self._lost |= set(names) - there
        self._checked += len(names)
        return names

    def longest_stall(self, first: int = 0) -> float:
        """The longest time without an acknowledgement, in seconds.

        Args:
            first: the number of the acknowledged write to begin with. The time ends with the block, or now.
        """
        times = [*(when for when, _ in self.acknowledged[first:]), self._until or time.monotonic()]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


@dataclass
class Poller(Repeated):
    """Polls the states of all members, in parallel, several times a second.

    Args:
        members: for each name a function that returns the member's state: `down`, or another such as `leader`.
        samples: the times at which all members were polled, and their states.
        pause: the time between two polls, in seconds.
    """

    members: Mapping[str, Callable[[], str]]
    samples: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    pause: float = PAUSE

    def __post_init__(self) -> None:
        super().__init__(self.pause)

    __hash__ = threading.Thread.__hash__

    def step(self) -> None:
        """Poll every member once."""
        states: dict[str, str] = {}

        def ask(name: str) -> None:
            try:
                states[name] = self.members[name]()
            except (OSError, requests.RequestException):
                states[name] = "down"

        threads = [threading.Thread(target=ask, args=(name,), daemon=True) for name in self.members]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=3)
        self.samples.append((time.monotonic(), {name: states.get(name, "down") for name in self.members}))

    def fewest(self, prefix: str) -> int:
        """The lowest number of members up at the same time, of those whose names begin with the prefix."""
        return min(
            sum(state != "down" for name, state in states.items() if name.startswith(prefix))
            for _, states in self.samples
        )

    def longest_without_leader(self, prefix: str) -> float:
        """The longest time without a leader, in seconds, among the members whose names begin with the prefix."""
        longest, since = 0.0, None
        for when, states in self.samples:
            if any(state == "leader" for name, state in states.items() if name.startswith(prefix)):
                since = None
            else:
                since = when if since is None else since
                longest = max(longest, when - since)
        return longest


def zookeeper_state(address: str, port: int = 2181) -> str:
    """`leader`, `follower` or `standalone`; `down` for a server that does not serve."""
    with socket.create_connection((address, port), timeout=2) as connection:
        connection.sendall(b"srvr")
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    modes = [line.removeprefix("Mode: ") for line in answer.splitlines() if line.startswith("Mode: ")]
    return modes[0] if modes else "down"


def master_state(address: str, port: int = 5050, login: Login | None = None) -> str:
    """`leader` or `follower`; `down` while the replicated log has not caught up."""
    gauges = requests.get(f"http://{address}:{port}/metrics/snapshot", timeout=2, auth=login).json()
    if gauges.get("registrar/log/recovered") != 1:
        return "down"
    return "leader" if gauges.get("master/elected") == 1 else "follower"


def agent_state(address: str, port: int = 5051, login: Login | None = None) -> str:
    """`registered`, or `down`."""
    gauges = requests.get(f"http://{address}:{port}/metrics/snapshot", timeout=2, auth=login).json()
    return "registered" if gauges.get("slave/registered") == 1 else "down"
