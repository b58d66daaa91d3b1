"""What a cluster goes through while it is rolled: a writer to ZooKeeper, and a poller of every member."""

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

from sandbox.repeated import Repeated

# Lost connections are what is watched here; ZooKeeper's client would say so on standard error.
logging.getLogger("kazoo").addHandler(logging.NullHandler())


class Writer(Repeated):
    """Creates one znode after the other, and keeps which were acknowledged, when, and how long that took.

    `acknowledged` has when and which, `latencies` the seconds from the first try of each to its acknowledgement.

    Args:
        connect_string: ZooKeeper's.
        path: below which it writes.
    """

    def __init__(self, connect_string: str, path: str) -> None:
        super().__init__()
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
        """Write the next znode; one that is there was written by a try whose answer got lost."""
        name = f"{len(self.acknowledged):08d}"
        first_try = self._first_try = self._first_try or time.monotonic()
        with suppress(KazooException, KazooTimeoutError):
            with suppress(NodeExistsError):
                self._client.create(f"{self._path}/{name}", b"x")
            now = time.monotonic()
            # The latency first: who looks meanwhile finds one for every acknowledged write.
            self.latencies.append(now - first_try)
            self.acknowledged.append((now, name))
            self._first_try = None

    def end(self) -> None:
        """What was not acknowledged until now is a stall."""
        self._until = time.monotonic()

    def forget(self) -> None:
        """Check what was acknowledged since the last time, and delete it from ZooKeeper, so that it does not grow."""
        for name in self._check():
            with suppress(NoNodeError):
                self._client.retry(self._client.delete, f"{self._path}/{name}")

    def lost(self) -> set[str]:
        """The acknowledged writes that are not there, or were not when they were forgotten; ends the client."""
        self._check()
        self._client.stop()
        self._client.close()
        return self._lost

    def _check(self) -> list[str]:
        # Taken before the znodes are: what is acknowledged meanwhile is for the next time.
        names = [name for _, name in self.acknowledged[self._checked :]]
        there = set(self._client.retry(self._client.get_children, self._path))
        self._lost |= set(names) - there
        self._checked += len(names)
        return names

    def longest_stall(self, first: int = 0) -> float:
        """The longest time without an acknowledgement, from that one on until the block's end, or now, in seconds."""
        times = [*(when for when, _ in self.acknowledged[first:]), self._until or time.monotonic()]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


@dataclass
class Poller(Repeated):
    """Asks members for their state, all at once, several times a second.

    Args:
        members: by name, what gives the state: `down`, or a word of its own such as `leader`.
    """

    members: Mapping[str, Callable[[], str]]
    samples: list[tuple[float, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    __hash__ = threading.Thread.__hash__

    def step(self) -> None:
        """Ask all."""
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
        """The least number of members, of those whose name begins so, that were up at the same time."""
        return min(
            sum(state != "down" for name, state in states.items() if name.startswith(prefix))
            for _, states in self.samples
        )

    def longest_without_leader(self, prefix: str) -> float:
        """The longest time in which none of these members led, in seconds."""
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


def master_state(address: str, port: int = 5050) -> str:
    """`leader` or `follower`; `down` while the replicated log has not caught up."""
    gauges = requests.get(f"http://{address}:{port}/metrics/snapshot", timeout=2).json()
    if gauges.get("registrar/log/recovered") != 1:
        return "down"
    return "leader" if gauges.get("master/elected") == 1 else "follower"


def agent_state(address: str, port: int = 5051) -> str:
    """`registered`, or `down`."""
    gauges = requests.get(f"http://{address}:{port}/metrics/snapshot", timeout=2).json()
    return "registered" if gauges.get("slave/registered") == 1 else "down"
