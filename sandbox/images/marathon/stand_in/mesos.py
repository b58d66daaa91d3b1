"""The scheduler side of Mesos's v1 HTTP API, with the standard library.

pymesos would do the same, but it needs http-parser, which comes as source only, with C from a Cython that is too old
for Python 3.11 ("longintrepr.h: No such file").
Source: https://mesos.apache.org/documentation/latest/scheduler-http-api/
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

# A master sends a heartbeat every 15 seconds. After three that did not come it is gone, or its host is.
SILENCE = 45.0


class MesosError(Exception):
    """The master did not take a call."""


class Subscription:
    """One subscription with one master. Calls may come from any thread.

    Args:
        master: `host:port` of the leading master.
        credentials: `principal:secret` or nothing.
    """

    def __init__(self, master: str, credentials: str = "") -> None:
        self.master = master
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if credentials:
            self._headers["Authorization"] = "Basic " + base64.b64encode(credentials.encode()).decode()
        self._connection = http.client.HTTPConnection(master, timeout=5)
        self._closed = False
        self._framework_id: Json | None = None

    def events(self, framework: Json) -> Iterator[Json]:
        """Subscribes and gives what the master sends, until the connection ends.

        Raises:
            MesosError: refused.
            OSError: unreachable, or silent.
        """
        call: Json = {"type": "SUBSCRIBE", "subscribe": {"framework_info": framework}}
        if "id" in framework:
            call["framework_id"] = framework["id"]
        self._connection.connect()
        if self._closed:  # while it was connecting
            raise MesosError("another master leads")
        self._connection.sock.settimeout(SILENCE)
        self._connection.request("POST", "/api/v1/scheduler", json.dumps(call), self._headers)
        answer = self._connection.getresponse()
        if answer.status == 307:  # not the leader: comes without a scheme
            self.master = urlsplit(answer.headers["Location"], "http").netloc
            raise MesosError(f"the leading master is {self.master}")
        if answer.status != 200:
            raise MesosError(f"SUBSCRIBE: HTTP {answer.status} {answer.read(1000).decode(errors='replace')}")
        self._headers["Mesos-Stream-Id"] = answer.headers["Mesos-Stream-Id"]
        while length := answer.readline().strip():  # RecordIO: "<length>\n<record>"
            event: Json = json.loads(answer.read(int(length)))
            if event["type"] == "SUBSCRIBED":
                self._framework_id = event["subscribed"]["framework_id"]
            yield event

    def call(self, kind: str, **body: Any) -> None:
        """Any other call; the body goes under the name of its kind.

        Raises:
            MesosError: refused, or the master cannot be reached.
        """
        call = {"type": kind, "framework_id": self._framework_id} | ({kind.lower(): body} if body else {})
        connection = http.client.HTTPConnection(self._connection.host, self._connection.port, timeout=10)
        try:
            connection.request("POST", "/api/v1/scheduler", json.dumps(call), self._headers)
            answer = connection.getresponse()
            if answer.status != 202:
                raise MesosError(f"{kind}: HTTP {answer.status} {answer.read(1000).decode(errors='replace')}")
        except (OSError, http.client.HTTPException) as error:
            raise MesosError(f"{kind}: {error}") from error
        finally:
            connection.close()

    def close(self) -> None:
        """Ends the connection under a reader in another thread. The framework stays registered."""
        self._closed = True
        with suppress(OSError):
            if self._connection.sock:
                self._connection.sock.shutdown(socket.SHUT_RDWR)
