"""The event stream `/v2/events`: what happens, as server-sent events, for every client that listens."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Generator
from typing import Any

from .times import timestamp

# Seconds between two empty lines that show that the connection still works. Jetty's default, which Marathon keeps.
HEARTBEAT = 10.0
# A client that does not read loses events while so many wait for it (event_stream_max_outstanding_messages).
WAITING = 50


class Events:
    """Passes events on to all clients that listen at that moment; nothing is kept for later."""

    def __init__(self) -> None:
        self._clients: list[queue.Queue[tuple[str, str]]] = []

    def publish(self, kind: str, **values: Any) -> None:
        """Sends an event to all clients."""
        now = timestamp(time.time())
        data = json.dumps(values | {"eventType": kind, "timestamp": now}, ensure_ascii=False)
        for client in [*self._clients]:
            if client.qsize() < WAITING:
                client.put((kind, data))

    def listen(self, address: str, kinds: set[str]) -> Generator[bytes, None, None]:
        """The stream for a client, without end.

        Args:
            address: the client's address.
            kinds: the types of events that it wants; empty for all.
        """
        client: queue.Queue[tuple[str, str]] = queue.Queue()
        self._clients.append(client)
        try:
            self.publish("event_stream_attached", remoteAddress=address)
            while True:
                try:
                    kind, data = client.get(timeout=HEARTBEAT)
                except queue.Empty:
                    yield b"\r\n"
                    continue
                if not kinds or kind in kinds:
                    yield f"event: {kind}\r\ndata: {data}\r\n\r\n".encode()
        finally:
            self._clients.remove(client)
            self.publish("event_stream_detached", remoteAddress=address)
