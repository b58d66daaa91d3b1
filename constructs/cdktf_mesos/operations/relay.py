"""A socket on this machine that ssh connects to an engine on another machine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path


class Relay:
    """Runs ssh for each connection to its socket.

    The Docker client cannot pass options to ssh, but engines may need them.

    Args:
        login: the ssh command up to the destination, `Connection.login`.
    """

    def __init__(self, login: Sequence[str]) -> None:
        # The same command as that of the Docker command line and the Terraform provider (docker/cli, cli/connhelper).
        self._words = [*login, "docker system dial-stdio"]
        self._directory = tempfile.TemporaryDirectory(prefix="cdktf-mesos-")
        self._lock = threading.Lock()
        self._started: list[subprocess.Popen[bytes]] = []
        self._closed = False
        self._messages = (Path(self._directory.name) / "messages").open("a+b")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(f"{self._directory.name}/engine.sock")
        self._socket.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The URL of the socket, for a client on this machine."""
        return f"unix://{self._directory.name}/engine.sock"

    def last_message(self) -> str:
        """The last line that ssh wrote to standard error; empty if it wrote nothing."""
        with contextlib.suppress(ValueError):
            self._messages.seek(0)
            lines = [line.strip() for line in self._messages.read().decode(errors="replace").splitlines()]
            return next((line for line in reversed(lines) if line), "")
        return ""

    def close(self) -> None:
        """End all connections."""
        with self._lock:
            self._closed = True
            for process in self._started:
                # The process's group includes the proxy command.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
        # Only this wakes a thread that waits in `accept`.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for process in self._started:
            process.wait()
        self._messages.close()
        self._directory.cleanup()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, self._lock:
                    if not self._closed:
                        self._started.append(self._ssh(connection.fileno()))

    def _ssh(self, end: int) -> subprocess.Popen[bytes]:
        # ssh writes its messages to a file: a connection that it keeps for the next login would hold a pipe open.
        return subprocess.Popen(self._words, stdin=end, stdout=end, stderr=self._messages, start_new_session=True)
