"""The HTTP servers of every instance: answer `/ping` themselves, and pass all other requests to the leader."""

from __future__ import annotations

import base64
import http.client
import json
import logging
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from .api import Answer, Api, Request
from .flags import Flags
from .keystore import Keystore
from .name import NAME

log = logging.getLogger(__name__)

# Marathon's own header names (LeaderProxyFilter.scala).
EVENTS = "/v2/events"
LEADER, VIA = "X-Marathon-Leader", "X-Marathon-Via"
FORWARDED = ("Content-Type", "Accept", "Authorization")


class Server(ThreadingHTTPServer):
    """Listens as soon as it is constructed; answers as soon as `serve_forever` is called.

    Args:
        flags: the process's flags.
        leader: returns the `host:port` of the leader's API.
        keystore: the keystore of an instance with https; None if it has none.
        https: whether this is the server for https.
    """

    daemon_threads = True

    def __init__(
        self, flags: Flags, leader: Callable[[], str | None], keystore: Keystore | None = None, *, https: bool = False
    ) -> None:
        place = (flags.https_address, flags.https_port) if https else (flags.http_address, flags.http_port)
        super().__init__(place, Handler)
        self.flags, self.leader, self.keystore = flags, leader, keystore
        self._context = keystore.for_servers() if keystore and https else None
        self.api: Api | None = None  # set when this instance leads and has read its state

    def get_request(self) -> tuple[socket.socket, object]:
        """The handshake is done in the request's own thread."""
        connection, client = super().get_request()
        if self._context:
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, client


def servers(flags: Flags, leader: Callable[[], str | None]) -> list[Server]:
    """The servers of an instance: for http, for https, or for both."""
    keystore = Keystore(flags.ssl_keystore_path, flags.ssl_keystore_password) if flags.ssl_keystore_path else None
    return [
        Server(flags, leader, keystore, https=https)
        for https, wanted in ((False, flags.http), (True, keystore is not None))
        if wanted
    ]


class Handler(BaseHTTPRequestHandler):
    """Handles one request."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "marathon-stand-in"

    def do_GET(self) -> None:  # the name that http.server calls
        """Handles all methods alike; the API's routes distinguish them."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._streams():
            return
        answer = self._answer(body)
        text = isinstance(answer.body, (str, bytes))
        content = answer.body if text else json.dumps(answer.body, ensure_ascii=False)
        data = content if isinstance(content, bytes) else content.encode()
        self.send_response(answer.status)
        headers = {"Content-Type": "text/plain; charset=utf-8" if text else "application/json"} | dict(answer.headers)
        headers |= {"X-Stand-In": NAME, "Cache-Control": "no-cache, no-store, must-revalidate"}
        for name, value in (headers | {"Content-Length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _answer(self, body: bytes) -> Answer:
        if not self._authorized():
            return Answer(
                401, {"message": "Invalid username or password."}, {"WWW-Authenticate": 'Basic realm="Mesosphere"'}
            )
        url = urlsplit(self.path)
        method = "GET" if self.command == "HEAD" else self.command
        leader = self.server.flags.address if self.server.api else self.server.leader()
        # The real one passes these on as well. Here only with https, whose stages depend on it.
        if self.server.keystore and leader and leader != self.server.flags.address and url.path != EVENTS:
            return self._passed_on(leader, body)
        if url.path == "/ping":
            return Answer(200, "pong")
        if url.path == EVENTS and method == "GET":
            # The leader streams them. From 1.7 on, the others redirect to it.
            if self.server.api:
                return Answer(405, {"message": "HTTP method GET is not supported by this URL"})
            if leader and leader != self.server.flags.address:
                return Answer(302, "", {"Location": f"{self.server.flags.scheme}://{leader}{self.path}"})
        if url.path == "/v2/leader" and method == "GET":
            return Answer(200, {"leader": leader}) if leader else Answer(404, {"message": "There is no leader"})
        if self.server.api:
            request = Request(
                method, unquote(url.path), dict(parse_qsl(url.query)), body, self.headers.get("Accept", "")
            )
            answer = self.server.api.answer(request)
            return Answer(
                answer.status,
                answer.body,
                {LEADER: f"{self.server.flags.scheme}://{self.server.flags.address}", **answer.headers},
            )
        if not leader or leader == self.server.flags.address:
            return Answer(503, {"message": "Could not determine the current leader"})
        return self._passed_on(leader, body)

    def _passed_on(self, leader: str, body: bytes) -> Answer:
        if VIA in self.headers:
            return Answer(502, {"message": "Detected proxying loop"})
        return self._from_leader(leader, body)

    def _from_leader(self, leader: str, body: bytes) -> Answer:
        flags = self.server.flags
        via = f"1.1 {flags.address}"
        seconds = flags.leader_proxy_connection_timeout / 1000
        connection = http.client.HTTPConnection(leader, timeout=seconds)
        if self.server.keystore and not flags.http:
            context = self.server.keystore.for_clients(check_hostname=not flags.leader_proxy_ssl_ignore_hostname)
            connection = http.client.HTTPSConnection(leader, timeout=seconds, context=context)
        try:
            connection.connect()
            connection.sock.settimeout(flags.leader_proxy_read_timeout / 1000)
            headers = {name: self.headers[name] for name in FORWARDED if name in self.headers}
            connection.request(self.command, self.path, body, headers | {VIA: via})
            answer = connection.getresponse()
            kept = {
                name: answer.headers[name] for name in ("Content-Type", "Location", LEADER) if name in answer.headers
            }
            return Answer(answer.status, answer.read(), kept | {VIA: via})
        except (OSError, http.client.HTTPException) as error:
            return Answer(502, {"message": f"Failed to get a response from the leader {leader}: {error}"})
        finally:
            connection.close()

    def _streams(self) -> bool:
        """Streams events to a client that asks for them; returns whether it did."""
        url, api = urlsplit(self.path), self.server.api
        if url.path != EVENTS or not api or not self._authorized():
            return False
        if self.command != "GET" or "text/event-stream" not in self.headers.get("Accept", ""):
            return False
        self.close_connection = True
        self.send_response(200)
        for name, value in {"Content-Type": "text/event-stream;charset=utf-8", "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        kinds = {value for name, value in parse_qsl(url.query) if name == "event_type"}
        stream = api.events.listen(self.client_address[0], kinds)
        # The client has gone.
        with suppress(OSError), closing(stream):
            for part in stream:
                self.wfile.write(part)
        return True

    def _authorized(self) -> bool:
        credentials = self.server.flags.http_credentials
        expected = "Basic " + base64.b64encode(credentials.encode()).decode()
        return not credentials or self.headers.get("Authorization") == expected

    def log_message(self, format: str, *args: object) -> None:  # the name in http.server
        """Writes requests to the same log as everything else."""
        log.debug(format, *args)
