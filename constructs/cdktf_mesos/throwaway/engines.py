"""The engine that a throwaway cluster gets: the one that the docker command would use."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from docker.context import ContextAPI
from docker.errors import DockerException

from cdktf_mesos.errors import invalid
from cdktf_mesos.operations.connections import Connection

# The engine of the docker command by default.
_DEFAULT = "unix:///var/run/docker.sock"


def chosen(environment: Mapping[str, str]) -> Connection:
    """The engine of `DOCKER_HOST`, of the context `DOCKER_CONTEXT`, or of the docker command's current context.

    Args:
        environment: the environment variables.

    Raises:
        ValueError: there is no such context, or the engine has no TLS.
    """
    if host := environment.get("DOCKER_HOST"):
        certificates = environment.get("DOCKER_CERT_PATH") or str(Path.home() / ".docker")
        return _checked("DOCKER_HOST", Connection(host, cert_path=certificates if _needs_tls(host) else ""))
    name = environment.get("DOCKER_CONTEXT") or None
    try:
        context = ContextAPI.get_context(name) if name else ContextAPI.get_current_context()
    except DockerException as problem:
        raise ValueError(f"the context of the docker command cannot be read: {problem}") from None
    if context is None:
        raise invalid("engine", "DOCKER_CONTEXT", name, "Use one that `docker context ls` shows, or set DOCKER_HOST")
    engine = context.Host or _DEFAULT
    # The docker command keeps a context's ca.pem, cert.pem and key.pem there (docker/cli, context/store).
    certificates = f"{context.tls_path}/docker" if _needs_tls(engine) else ""
    return _checked("context", Connection(engine, cert_path=certificates))


def address_of(connection: Connection) -> str:
    """The address that members listen on by default: the engine's machine, and 127.0.0.1 if that is this one.

    Raises:
        ValueError: the engine's machine has no IPv4 address.
    """
    if connection.engine.startswith("unix://"):
        return "127.0.0.1"
    host = urlsplit(connection.engine).hostname or ""
    try:
        return socket.gethostbyname(host)
    except OSError:
        raise invalid("engine", "address", host, "Give the machine's IPv4 address with --address") from None


def _needs_tls(engine: str) -> bool:
    return engine.startswith("tcp://")


def _checked(where: str, connection: Connection) -> Connection:
    missing = [
        name
        for name in ("ca.pem", "cert.pem", "key.pem")
        if connection.cert_path and not (Path(connection.cert_path) / name).is_file()
    ]
    if missing:
        remedy = f"Use unix:// or ssh://, or put {', '.join(missing)} into {connection.cert_path}, DOCKER_CERT_PATH"
        raise invalid("engine", where, connection.engine, remedy)
    return connection
