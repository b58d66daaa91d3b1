"""The health check. The tests run the real script against servers that give Marathon's answers."""

from __future__ import annotations

import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cdktf_mesos import Security
from cdktf_mesos.marathon import health
from cdktf_mesos.marathon.closed import login_of
from tests.unit.answers import HERE, answering, healthy
from tests.unit.role.test_probe import refusal

OK, LEADER = "HTTP/1.1 200 OK\r\n", '\r\n{"leader":"10.0.0.11:8080"}'
GONE = "HTTP/1.1 404 Not Found\r\n\r\n{}"
# Headers that an instance adds when it forwards the leader's answer (Marathon, LeaderProxyFilter.scala).
BY_ANOTHER = "X-Marathon-Leader: http://10.0.0.11:8080\r\nX-Marathon-Via: 1.1 10.0.0.12:8080\r\n"


def info(framework: str, master: str | None, headers: str = "") -> str:
    """The answer to /v2/info. With the master None it does not name the leading master, as in the oldest releases."""
    leading_master = "" if master is None else f',"mesos_leader_ui_url":{master}'
    config = f'"marathon_config":{{"master":"zk://10.0.0.11:2181/mesos","webui_url":null{leading_master}}}'
    return f'{OK}{headers}\r\n{{"name":"marathon","version":"1.11.24","frameworkId":{framework},{config}}}'


ID, MASTER = '"9f0d8a2e-0000"', '"http://10.0.0.11:5050/"'


@pytest.mark.parametrize(
    ("leader", "info", "expected"),
    [
        (OK + LEADER, info(ID, MASTER), True),
        (OK + LEADER, info(ID, None), True),
        (GONE, info(ID, MASTER), False),
        # The masters cannot reach the leader's libprocess port: before its first registration, and after it.
        (OK + LEADER, info("null", "null"), False),
        (OK + LEADER, info(ID, "null"), False),
        (OK + LEADER, info("null", None), False),
        # An instance that does not lead need not be registered.
        (OK + LEADER, info(ID, "null", BY_ANOTHER), True),
        # If /v2/info requires a password or does not exist, the registration is not checked.
        (OK + LEADER, "HTTP/1.1 401 Unauthorized\r\n\r\n", True),
        (OK + LEADER, GONE, True),
    ],
)
def test_marathon_is_healthy_when_it_knows_the_leader_and_the_leader_is_registered(
    leader: str, info: str, expected: bool
) -> None:
    with answering({"/v2/leader": leader, "/v2/info": info}) as port:
        assert healthy(health.probe(port).health_test(HERE, [HERE])) is expected


def test_a_closed_marathon_is_asked_the_same_questions_with_a_login(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = health.probe(0, login_of(Security("required", str(secrets))))
    login = probe.secrets[0]
    assert login.mode == "0444", "the image runs as nobody"
    monkeypatch.setenv("LOGIN", login.text)
    with closed_marathon(login.text, {"/v2/leader": OK + LEADER, "/v2/info": info(ID, MASTER)}) as port:
        assert healthy(replace(probe, port=port).health_test(HERE, [HERE]))
    # A leader that no master has registered is found, too.
    with closed_marathon(login.text, {"/v2/leader": OK + LEADER, "/v2/info": info(ID, "null")}) as port:
        assert not healthy(replace(probe, port=port).health_test(HERE, [HERE]))
        monkeypatch.setenv("LOGIN", "b3RoZXI6b25l")
        test = replace(probe, port=port).health_test(HERE, [HERE])
        done = subprocess.run(test[1:], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, "401" in done.stdout) == (1, True)


@contextmanager
def closed_marathon(login: str, answers: dict[str, str]) -> Iterator[int]:
    """A server that refuses all paths, /ping too, without the login."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            words, line = self.rfile.readline().decode().split(), b""
            headers = []
            while (line := self.rfile.readline().strip()) != b"":
                headers.append(line.decode())
            allowed = f"Authorization: Basic {login}" in headers
            self.wfile.write((answers[words[1]] if allowed else "HTTP/1.1 401 Unauthorized\r\n\r\n").encode())

    with socketserver.ThreadingTCPServer((HERE, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_no_instance_is_replaced_while_another_one_leads_without_being_registered() -> None:
    serving = {"/v2/leader": OK + LEADER, "/v2/info": info(ID, MASTER)}
    members = [HERE, "127.0.0.2"]
    with answering(serving) as port:
        probe = health.probe(port)
        with answering({**serving, "/v2/info": info(ID, "null")}, "127.0.0.2", port):
            assert refusal(probe, members) == "127.0.0.2 does not serve"
            # The unregistered leader itself may be replaced.
            assert refusal(probe, members, "127.0.0.2") is None
