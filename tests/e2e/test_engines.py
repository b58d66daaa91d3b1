"""Connects to the same engine over ssh and TLS: the plan changes nothing, and the engine's identity is verified."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from sandbox.hosts import Host
from sandbox.project import Project
from tests.e2e.evidence import planned_changes


@pytest.fixture
def same_engine_afterwards(project: Project, host: Host) -> Iterator[None]:
    yield
    project.change(platform={"engine": host.engine, "ssh_options": [], "tls_directory": None})


@pytest.mark.usefixtures("same_engine_afterwards", "cluster")
def test_an_engine_over_ssh_is_verified_by_its_host_key(project: Project, host: Host, tmp_path: Path) -> None:
    project.change(platform={"engine": host.ssh_engine, "ssh_options": host.ssh_opts})
    assert planned_changes(project.plan()) == {}
    nobody = tmp_path / "known_hosts"
    nobody.touch()
    unknown = [f"UserKnownHostsFile={nobody}" if "UserKnownHostsFile" in word else word for word in host.ssh_opts]
    unknown = ["ControlMaster=no" if "ControlMaster" in word else word for word in unknown]
    project.change(platform={"ssh_options": ["-o", "ControlPath=none", *unknown]})
    with pytest.raises(RuntimeError, match="Host key verification failed|host key"):
        project.plan()


@pytest.mark.usefixtures("same_engine_afterwards", "cluster")
def test_an_engine_over_tls_is_verified_by_its_certificate(project: Project, host: Host, tmp_path: Path) -> None:
    good, other = certificates(tmp_path / "good"), certificates(tmp_path / "other")
    with tls_in_front_of(host, good) as port:
        project.change(platform={"engine": f"tcp://127.0.0.1:{port}", "tls_directory": str(good)})
        assert planned_changes(project.plan()) == {}
        shutil.copy(other / "ca.pem", good / "ca.pem")
        with pytest.raises(RuntimeError, match="certificate"):
            project.plan()


def certificates(directory: Path) -> Path:
    """Makes a CA, and one certificate for 127.0.0.1 that server and client both use."""
    directory.mkdir()
    ca = ["-CA", "ca.pem", "-CAkey", "ca-key.pem"]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for words in (
        [*new, "-subj", "/CN=authority", "-keyout", "ca-key.pem", "-out", "ca.pem"],
        [
            *new,
            *ca,
            "-subj",
            "/CN=engine",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
        ],
    ):
        subprocess.run(words, cwd=directory, check=True, capture_output=True, timeout=30)
    return directory


@contextmanager
def tls_in_front_of(host: Host, directory: Path) -> Iterator[int]:
    """A local port that accepts TLS with a client certificate, and forwards connections to the host's engine."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(directory / "ca.pem"))
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=relay, args=(connection,), daemon=True).start()

        def relay(connection: socket.socket) -> None:
            with (
                suppress(OSError),
                context.wrap_socket(connection, server_side=True) as outside,
                socket.socket(socket.AF_UNIX) as engine,
            ):
                engine.connect(host.engine.removeprefix("unix://"))
                threading.Thread(target=pump, args=(outside, engine), daemon=True).start()
                pump(engine, outside)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Copy data until the source has no more."""
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
