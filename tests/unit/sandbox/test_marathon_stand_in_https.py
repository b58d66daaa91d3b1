"""The stand-in's https, with the keystore that Marathon's entrypoint makes and the stand-in for keytool."""

from __future__ import annotations

import http.client
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.marathon.https import KEYSTORE
from cdktf_mesos.scripts import text_of
from sandbox.images.marathon import RECIPES
from sandbox.stand_ins.marathon.api import Answer
from sandbox.stand_ins.marathon.flags import FlagError, parse
from sandbox.stand_ins.marathon.server import Server, servers
from tests.unit.answers import HERE

OTHER = "127.0.0.2"


@pytest.fixture
def variables(certificates: Path, tmp_path: Path) -> dict[str, str]:
    """The variables that the entrypoint's script sets."""
    script = text_of(KEYSTORE).replace("/tmp/", f"{tmp_path}/").replace("/etc/cdktf-mesos.", f"{certificates}/")
    bin_ = RECIPES[0].context / "bin"
    shown = 'printf "%s\n" "$MESOSPHERE_KEYSTORE_PATH" "$MESOSPHERE_KEYSTORE_PASS"'
    environment = {**os.environ, "PATH": f"{bin_}:/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{shown}"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    path, password = done.stdout.splitlines()
    return {"MESOSPHERE_KEYSTORE_PATH": path, "MESOSPHERE_KEYSTORE_PASS": password}


class Leading:
    def answer(self, request: Any) -> Answer:
        return Answer(200, {"path": request.path})


@contextmanager
def instance(
    address: str, variables: dict[str, str], *flags: str, leader: str | None = None, https_port: int = 0
) -> Iterator[list[Server]]:
    """An instance; without a leader it leads itself."""
    words = ["--master", "x", "--hostname", address, "--http_address", address, "--https_address", address]
    parsed = parse([*words, "--http_port", "0", "--https_port", str(https_port), *flags], variables)
    with ExitStack() as stack:
        listening = servers(parsed, lambda: leader)
        for server in listening:
            stack.enter_context(server)
            server.api = Leading() if leader is None else None  # type: ignore[assignment]
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            stack.callback(server.shutdown)
        yield listening


def ask(server: Server, path: str, certificates: Path, *, https: bool) -> tuple[int, bytes]:
    host, port = server.server_address[:2]
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    connection = (
        http.client.HTTPSConnection(str(host), port, timeout=20, context=context)
        if https
        else http.client.HTTPConnection(str(host), port, timeout=20)
    )
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_with_a_keystore_it_answers_on_both_ports(variables: dict[str, str], certificates: Path) -> None:
    with instance(HERE, variables) as (plain, encrypted):
        assert ask(plain, "/v2/apps", certificates, https=False) == (200, b'{"path": "/v2/apps"}')
        assert ask(encrypted, "/v2/apps", certificates, https=True) == (200, b'{"path": "/v2/apps"}')


def test_with_disable_http_it_answers_over_https_only_and_forwards_over_it(
    variables: dict[str, str], certificates: Path
) -> None:
    with instance(HERE, variables, "--disable_http") as listening:
        (leader,) = listening
        at = f"{HERE}:{leader.server_address[1]}"
        with instance(OTHER, variables, "--disable_http", leader=at) as (follower,):
            assert ask(follower, "/v2/apps", certificates, https=True) == (200, b'{"path": "/v2/apps"}')


def test_an_instance_of_another_stage_than_the_leader_cannot_forward_even_ping(
    variables: dict[str, str], certificates: Path
) -> None:
    with instance(HERE, variables) as (plain, encrypted):
        at = f"{HERE}:{plain.server_address[1]}"
        with instance(OTHER, variables, "--disable_http", leader=at) as (follower,):
            assert ask(follower, "/ping", certificates, https=True)[0] == 502
        at = f"{HERE}:{encrypted.server_address[1]}"
        with instance(OTHER, variables, leader=at) as (follower, _):
            assert ask(follower, "/v2/leader", certificates, https=False)[0] == 502


def test_a_wrong_password_ends_it(variables: dict[str, str]) -> None:
    flags = parse(["--master", "x"], {**variables, "MESOSPHERE_KEYSTORE_PASS": "wrong"})
    with pytest.raises(ValueError, match=r"the keystore .* cannot be read"):
        servers(flags, lambda: None)


def test_there_must_be_one_of_both() -> None:
    with pytest.raises(FlagError, match="Neither HTTP nor HTTPS"):
        parse(["--master", "x", "--disable_http"], {})
