"""A client of a host's Docker engine, over the same connection as a deploy."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from docker.tls import TLSConfig
from requests import RequestException

from cdktf_mesos.operations.connections import Connection, Host
from cdktf_mesos.operations.relay import Relay

Client: TypeAlias = docker.APIClient

ERRORS = (DockerException, RequestException, OSError)
"""What the client of an engine raises."""


@contextlib.contextmanager
def engine(connection: Connection, seconds: float) -> Iterator[Client]:
    """A client of the engine.

    Args:
        connection: how the engine is reached.
        seconds: how long an answer may take.

    Raises:
        RuntimeError: the engine cannot be reached, or refuses a request. The message has the reason, in one line.
    """
    with contextlib.ExitStack() as stack:
        relay = None
        try:
            if connection.engine.startswith("ssh://"):
                if not connection.login:
                    raise OSError("it is not ssh://user@host:port")
                relay = Relay(connection.login)
                stack.callback(relay.close)
            url = relay.url if relay else connection.engine
            tls = _tls(connection, stack) if url.startswith("tcp://") else False
            client = docker.APIClient(base_url=url, version="auto", timeout=int(seconds), tls=tls)
            stack.callback(client.close)
            yield client
        except APIError as problem:
            raise RuntimeError(f"{connection.engine}: {problem.explanation or problem}") from None
        except ERRORS as problem:
            from_ssh = relay.last_message() if relay else ""
            lines = str(problem).strip().splitlines()
            why = from_ssh or (lines[-1] if lines else type(problem).__name__)
            raise RuntimeError(f"{connection.engine} cannot be reached: {why}") from None


def engine_of(host: Host, seconds: float) -> contextlib.AbstractContextManager[Client]:
    """A client of a host's engine; see `engine`.

    Raises:
        RuntimeError: the connection of the host is not known. The message has the reason.
    """
    if host.connection is None:
        raise RuntimeError(host.error)
    return engine(host.connection, seconds)


def pull(client: Client, image: str, connection: Connection) -> bool:
    """Pull an image if the engine does not have it; returns whether it was pulled."""
    try:
        client.inspect_image(image)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        login = dict(connection.registries.get(image.partition("/")[0], {}))
        if file := login.pop("config_file", None):
            client.reload_login(dockercfg_path=file)  # type: ignore[attr-defined]
        client.pull(image, auth_config=login or None)
        return True
    return False


def _tls(connection: Connection, stack: contextlib.ExitStack) -> TLSConfig:
    directory = Path(connection.cert_path)
    if not connection.cert_path:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cdktf-mesos-")))
        for name, text in (("ca.pem", connection.ca), ("cert.pem", connection.cert), ("key.pem", connection.key)):
            (directory / name).touch(mode=0o600)
            (directory / name).write_text(text)
    certificate = (str(directory / "cert.pem"), str(directory / "key.pem"))
    return TLSConfig(client_cert=certificate, ca_cert=str(directory / "ca.pem"), verify=True)
