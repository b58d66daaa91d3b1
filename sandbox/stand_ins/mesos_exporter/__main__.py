"""The main program: `python3 -m stand_in -addr=10.0.0.1:9105 -master=http://10.0.0.1:5050`, or with `-slave=…`."""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import urllib.request
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import metrics
from .name import NAME

# Flags of mesos_exporter 1.1.2 that have no effect here (main.go). The package flag of Go takes one dash or two.
_WITHOUT_EFFECT = ("timeout", "exportedTaskLabels", "exportedSlaveAttributes", "enableMasterState", "logLevel")


class Exporter(ThreadingHTTPServer):
    """Answers scrapes.

    Args:
        flags: the flags by their names.
    """

    daemon_threads = True

    def __init__(self, flags: dict[str, str]) -> None:
        address, _, port = flags.get("addr", ":9105").rpartition(":")
        super().__init__((address, int(port)), _Handler)
        self.url = flags.get("master") or flags["slave"]
        self.metrics = metrics.MASTER if flags.get("master") else metrics.SLAVE
        self.errors = 0

    def scraped(self) -> str:
        """The metrics of this moment."""
        request = urllib.request.Request(f"{self.url.rstrip('/')}/metrics/snapshot")
        user, password = (os.environ.get(f"MESOS_EXPORTER_{name}", "") for name in ("USERNAME", "PASSWORD"))
        if user and password:
            login = base64.b64encode(f"{user}:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {login}")
        snapshot: dict[str, float] = {}
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                snapshot = json.load(answer)
        except (OSError, ValueError) as error:
            print(f"Error fetching URL {request.full_url}: {error}", file=sys.stderr, flush=True)
            self.errors += 1
        return metrics.text(self.metrics, snapshot, self.errors)


class _Handler(BaseHTTPRequestHandler):
    server: Exporter

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer `/metrics`, and anything else with a page, as the exporter does."""
        body = (self.server.scraped() if self.path == "/metrics" else f"<html>{NAME}</html>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4" if self.path == "/metrics" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # the name in http.server
        """Log no requests."""


def parse(words: Sequence[str]) -> dict[str, str]:
    """The flags by their names.

    Raises:
        SystemExit: a flag is unknown, or there is neither -master nor -slave, or both.
    """
    flags = dict(word.lstrip("-").split("=", 1) for word in words if "=" in word)
    unknown = set(flags) - {"addr", "master", "slave", *_WITHOUT_EFFECT}
    if unknown or len(flags) < len(words):
        sys.exit(f"flag provided but not defined: {unknown or words}")
    if ("master" in flags) == ("slave" in flags):
        sys.exit("Either -master or -slave is required, and only one of them")
    return flags


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    Exporter(parse(sys.argv[1:])).serve_forever()
