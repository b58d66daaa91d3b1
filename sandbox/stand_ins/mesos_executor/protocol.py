"""libprocess's protocol: HTTP requests with a protobuf message as body. No answer is expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

PACKAGE = "mesos.internal."
"""The protobuf package of the messages between agent and executor."""


@dataclass(frozen=True)
class Pid:
    """The address of a libprocess process: `slave(1)@10.0.0.1:5051`."""

    id: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Pid:
        """Reads what `str` writes.

        Raises:
            ValueError: the text is not a pid.
        """
        name, at, address = text.partition("@")
        host, colon, port = address.rpartition(":")
        if not (name and at and host and colon and port.isdecimal()):
            raise ValueError(f"not a pid of libprocess: {text!r}")
        return cls(name, host, int(port))

    def __str__(self) -> str:
        return f"{self.id}@{self.host}:{self.port}"


@dataclass(frozen=True)
class Message:
    """A message: its name without the package, the sender's pid, and the serialized protobuf."""

    name: str
    sender: str
    body: bytes


def read_message(stream: BinaryIO) -> Message | None:
    """The next message of a connection; None at its end.

    Raises:
        ValueError: the data are not a complete message.
    """
    first = stream.read(1)
    if not first:
        return None
    # As libprocess's own parser, give up at the first byte of anything else. The peer of an agent with TLS sends a
    # handshake, waits for an answer to it, and tries again without TLS when the connection ends.
    if first != b"P":
        raise ValueError(f"not a request of libprocess: it begins with {first!r}")
    request = first + stream.readline()
    words = request.split()
    if len(words) != 3 or words[0] != b"POST":
        raise ValueError(f"not a request of libprocess: {request!r}")
    headers = _read_headers(stream)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _read_chunks(stream)
    else:
        body = _read_exactly(stream, int(headers.get("content-length", "0")))
    name = words[1].decode().rpartition("/")[2].removeprefix(PACKAGE)
    sender = headers.get("libprocess-from") or headers.get("user-agent", "").removeprefix("libprocess/")
    return Message(name, sender, body)


def write_message(message: Message, to: Pid) -> bytes:
    """The HTTP request that sends a message to a process."""
    head = (
        f"POST /{to.id}/{PACKAGE}{message.name} HTTP/1.1",
        f"User-Agent: libprocess/{message.sender}",
        f"Libprocess-From: {message.sender}",
        "Connection: Keep-Alive",
        "Host: ",
        f"Content-Length: {len(message.body)}",
        "\r\n",
    )
    return "\r\n".join(head).encode() + message.body


def load_messages(descriptors: Path) -> Callable[[str], Any]:
    """A function that returns a message's class by its name without the package.

    Args:
        descriptors: a file with a serialized FileDescriptorSet.
    """
    # Only the image has protobuf.
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped,unused-ignore]

    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
        pool.AddSerializedFile(file.SerializeToString())
    # Newer releases of protobuf have the function, Debian 12's 3.21 has the method.
    new = getattr(message_factory, "GetMessageClass", None)
    get = new or message_factory.MessageFactory(pool).GetPrototype
    return lambda name: get(pool.FindMessageTypeByName(PACKAGE + name))


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers = {}
    while line := _read_line(stream).strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return headers


def _read_chunks(stream: BinaryIO) -> bytes:
    body = b""
    while size := int(_read_line(stream).partition(b";")[0], 16):
        body += _read_exactly(stream, size)
        _read_line(stream)
    _read_headers(stream)
    return body


def _read_line(stream: BinaryIO) -> bytes:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise ValueError("the connection ended within a message")
    return line


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise ValueError("the connection ended within a message")
    return data
