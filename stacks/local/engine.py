"""What the engine of this machine says about itself, before a deploy."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection, HTTPException
from typing import Any

_SCHEME = "unix://"

# How long the engine may take for each answer, in seconds. It answers within a fraction of one.
_PATIENCE = 3


class _Engine(HTTPConnection):
    """A connection to an engine's socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(self._path)

    def ask(self, path: str) -> dict[str, Any]:
        self.request("GET", path)
        answer = json.loads(self.getresponse().read())
        return answer if isinstance(answer, dict) else {}


def known_of(engine: str) -> dict[str, Any]:
    """The arguments of `DockerHost` that say what is known of an engine and its machine. Without an answer, none.

    The platform `local` has only one stack. A check in it could not come before the containers that a deploy replaces.
    So the program asks the engine when it runs, but only an engine with a socket on this machine.
    """
    if not engine.startswith(_SCHEME):
        return {}
    connection = _Engine(engine.removeprefix(_SCHEME))
    try:
        version, info = connection.ask("/version"), connection.ask("/info")
    except (OSError, HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    cgroup = info.get("CgroupVersion")
    known = {
        "engine_version": version.get("Version"),
        "least_api": version.get("MinAPIVersion"),
        "cgroup_version": int(cgroup) if cgroup in ("1", "2") else None,
    }
    return {argument: value for argument, value in known.items() if value}
