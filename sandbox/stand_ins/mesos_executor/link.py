"""The executor's connection to its agent, which may end and come back as another process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from .log import log
from .protocol import Message, Pid, write_message

CONNECT_TIMEOUT = 5.0
"""Seconds. It is short, because the agent is on the same machine."""


class Link:
    """Sends messages over one TCP connection, and notices when the agent closes it."""

    def __init__(self, agent: Pid, on_lost: Callable[[], None]) -> None:
        """Set the agent, and the function to call, in another thread, when the agent has closed the connection."""
        self._agent = agent
        self._on_lost = on_lost
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None

    @property
    def agent(self) -> Pid:
        """The agent's current process."""
        return self._agent

    @property
    def is_up(self) -> bool:
        """Whether a connection is open."""
        return self._connection is not None

    def move_to(self, agent: Pid) -> None:
        """Sends all further messages to another process of the agent."""
        with self._lock:
            old, self._connection = self._connection, None
            self._agent = agent
        if old is not None:
            old.close()

    def send(self, message: Message) -> bool:
        """Sends a message; opens a connection first if there is none. Returns whether the kernel accepted it."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                self._connection.sendall(write_message(message, self._agent))
            except OSError as error:
                log(f"{message.name} not sent: {error}")
                return False
        log(f"sent {message.name}")
        return True

    def _connect(self) -> socket.socket:
        connection = socket.create_connection((self._agent.host, self._agent.port), timeout=CONNECT_TIMEOUT)
        connection.settimeout(None)
        threading.Thread(target=self._watch, args=(connection,), daemon=True).start()
        return connection

    def _watch(self, connection: socket.socket) -> None:
        try:
            while connection.recv(4096):
                pass  # ignore libprocess's answers to messages, 202 Accepted without content
        except OSError:
            pass
        with self._lock:
            if connection is not self._connection:
                return
            self._connection = None
        connection.close()
        self._on_lost()
