"""Docker engines that have what a test says, each on a socket, and an ssh that leads to them."""

from __future__ import annotations

import io
import json
import re
import socketserver
import struct
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cdktf_mesos.container.names import LOCK

# An ssh that takes its destination's name for a socket in the directory $ENGINES, and fails for one that is not there.
SSH = f"""#!{sys.executable} -IS
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
        files: what containers have, by path.
        hangs: whether it never answers.
        scripted: what a script in a container does: its exit code and what it prints, or None for `printed`.
        clock: its time, in seconds since 1970.
    """

    def __init__(self) -> None:
        self.containers: dict[str, dict[str, Any]] = {}
        self.printed: dict[str, str] = {}
        self.images: set[str] = set()
        self.check: tuple[int, str] = (0, "")
        self.files: dict[str, bytes] = {}
        self.hangs = False
        self.scripted: Callable[[list[str], list[str]], tuple[int, str] | None] = lambda words, environment: None
        self.clock = 1_800_000_000
        self._runs: list[tuple[int, bytes]] = []
        self.calls: list[str] = []
        self.created: list[dict[str, Any]] = []

    def run(self, name: str, *, state: str = "running", health: str = "healthy", output: str = "", **more: Any) -> None:
        """Have a container; `labels` and `exit_code` are as Docker has them, `directories` those of the host in it."""
        self.containers[name] = {
            "Id": name,
            "Name": f"/{name}",
            "Created": more.get("created", 1_700_000_000),
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
            "HostConfig": {"AutoRemove": more.get("is_removed_at_end", False)},
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
                ((kind, (wanted,)),) = json.loads(query.get("filters", ['{"name": [""]}'])[0]).items()
                return 200, [
                    listed(name, each)
                    for name, each in self.containers.items()
                    if (wanted in each["Config"]["Labels"] if kind == "label" else re.search(wanted, each["Name"]))
                ]
            case "GET", ["info"]:
                time_now = datetime.fromtimestamp(self.clock, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
                return 200, {"SystemTime": time_now}
            case "GET", ["containers", name, "archive"]:
                place = query["path"][0]
                return (200, packed(place, self.files[place])) if place in self.files else (404, {"message": "no file"})
            case "GET", ["containers", name, "json"]:
                return (200, self.containers[name]) if name in self.containers else (404, {"message": "no such"})
            case "GET", ["containers", name, "logs"]:
                return 200, frame(self.containers[name]["Output"])
            case "POST", ["containers", name, "exec"]:
                if name not in self.printed:
                    return 409, {"message": "no bash"}
                printed = self.printed[name]
                code, text = self.scripted(body["Cmd"], body.get("Env") or []) or (0, printed)
                self._runs.append((127 if printed == "no bash" else code, frame(text)))
                return 201, {"Id": str(len(self._runs) - 1)}
            case "POST", ["exec", run, "start"]:
                return 200, self._runs[int(run)][1]
            case "GET", ["exec", run, "json"]:
                return 200, {"ExitCode": self._runs[int(run)][0]}
            case _:
                return self._lock(method, parts, query, body) or self._run_check(method, parts, query, body)

    def _lock(self, method: str, parts: list[str], query: dict[str, list[str]], body: Any) -> tuple[int, Any] | None:
        match method, parts:
            case "POST", ["containers", "create"] if query.get("name") == [LOCK]:
                if LOCK in self.containers:
                    return 409, {"message": "The container name is already in use"}
                self.run(LOCK, health="", labels=body["Labels"])
                return 201, {"Id": LOCK, "Warnings": []}
            case "POST", ["containers", name, "start"] if name == LOCK:
                return 204, None
            case "DELETE", ["containers", name] if name == LOCK:
                del self.containers[LOCK]
                return 204, None
        return None

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
        "ImageID": "sha256:1",
        "Created": container["Created"],
        "State": container["State"]["Status"],
        "Status": _shown(container["State"]),
        "Labels": container["Config"]["Labels"],
        "Mounts": [{"Type": "bind", "Source": each} for each in container["Directories"]],
    }


def _shown(state: dict[str, Any]) -> str:
    """A container's state as a list of containers shows it."""
    health = state.get("Health", {}).get("Status")
    shown = {"starting": " (health: starting)", None: ""}.get(health, f" ({health})")
    return f"Up 5 seconds{shown}" if state["Running"] else "Exited (0) 5 seconds ago"


def packed(path: str, content: bytes) -> bytes:
    """A file as the engine sends it."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:") as archive:
        member = tarfile.TarInfo(path.rpartition("/")[2])
        member.size, member.uid, member.gid = len(content), 1000, 1001
        archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


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
            given = self.rfile.read(length)
            body = given if self.command == "PUT" else json.loads(given or b"null")
            place = urlsplit(self.path)
            path = re.sub(r"^/v[0-9.]+", "", unquote(place.path))
            status, content = engine.answer(self.command, path, parse_qs(place.query), body)
            data = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if not isinstance(content, bytes):
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if data:
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    with Server(str(socket), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        server.shutdown()
