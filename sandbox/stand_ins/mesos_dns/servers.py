"""Listens for DNS questions, by UDP and TCP."""

from __future__ import annotations

import logging
import socketserver
import struct
import threading

from dnslib import DNSError  # type: ignore[import-untyped]

from .answers import Answers

log = logging.getLogger(__name__)

# How long a client may take to send a question by TCP, in seconds.
_PATIENCE = 5


class _Udp(socketserver.ThreadingUDPServer):
    """Answers by UDP."""

    allow_reuse_address = False
    daemon_threads = True
    answers: Answers


class _Tcp(socketserver.ThreadingTCPServer):
    """Answers by TCP."""

    allow_reuse_address = True
    daemon_threads = True
    answers: Answers


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        question, connection = self.request
        if answer := _answered(self.server.answers, question, "udp"):
            connection.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: _Tcp
    timeout = _PATIENCE

    def handle(self) -> None:
        try:
            while len(size := self.rfile.read(2)) == 2:
                question = self.rfile.read(struct.unpack("!H", size)[0])
                answer = _answered(self.server.answers, question, "tcp")
                if answer is None:
                    return
                self.wfile.write(struct.pack("!H", len(answer)) + answer)
        except OSError:  # the client has gone, or took too long
            return


def _answered(answers: Answers, question: bytes, protocol: str) -> bytes | None:
    """The answer; None if there is no question to answer."""
    try:
        return answers.answer(question, protocol)
    except (DNSError, ValueError) as error:
        log.warning("a question that cannot be read: %s", error)
        return None


def listen(answers: Answers, address: str, port: int) -> int:
    """Listen by both, in threads; return the port, which is another one if it is 0.

    Raises:
        OSError: another process has the port.
    """
    tcp = _Tcp((address, port), _TcpHandler)
    udp = _Udp((address, tcp.server_address[1]), _UdpHandler)
    for server in (tcp, udp):
        server.answers = answers
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(tcp.server_address[1])
