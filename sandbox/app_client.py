"""A client that asks an app through its load balancers all the while, and counts the requests that failed."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sandbox.repeated import PAUSE, Repeated

# Seconds. A request may take long while haproxy tries another task.
_CONNECT_SECONDS, _ANSWER_SECONDS = 2, 15


class AppClient(Repeated):
    """Sends requests, 20 a second by default, for the length of a block.

    Each request goes to the next balancer. If that refuses the connection, the client tries the others, as a network
    load balancer in front would not have chosen this one. A request that was sent is not repeated.

    Args:
        host: the name that is asked for, such as `web.apps.example.com`.
        balancers: the addresses of the load balancers.
        pause: the time between two requests, in seconds.
    """

    def __init__(self, host: str, balancers: Sequence[str], pause: float = PAUSE) -> None:
        super().__init__(pause)
        self.failed: list[tuple[float, str]] = []
        """The time and the reason of each failure."""
        self._sent: list[Future[None]] = []
        self._host, self._addresses = host, list(balancers)
        self._pool = ThreadPoolExecutor(max_workers=40)

    def step(self) -> None:
        """Send one request, without waiting for its answer."""
        self._sent.append(self._pool.submit(self._ask, self.asked))

    def end(self) -> None:
        """Wait for the answers that are still to come."""
        # Before the pool is closed: the thread must not send another request.
        self.join()
        for each in self._sent:
            each.result()
        self._pool.shutdown()

    @property
    def asked(self) -> int:
        """How many requests were sent."""
        return len(self._sent)

    def balancers(self, turn: int) -> list[str]:
        """The addresses of the load balancers for a request, in the order in which they are tried.

        Args:
            turn: the number of the request.
        """
        first = turn % len(self._addresses)
        return self._addresses[first:] + self._addresses[:first]

    def _ask(self, turn: int) -> None:
        refused = []
        for address in self.balancers(turn):
            connection = http.client.HTTPConnection(address, 80, timeout=_CONNECT_SECONDS)
            try:
                connection.connect()
            except OSError as error:
                refused.append(f"{address}: {error}")
                continue
            connection.sock.settimeout(_ANSWER_SECONDS)
            self._note(*_answer(connection, self._host))
            return
        self._note(0, "; ".join(refused) or "no address")

    def _note(self, status: int, text: str) -> None:
        if status != 200:
            self.failed.append((time.monotonic(), f"{status or 'no answer'}: {text}"))


def ask(address: str, host: str, *, secure: bool = False) -> tuple[int, str]:
    """The status and the text of one answer of a load balancer. Its certificate is not checked."""
    if not secure:
        return _answer(http.client.HTTPConnection(address, 80, timeout=_ANSWER_SECONDS), host)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return _answer(http.client.HTTPSConnection(address, 443, timeout=_ANSWER_SECONDS, context=context), host)


def _answer(connection: http.client.HTTPConnection, host: str) -> tuple[int, str]:
    """The status and the text of an answer; the status 0 and the reason without one."""
    try:
        connection.request("GET", "/", headers={"Host": host, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return 0, f"{connection.host}: {error!r}"
    finally:
        connection.close()
