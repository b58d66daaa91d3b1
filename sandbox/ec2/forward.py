"""Public addresses: forwards connections to an address on this machine's loopback to the host that has the address."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import socketserver
import threading
from collections.abc import Mapping

from sandbox.ec2.journal import Journal

_PORT = 22


class Forwards:
    """Forwards port 22 of the public addresses in use.

    Args:
        journal: where addresses that cannot be listened on are reported.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._servers: dict[tuple[str, str], _Server] = {}

    def update(self, wanted: Mapping[str, str]) -> None:
        """Listens on exactly these public addresses; each is given with the private one that it leads to."""
        for pair in set(self._servers) - set(wanted.items()):
            self._servers.pop(pair).close()
        for public, private in set(wanted.items()) - set(self._servers):
            if not ipaddress.ip_address(public).is_loopback:
                self._journal.fail(f"{public} is not an address of this machine's loopback, as moto's addresses are")
                continue
            try:
                self._servers[public, private] = _Server(public, private)
            except OSError as problem:
                self._journal.fail(f"{public}:{_PORT} cannot be listened on: {problem}")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, public: str, private: str) -> None:
        super().__init__((public, _PORT), _Connection)
        self.private = private
        self.open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops the server and its connections."""
        self.shutdown()
        self._thread.join()
        for each in tuple(self.open):
            _hang_up(each, socket.SHUT_RDWR)
        self.server_close()


class _Connection(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        """Copies in both directions until both have ended."""
        with contextlib.suppress(OSError):
            inside = socket.create_connection((self.server.private, _PORT), timeout=10)
            inside.settimeout(None)
            ends = {self.request, inside}
            self.server.open |= ends
            try:
                back = threading.Thread(target=_copy, args=(inside, self.request), daemon=True)
                back.start()
                _copy(self.request, inside)
                back.join()
            finally:
                self.server.open -= ends
                inside.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    # The other direction may go on.
    _hang_up(target, socket.SHUT_WR)


def _hang_up(end: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(how)
