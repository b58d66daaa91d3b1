"""The HTTP API, without a password. What it does not know it answers as Mesos-DNS does: 200 with one empty record."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .config import Config
from .name import NAME
from .refresh import Names
from .release import Release

log = logging.getLogger(__name__)


class Api:
    """Answers requests.

    Args:
        config: the configuration.
        release: the release of Mesos-DNS.
        names: the names that are served.
    """

    def __init__(self, config: Config, release: Release, names: Names) -> None:
        self._config, self._release, self._names = config, release, names

    def answer(self, path: str) -> Any:
        """The JSON for a path; None if there is nothing at it."""
        version, _, rest = path.strip("/").partition("/")
        what, _, name = rest.partition("/")
        if version != "v1" or "/" in name:
            return None
        known: dict[str, Callable[[], Any]] = {"version": self._version, "config": lambda: self._config.given}
        known |= {"enumerate": self._enumerate} if self._release.lists_names and self._config.enumerationon else {}
        known |= {"axfr": self._transfer} if self._release.transfers and self._config.enumerationon else {}
        if what in known and not name:
            return known[what]()
        asked = f"{name.rstrip('.').lower()}."
        if what == "hosts":
            return self._hosts(asked) or [{"host": "", "ip": ""}]
        if what == "services":
            return self._services(asked) or [{"service": "", "host": "", "ip": "", "port": ""}]
        return None

    def _version(self) -> dict[str, str]:
        version = self._release.version.removeprefix("v")
        return {"Service": "Mesos-DNS", "URL": "", "Version": version, "StandIn": NAME}

    def _hosts(self, name: str) -> list[dict[str, str]]:
        return [{"host": name, "ip": address} for address in self._names.records.a.get(name, [])]

    def _services(self, name: str) -> list[dict[str, str]]:
        records = self._names.records
        return [
            {"service": name.rstrip("."), "host": target, "ip": (records.a.get(target) or [""])[0], "port": str(port)}
            for target, port in records.srv.get(name, [])
        ]

    def _enumerate(self) -> dict[str, Any]:
        frameworks: dict[str, list[dict[str, Any]]] = {}
        for task in self._names.records.tasks:
            records = [{"name": name, "host": host, "rtype": kind} for name, host, kind in task["made"]]
            frameworks.setdefault(task["framework"], []).append(
                {"name": task["name"], "id": task["id"], "records": records}
            )
        return {"frameworks": [{"name": name, "tasks": tasks} for name, tasks in frameworks.items()]}

    def _transfer(self) -> dict[str, Any]:
        records, config = self._names.records, self._config
        services = {name: [f"{target}:{port}" for target, port in found] for name, found in records.srv.items()}
        return {
            "TTL": config.ttl,
            "Mname": f"{config.soamname.rstrip('.')}.",
            "Rname": f"{config.soarname.rstrip('.')}.",
            "Serial": self._names.serial,
            "RefreshSeconds": config.refreshseconds,
            "Domain": config.domain,
            "Records": {"A": records.a, "SRV": services},
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    api: Api


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "mesos-dns-stand-in"

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer a request."""
        found = self.server.api.answer(self.path)
        data = json.dumps({"message": f"nothing is here in the {NAME}"} if found is None else found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Stand-In", NAME)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # the name in http.server
        """Write requests to the same log as everything else."""
        log.debug(format, *args)


def listen(api: Api, address: str, port: int) -> int:
    """Listen, in a thread; return the port, which is another one if it is 0."""
    server = _Server((address, port), _Handler)
    server.api = api
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])
