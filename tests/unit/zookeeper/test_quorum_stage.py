"""Stages of TLS between servers are checked by what runs, before a server is replaced."""

from __future__ import annotations

import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, QuorumTls, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.scripts import words

OWN, OTHER = "127.0.0.1", "127.0.0.2"
STAGES = ("off", "prepared", "used", "required")


@contextmanager
def server(stage: str, certificates: Path) -> Iterator[int]:
    """A server of another machine at a stage, as the election port of ZooKeeper is. Yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    if stage != "prepared":
        context.verify_mode = ssl.CERT_REQUIRED

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection: socket.socket = self.request
            first = connection.recv(5, socket.MSG_PEEK)
            if first[:1] == b"\x16" and stage != "off":
                with suppress(OSError):
                    context.wrap_socket(connection, server_side=True).close()
            elif stage != "required" and first[:1] != b"\x16":
                connection.recv(8, socket.MSG_WAITALL)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server((OTHER, 0), Handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running.server_address[1]
        running.shutdown()


@pytest.fixture
def refusal(
    stack: TerraformStack, hosts: Callable[[int], list[DockerHost]], certificates: Path
) -> Callable[..., tuple[int, str]]:
    """What the preflight says about a server that is to be brought to a stage, beside another one."""
    tls = QuorumTls("prepared", str(certificates), verify=False)
    check = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(3), image="zookeeper:3.9.4", quorum_tls=tls).stage_check
    assert check is not None

    def ask(wanted: str, port: int, path: str = "/usr/bin:/bin") -> tuple[int, str]:
        script = words("preflight", ASK, *check.files, 'find_limit && tls_follows && stage_follows "$1"')
        given: dict[str, Any] = {"QUORUM_TLS": wanted, "SERVERS": f"{OWN} {OTHER}", "ELECTION_PORT": str(port)}
        done = subprocess.run(
            [*script, OWN], env={"PATH": path, **given}, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout.strip()

    return ask


@pytest.mark.parametrize("running", STAGES)
def test_servers_go_from_stage_to_stage(
    certificates: Path, refusal: Callable[..., tuple[int, str]], running: str
) -> None:
    with server(running, certificates) as port:
        found = {wanted: refusal(wanted, port) for wanted in STAGES[1:]}
    for wanted, (code, why) in found.items():
        if abs(STAGES.index(running) - STAGES.index(wanted)) <= 1:
            assert (code, why) == (0, "")
        else:
            says = f"the server {OTHER} is at the stage {running} of quorum TLS, and this deploy is for {wanted}"
            assert code == 1 and why.startswith(says)


def test_a_server_that_does_not_answer_stops_the_roll(refusal: Callable[..., tuple[int, str]]) -> None:
    with socket.create_server((OTHER, 0)) as silent:
        port = silent.getsockname()[1]
        assert refusal("used", port) == (
            1,
            f"the server {OTHER} does not show in time whether it has TLS (port {port})",
        )


def test_a_server_that_does_not_run_is_not_missed(refusal: Callable[..., tuple[int, str]]) -> None:
    with socket.create_server((OTHER, 0)) as gone:
        port = gone.getsockname()[1]
    assert refusal("required", port) == (0, "")


def test_an_image_without_openssl_is_refused(
    certificates: Path, refusal: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    for program in ("bash", "timeout", "true"):
        (tmp_path / program).symlink_to(f"/usr/bin/{program}")
    with server("off", certificates) as port:
        code, why = refusal("prepared", port, str(tmp_path))
    assert code == 2 and why.startswith("this image has no program openssl")


def test_servers_of_an_ensemble_without_tls_are_not_asked(
    stack: TerraformStack, hosts: Callable[[int], list[DockerHost]]
) -> None:
    assert ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(3), image="zookeeper:3.9.4").stage_check is None
