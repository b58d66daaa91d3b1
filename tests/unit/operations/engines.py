"""Docker engines that have what a test says, each on a socket, and an ssh that leads to them."""

from __future__ import annotations

import json
import re
import socketserver
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

# An ssh that takes its destination's name for a socket in the directory $ENGINES, and fails for one that is not there.
SSH = f"""#!{sys.executable}
import os, socket, sys, threading
*_, host, command = sys.argv[1:]
with open(os.environ["ENGINES"] + "/words", "a") as words:
    words.write(" ".join(sys.argv[1:]) + "\\n")
end = socket.socket(socket.AF_UNIX)
try:
    end.connect(f"{{os.environ['ENGINES']}}/{{host}}")
except OSError:
    sys.exit(f"Warning: something\\nssh: connect to host {{host}} port 22: No route to host")
def forward():
    while data := os.read(0, 65536):
        end.sendall(data)
    end.shutdown(socket.SHUT_WR)
threading.Thread(target=forward, daemon=True).start()
while data := end.recv(65536):
    os.write(1, data)
"""


class Engine:
    """An engine.

    Args:
        containers: by their names.
        printed: what is printed by a command in a container, by the container's name.
        images: those that it has.
        check: the exit code and the output of each container that is run.
        hangs: whether it never answers.
    """

    def __init__(self) -> None:
        self.containers: dict[str, dict[str, Any]] = {}
        self.printed: dict[str, str] = {}
        self.images: set[str] = set()
        self.check: tuple[int, str] = (0, "")
        self.hangs = False
        self.calls: list[str] = []
        self.created: list[dict[str, Any]] = []

    def run(self, name: str, *, state: str = "running", health: str = "healthy", output: str = "", **more: Any) -> None:
        """Have a container; `labels` and `exit_code` are as Docker has them, `directories` those of the host in it."""
        self.containers[name] = {
            "Id": name,
            "Name": f"/{name}",
            "RestartCount": 0,
            "Directories": more.get("directories", ()),
            "Config": {"Labels": more.get("labels", {}), "Tty": False},
            "State": {
                "Status": state,
                "Running": state == "running",
                "ExitCode": more.get("exit_code", 0),
                "StartedAt": "2026-01-01T10:00:00.123456789Z",
                **({"Health": {"Status": health, "Log": [{"Output": output}]}} if health else {}),
            },
            "Output": output,
        }

    def member(self, name: str, role: str, version: str, printed: str = "", **more: Any) -> None:
        """Have a member's container; `printed` is what its status script prints."""
        self.run(name, labels={"cdktf-mesos.role": role, "cdktf-mesos.version": version}, **more)
        self.printed[name] = printed

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """The status and the content for a request."""
        if self.hangs:
            time.sleep(30)
        self.calls.append(f"{method} {path}")
        parts = path.strip("/").split("/")
        match method, parts:
            case "GET", ["version"]:
                return 200, {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}
            case "GET", ["containers", "json"]:
                (label,) = json.loads(query["filters"][0])["label"] if "filters" in query else [""]
                found = self.containers.items()
                return 200, [listed(n, each) for n, each in found if label in ("", *each["Config"]["Labels"])]
            case "GET", ["containers", name, "json"]:
                return (200, self.containers[name]) if name in self.containers else (404, {"message": "no such"})
            case "GET", ["containers", name, "logs"]:
                return 200, frame(self.containers[name]["Output"])
            case "POST", ["containers", name, "exec"]:
                return (201, {"Id": name}) if name in self.printed else (409, {"message": "no bash"})
            case "POST", ["exec", name, "start"]:
                return 200, frame(self.printed[name])
            case "GET", ["exec", name, "json"]:
                return 200, {"ExitCode": 127 if self.printed[name] == "no bash" else 0}
            case _:
                return self._run_check(method, parts, query, body)

    def _run_check(self, method: str, parts: list[str], query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        match method, parts:
            case "GET", ["images", *name, "json"]:
                return (200, {}) if "/".join(name) in self.images else (404, {"message": "No such image"})
            case "POST", ["images", "create"]:
                self.images.add(f"{query['fromImage'][0]}:{query['tag'][0]}")
                return 200, {"status": "pulled"}
            case "DELETE", ["images", *name]:
                self.images.discard("/".join(name))
                return 200, []
            case "POST", ["containers", "create"]:
                self.created.append(body)
                code, output = self.check
                self.run("check", exit_code=code, output=output)
                return 201, {"Id": "check", "Warnings": []}
            case "POST", ["containers", "check", "wait"]:
                return 200, {"StatusCode": self.check[0]}
            case "POST", ["containers", "check", "start"]:
                return 204, None
            case "DELETE", ["containers", "check"]:
                del self.containers["check"]
                return 204, None
        return 404, {"message": f"{method} {parts}"}


def listed(name: str, container: dict[str, Any]) -> dict[str, Any]:
    """A container in the engine's list (Docker Engine API, ContainerList)."""
    return {
        "Id": container["Id"],
        "Names": [container["Name"], f"/other/{name}-alias"],
        "Image": "image:1",
        "State": container["State"]["Status"],
        "Labels": container["Config"]["Labels"],
        "Mounts": [{"Type": "bind", "Source": each} for each in container["Directories"]],
    }


def frame(text: str) -> bytes:
    """Standard output in Docker's form of a stream (Docker Engine API, attach)."""
    return struct.pack(">BxxxL", 1, len(text.encode())) + text.encode() if text else b""


@contextmanager
def serving(engine: Engine, socket: Path) -> Iterator[None]:
    """The engine on a socket."""

    class Handler(BaseHTTPRequestHandler):
        def address_string(self) -> str:
            return ""

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            length = int(self.headers["Content-Length"] or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            place = urlsplit(self.path)
            path = re.sub(r"^/v[0-9.]+", "", unquote(place.path))
            status, content = engine.answer(self.command, path, parse_qs(place.query), body)
            data = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if not isinstance(content, bytes):
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    with Server(str(socket), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        server.shutdown()
