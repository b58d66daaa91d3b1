"""Reaches masters over TLS, as Mesos's library in Marathon does with `LIBPROCESS_SSL_…`. pymesos has no TLS.

Source: docs/ssl.md of apache/mesos.
"""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Mapping

_PREFIX = "LIBPROCESS_SSL_"
_SECONDS = 5


class Tunnel:
    """A port of this machine from which connections go on to a master, over TLS.

    Args:
        environment: the process's variables.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._context = _context(environment)
        self._downgrades = environment.get(f"{_PREFIX}SUPPORT_DOWNGRADE") == "true"
        self._master = ("", 0)
        tunnel = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError), tunnel.connect() as master:
                    _forward(self.request, master)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, name="tls", daemon=True).start()

    def to(self, master: str) -> str:
        """The `host:port` that leads to the master from now on."""
        host, _, port = master.rpartition(":")
        self._master = (host, int(port))
        return f"127.0.0.1:{self._server.server_address[1]}"

    def connect(self) -> socket.socket:
        """A connection to the master: without TLS only if it has none, and this may be."""
        plain = socket.create_connection(self._master, timeout=_SECONDS)
        try:
            connection: socket.socket = self._context.wrap_socket(plain, server_hostname=self._master[0])
        except OSError:
            plain.close()
            if not self._downgrades:
                raise
            connection = socket.create_connection(self._master, timeout=_SECONDS)
        connection.settimeout(None)
        return connection


def tunnel_of(environment: Mapping[str, str]) -> Tunnel | None:
    """The tunnel of a process; None if its variables have no TLS."""
    return Tunnel(environment) if environment.get(f"{_PREFIX}ENABLED") == "true" else None


def _context(environment: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=environment[f"{_PREFIX}CA_FILE"])
    context.load_cert_chain(environment[f"{_PREFIX}CERT_FILE"], environment[f"{_PREFIX}KEY_FILE"])
    if environment.get(f"{_PREFIX}VERIFY_CERT") != "true":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _forward(client: socket.socket, master: socket.socket) -> None:
    """Copies what each end sends to the other, until one closes the connection."""
    ends = {client: master, master: client}
    while True:
        has_rest = isinstance(master, ssl.SSLSocket) and master.pending()
        ready = [master] if has_rest else select.select(list(ends), [], [])[0]
        for end in ready:
            data = end.recv(65536)
            if not data:
                return
            ends[end].sendall(data)
