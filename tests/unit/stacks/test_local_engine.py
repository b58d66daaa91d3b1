"""What the platform `local` knows of the engine on this machine, and what it refuses because of it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from threading import Thread
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import AgentsSettings, Cluster, Local, add_cluster
from stacks.local.engine import known_of

PINS = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


@contextmanager
def engine(folder: Path, version: Mapping[str, Any], info: Any) -> Iterator[str]:
    """An engine that answers with this, at the address that it yields."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.rpartition("/")[2]  # after the version of the API
            body = json.dumps({"version": {"ApiVersion": "1.41", **version}, "info": info}[path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

        def address_string(self) -> str:
            return "a client"

    path = folder / "docker.sock"
    with UnixStreamServer(str(path), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"unix://{path}"
        finally:
            server.shutdown()


def test_an_engine_says_its_version_its_api_and_the_version_of_cgroups(tmp_path: Path) -> None:
    version = {"Version": "26.1.5+dfsg1", "MinAPIVersion": "1.24", "ApiVersion": "1.45"}
    with engine(tmp_path, version, {"CgroupVersion": "2"}) as address:
        assert known_of(address) == {
            "engine_version": "26.1.5+dfsg1",
            "least_api": "1.24",
            "cgroup_version": 2,
        }


@pytest.mark.parametrize("info", [{}, {"CgroupVersion": "none"}, []])
def test_what_an_engine_does_not_say_is_unknown(tmp_path: Path, info: Any) -> None:
    with engine(tmp_path, {"Version": "19.3.15"}, info) as address:
        assert known_of(address) == {"engine_version": "19.3.15"}


@pytest.mark.parametrize("address", ["unix:///nowhere/docker.sock", "tcp://10.0.0.1:2375", "ssh://ops@10.0.0.1"])
def test_without_an_engine_on_this_machine_nothing_is_known(address: str) -> None:
    assert known_of(address) == {}


def test_an_answer_that_is_no_json_is_none(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")

        Thread(target=answer, daemon=True).start()
        assert known_of(f"unix://{path}") == {}


@pytest.mark.parametrize(
    ("known", "settings", "message"),
    [
        ({"cgroup_version": 2}, {"agents": AgentsSettings(isolation="cgroups/mem")}, "The host has cgroup v2, and an"),
        ({"cgroup_version": 2}, {"mesos_version": "1.4.0"}, "Mesos 1.4.0 cannot run Docker tasks on a host with"),
        ({"engine_version": "29.0.1", "least_api": "1.44"}, {}, "The engine accepts clients from API 1.44 on"),
    ],
)
def test_what_cannot_run_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    pins = {**PINS, **({"marathon_version": "v1.6.352"} if "mesos_version" in settings else {})}
    cluster = Cluster(name="dev", platform=Local(), **{**pins, **settings})
    add_cluster(App(outdir=str(tmp_path / "unknown")), cluster)
    monkeypatch.setattr("stacks.local.stacks.known_of", lambda _: known)
    with pytest.raises(ValueError, match=f"hosts is invalid: 'dev/host'. {message}"):
        add_cluster(App(outdir=str(tmp_path / "known")), cluster)
