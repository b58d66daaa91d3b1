"""Servers that answer as a component would, for the scripts that ask them."""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

HERE = "127.0.0.1"
SERVING = "Zookeeper version: 3.9.4-abc, built on 2025-08-19\nMode: follower\nNode count: 5\n"
ALONE = SERVING.replace("follower", "standalone")
NOT_SERVING = "This ZooKeeper instance is not currently serving requests\n"


@contextmanager
def answering(
    answer: str | Mapping[str, str | None] | None,
    address: str = HERE,
    port: int = 0,
    login: str | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[int]:
    """A server that reads one line and sends one answer, or the one for a word of the line. Yields its port.

    Of a request over HTTP it also reads the headers: if it closed the connection before them, a client that still
    sends them would be ended by SIGPIPE. If the answer is None, it keeps the connection open and sends nothing. If
    there is a login, it refuses a request without that login. With `tls` it answers over TLS only; without, it closes
    the connection at a TLS handshake, as Mesos does.
    """

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if tls is None and self.connection.recv(1, socket.MSG_PEEK) == b"\x16":
                return
            line = self.rfile.readline().decode()
            known = answer if isinstance(answer, Mapping) else {"": answer}
            text = next((a for word, a in known.items() if word in line), "")
            read = iter(lambda: self.rfile.readline().decode().strip(), "")
            headers = list(read) if "HTTP/" in line else []
            if login is not None and f"Authorization: Basic {login}" not in headers:
                text = "HTTP/1.1 401 Unauthorized\r\n\r\n"
            if text is None:
                self.rfile.read()
            else:
                self.wfile.write(text.encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            # In the request's own thread.
            with suppress(OSError):
                super().finish_request(tls.wrap_socket(request, server_side=True) if tls else request, client_address)

    with Server((address, port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def unescaped(text: str) -> str:
    """The value that Terraform gives to a text without expressions."""
    assert not re.search(r"(?<![$])[$]{|(?<!%)%{", text)
    return text.replace("$${", "${").replace("%%{", "%{")


def container_words(words: Sequence[str]) -> list[str]:
    """The words of a synthesised command as a container gets them."""
    return [unescaped(word) for word in words]


def healthy(test: list[str]) -> bool:
    """Whether a health check, in Docker's form, succeeds."""
    assert test[0] == "CMD"
    return subprocess.run(test[1:], capture_output=True, timeout=20, check=False).returncode == 0


def seconds_per_question(script: str, seconds: int) -> str:
    """The script with a shorter time limit for questions, so that tests of members that never answer are short."""
    assert "limited 3 " in script
    return script.replace("limited 3 ", f"limited {seconds} ")


def metrics(**values: str) -> str:
    """An answer of Mesos with the given gauges."""
    body = ",".join(f'"{name.replace("__", chr(47))}":{value}' for name, value in values.items())
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{{{body}}}"
