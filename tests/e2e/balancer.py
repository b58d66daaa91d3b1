"""A load balancer without an engine: the files of its container, in a folder and at free ports of this machine."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

from cdktf_mesos import DockerHost, Marathon, MarathonLb, MesosMasterSet, ZookeeperEnsemble
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.container.member import ContainerSpec
from sandbox import stand_ins
from sandbox.images import marathon_lb
from sandbox.process import wait_until

DOMAIN = "apps.example.com"
IMAGE = "mesosphere/marathon-lb:v1.15.0"
Json = dict[str, Any]


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MadeUpMarathon(ThreadingHTTPServer):
    """Answers like Marathon: apps with their tasks, and a stream of events."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Marathon)
        self.apps: list[Json] = []
        self.listeners: list[Queue[str | None]] = []
        self.leader: str | None = None
        self.hangs = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def set(self, *apps: Json) -> None:
        """Change the apps, and tell those who listen."""
        self.apps = list(apps)
        for listener in self.listeners:
            listener.put("status_update_event")

    def end_streams(self) -> None:
        for listener in self.listeners:
            listener.put(None)
        self.listeners.clear()


class _Marathon(BaseHTTPRequestHandler):
    server: MadeUpMarathon

    def do_GET(self) -> None:
        if self.server.hangs.is_set():
            threading.Event().wait(60)
        if self.path.startswith("/v2/apps"):
            body = json.dumps({"apps": self.server.apps}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif self.server.leader:
            self.send_response(302)
            self.send_header("Location", self.server.leader + self.path)
            self.end_headers()
        else:
            self._stream()

    def _stream(self) -> None:
        events: Queue[str | None] = Queue()
        self.server.listeners.append(events)
        self.send_response(200)
        self.end_headers()
        while kind := events.get():
            self.wfile.write(f"event: {kind}\r\ndata: {json.dumps({'eventType': kind})}\r\n\r\n".encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


class Task(ThreadingHTTPServer):
    """A task: answers each request with its name, and one for `/slow` only after `slow_seconds`."""

    daemon_threads = True

    def __init__(self, name: str, slow_seconds: float = 2) -> None:
        super().__init__(("127.0.0.1", 0), _Task)
        self.name, self.slow_seconds = name, slow_seconds
        self.has_slow_request = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Task(BaseHTTPRequestHandler):
    server: Task
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/slow":
            self.server.has_slow_request.set()
            threading.Event().wait(self.server.slow_seconds)
        body = json.dumps({"name": self.server.name, "path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def serving(*servers: ThreadingHTTPServer) -> Iterator[None]:
    """Have the servers answer for the length of the block."""
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield
    for server in servers:
        server.shutdown()
        server.server_close()


def app(id_: str, *tasks: Task, port: int | None = None, check: str | None = None, **labels: str) -> Json:
    """An app with one service port, as Marathon shows it. A service port that is not given is a free one."""
    checks = {"protocol": check, "path": "/", "portIndex": 0, "timeoutSeconds": 2, "intervalSeconds": 1}
    return {
        "id": id_,
        "labels": labels,
        "portDefinitions": [{"port": port or free_port()}],
        "healthChecks": [{**checks, "gracePeriodSeconds": 1, "maxConsecutiveFailures": 1}] if check else [],
        "tasks": [
            {
                "id": f"task.{each.name}",
                "host": "127.0.0.1",
                "ports": [each.port],
                "state": "TASK_RUNNING",
                "healthCheckResults": [{"alive": True}],
            }
            for each in tasks
        ],
    }


class Balancer:
    """marathon-lb, started by the construct's own entrypoint.

    Args:
        folder: an empty folder, with a short path: there are sockets in it.
        marathons: the URLs of Marathon.
        release: the release that the generator behaves like.
        construct: further arguments of the construct.
    """

    def __init__(self, folder: Path, marathons: Sequence[str], release: str = "v1.15.0", **construct: Any) -> None:
        self.folder, self._release = folder, release
        self.http, self.https, self.stats, self.app_ids = (free_port() for _ in range(4))
        self._process: subprocess.Popen[bytes] | None = None
        spec = _spec(folder, {"http_port": self.http, "https_port": self.https, "domain": DOMAIN, **construct})
        self._mounts = {mount.target: mount.host_path for mount in spec.mounts}
        lb = folder / "marathon-lb"
        shutil.copytree(Path(marathon_lb.__file__).parent / "root/marathon-lb", lb)
        shutil.copytree(
            stand_ins.MARATHON_LB, lb / "stand_in", ignore=shutil.ignore_patterns("__init__.py", "__pycache__")
        )
        for path, text in spec.files.items():
            target = folder / path.removeprefix("/")
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)
        for file in lb.rglob("*"):
            if file.is_file():
                file.write_text(self._here(file.read_text()))
        # Marathon has its default port in the construct's command.
        at = spec.command.index("--marathon")
        words = [*spec.command[: at + 1], *marathons, *spec.command[at + 2 :]]
        self._command = [self._here(word) for word in [*spec.entrypoint, *words]]
        self.environment = {
            **os.environ,
            **spec.environment,
            **_programs(),
            "STAND_IN_VERSION": release,
            "PYTHONUNBUFFERED": "1",
        }

    def _here(self, text: str) -> str:
        replaced = {
            **self._mounts,
            "/marathon-lb": f"{self.folder}/marathon-lb",
            "/var/run/haproxy": f"{self.folder}/run",
            "/var/state/haproxy": f"{self.folder}/state",
            "/etc/ssl/cert.pem": f"{self.folder}/cert.pem",
            "bind 0.0.0.0:9090": f"bind 127.0.0.1:{self.stats}",
            "bind *:9091": f"bind *:{self.app_ids}",
        }
        for old, new in replaced.items():
            text = text.replace(old, new)
        return text

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self, seconds: float = 30) -> None:
        """Start it, and wait until it is healthy."""
        # With process ids of its own, everything ends with its first process, which is an init as in a container.
        own_ids = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "tini", "--"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*own_ids, *self._command], env=self.environment, stdout=log, stderr=log)
        if seconds:
            wait_until(self.is_healthy, lambda: f"not healthy: {self.log}", seconds)

    def stop(self) -> None:
        """Send what `docker stop` sends, and return at once."""
        assert self._process
        (init,) = (pid for pid, parent, _ in _processes() if parent == self._process.pid)
        os.kill(init, signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        assert self._process
        return self._process.wait(seconds)

    def is_healthy(self) -> bool:
        """Whether the health check would pass."""
        return request(self.stats, "", "/_haproxy_health_check")[0] == 200

    def configuration(self) -> str:
        """haproxy's configuration."""
        return (self.folder / "marathon-lb/haproxy.cfg").read_text()

    def workers(self) -> list[int]:
        """The processes of haproxy that handle connections: the children of its main process."""
        assert self._process
        own = {self._process.pid}
        processes = _processes()
        for _ in range(8):  # deeper than any of them
            own |= {pid for pid, parent, _ in processes if parent in own}
        found = {pid: parent for pid, parent, name in processes if pid in own and name == "haproxy"}
        return [pid for pid, parent in found.items() if parent in found]

    def wait_until_reloaded(self, before: list[int]) -> None:
        """Wait until other workers than those before handle connections, and these have ended."""

        def reloaded() -> bool:
            now = self.workers()
            return bool(now) and not set(before) & set(now)

        wait_until(reloaded, lambda: f"workers {before} stay: {self.log[-2000:]}", 20)

    def end(self) -> None:
        """End everything that it has started."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)


def _processes() -> list[tuple[int, int, str]]:
    """Id, parent's id and name of all processes."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True)
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [(int(pid), int(parent), name) for pid, parent, name in lines]


@contextmanager
def balancer(*marathons: MadeUpMarathon, start: bool = True, **arguments: Any) -> Iterator[Balancer]:
    """A load balancer that runs for the length of the block."""
    folder = Path(tempfile.mkdtemp(prefix="lb-"))
    found = Balancer(folder, [f"http://127.0.0.1:{each.port}" for each in marathons], **arguments)
    try:
        if start:
            found.start()
        yield found
    finally:
        found.end()
        shutil.rmtree(folder, ignore_errors=True)


def _spec(folder: Path, construct: Json) -> ContainerSpec:
    stack = TerraformStack(App(outdir=str(folder / "out")), "stack")
    hosts = [DockerHost(stack, f"h{i}", address=f"127.0.0.{i}", engine="unix:///x.sock") for i in (1, 2)]
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts[:1], image="zookeeper:3.9.4")
    masters = MesosMasterSet(
        stack, "masters", hosts=hosts[:1], zookeeper=zookeeper, cluster="c", image="mesosphere/mesos-master:1.11.0"
    )
    marathon = Marathon(stack, "marathon", hosts=hosts[:1], masters=masters, image="mesosphere/marathon:v1.11.24")
    arguments: Json = {"groups": ["*"], "drain_seconds": 1, "finish_seconds": 10, "image": IMAGE, **construct}
    lb = MarathonLb(stack, "lb", hosts=hosts[1:], marathon=marathon, **arguments)
    return lb.container(hosts[1], lb.release)


def _programs() -> dict[str, str]:
    """The variables by which the programs of the sandbox's image are found."""
    usr = marathon_lb.HAPROXY.ensure() / "usr"
    return {
        "PATH": f"{usr}/sbin:{usr}/bin:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": f"{usr}/lib/x86_64-linux-gnu",
    }


class _Secure(http.client.HTTPConnection):
    """A connection with TLS to this machine, under another name."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__("127.0.0.1", port, timeout=10)
        self._name, self._context = name, ssl.create_default_context()
        self._context.check_hostname, self._context.verify_mode = False, ssl.CERT_NONE

    def connect(self) -> None:
        """Connect, and say the name."""
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name)


def request(port: int, host: str, path: str = "/", *, secure: bool = False, **headers: str) -> tuple[int, Json]:
    """The status and the JSON of an answer; 0 if the connection is refused or cut. Certificates are not checked."""
    connection = _Secure(port, host) if secure else http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body.startswith(b"{") else {}
    except (OSError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()
