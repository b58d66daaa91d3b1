"""A framework that speaks libprocess's own protocol (v0) with the master, as the driver in Marathon does.

Masters know such a framework by its address, so tests can try what somebody does who forges that address.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType

from sandbox.stand_ins.mesos_executor.protocol import PACKAGE, Message, Pid, read_message

CALL = "mesos.scheduler.Call"
# The types of calls (include/mesos/scheduler/scheduler.proto).
_SUBSCRIBE, _TEARDOWN = 1, 2

_DEADLINE = 20  # seconds


def field(number: int, content: bytes | str) -> bytes:
    """A field of a protobuf message with a length: text, bytes, or another message of less than 128 bytes."""
    data = content.encode() if isinstance(content, str) else content
    if len(data) > 127:
        raise ValueError(f"a field of {len(data)} bytes: this encoder has lengths of one byte only")
    return bytes([number << 3 | 2, len(data)]) + data


def teardown(framework: str) -> bytes:
    """The call that ends a framework."""
    return field(1, field(1, framework)) + bytes([2 << 3, _TEARDOWN])


def post(to: Pid, name: str, body: bytes, sender: Pid, source: str) -> None:
    """Send a message to a process.

    Args:
        to: the process.
        name: the message's full name, such as `mesos.scheduler.Call`.
        body: the serialized message.
        sender: what the message says about its sender. libprocess believes it.
        source: the address that the connection comes from.
    """
    head = (
        f"POST /{to.id}/{name} HTTP/1.1",
        f"User-Agent: libprocess/{sender}",
        f"Libprocess-From: {sender}",
        "Connection: Keep-Alive",
        "Host: ",
        f"Content-Length: {len(body)}",
        "\r\n",
    )
    with socket.create_connection((to.host, to.port), timeout=5, source_address=(source, 0)) as connection:
        connection.sendall("\r\n".join(head).encode() + body)
        connection.settimeout(1)
        # A message has no answer. Closing at once could lose it.
        with suppress(TimeoutError):
            connection.recv(200)


class V0Framework:
    """A framework without tasks. It subscribes when it is entered, and stays registered afterwards.

    Args:
        master: the leading master's address, such as `10.0.0.1:5050`.
        address: its own address.
        principal: its principal; by default it has none.
        secret: the secret with which it authenticates (CRAM-MD5); by default it does not.
    """

    def __init__(self, master: str, address: str, principal: str | None = None, secret: str | None = None) -> None:
        self._server = socket.create_server((address, 0))
        self.pid = Pid("scheduler-1", *self._server.getsockname())
        self._master = Pid.parse(f"master@{master}")
        self._principal, self._secret = principal, secret
        self._heard: dict[str, Message] = {}
        self._news = threading.Condition()
        self.id = ""
        self.error: str | None = None

    def __enter__(self) -> V0Framework:
        threading.Thread(target=self._listen, daemon=True).start()
        if self._secret is not None and not self._authenticate(self._secret):
            self.error = "authentication failed"
            return self
        principal = field(8, self._principal) if self._principal else b""
        info = field(1, "root") + field(2, "v0") + principal
        self._send(self._master, CALL, bytes([2 << 3, _SUBSCRIBE]) + field(3, field(1, info)))
        heard = self._wait("FrameworkRegisteredMessage", "FrameworkErrorMessage")
        if heard.name == "FrameworkErrorMessage":
            self.error = _texts(heard.body)[2].decode()
        else:
            self.id = _texts(_texts(heard.body)[1])[1].decode()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        if self.id:
            self._send(self._master, CALL, teardown(self.id))
        self._server.close()

    def _authenticate(self, secret: str) -> bool:
        """CRAM-MD5 (RFC 2195), as src/authentication/cram_md5 has it: the answer is the principal and a digest."""
        self._send(self._master, f"{PACKAGE}AuthenticateMessage", field(1, str(self.pid)))
        mechanisms = self._wait("AuthenticationMechanismsMessage", "AuthenticationErrorMessage")
        if mechanisms.name == "AuthenticationErrorMessage":
            return False
        session = Pid.parse(mechanisms.sender)
        self._send(session, f"{PACKAGE}AuthenticationStartMessage", field(1, "CRAM-MD5"))
        challenge = _texts(self._wait("AuthenticationStepMessage").body)[1]
        digest = hmac.new(secret.encode(), challenge, hashlib.md5).hexdigest()
        self._send(session, f"{PACKAGE}AuthenticationStepMessage", field(1, f"{self._principal} {digest}"))
        ends = ("AuthenticationCompletedMessage", "AuthenticationFailedMessage", "AuthenticationErrorMessage")
        return self._wait(*ends).name == ends[0]

    def _send(self, to: Pid, name: str, body: bytes) -> None:
        post(to, name, body, self.pid, self.pid.host)

    def _wait(self, *names: str) -> Message:
        """The first message of these names.

        Raises:
            TimeoutError: none came in time.
        """
        with self._news:
            if not self._news.wait_for(lambda: any(name in self._heard for name in names), _DEADLINE):
                raise TimeoutError(f"{self._master} has sent none of {', '.join(names)} in {_DEADLINE} s")
            return next(self._heard.pop(name) for name in names if name in self._heard)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while message := read_message(stream):
                with self._news:
                    self._heard[message.name] = message
                    self._news.notify_all()


def _texts(message: bytes) -> Mapping[int, bytes]:
    """The fields with a length of a protobuf message, by number. Others are skipped."""
    found, at = {}, 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 2:
            size = varint()
            found[key >> 3] = message[at : at + size]
            at += size
        elif key & 7 == 0:
            varint()
        else:
            at += 8 if key & 7 == 1 else 4
    return found


def main() -> None:
    """Keep a framework registered until standard input ends. Arguments: master, address, principal.

    The first line of standard input is the secret; an empty one is none. Prints the framework's id and pid.
    """
    master, address, principal = sys.argv[1:]
    with V0Framework(master, address, principal, sys.stdin.readline().strip() or None) as framework:
        if framework.error:
            sys.exit(framework.error)
        print(framework.id, framework.pid, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
