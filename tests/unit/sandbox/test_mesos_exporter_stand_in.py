"""The mesos_exporter stand-in gives what mesos_exporter 1.1.2 gives."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox.stand_ins.mesos_exporter.__main__ import Exporter, parse

SNAPSHOT = {
    "master/elected": 1.0,
    "master/cpus_total": 8.0,
    "master/cpus_used": 3.0,
    "master/slaves_disconnected": 1.0,
    "master/tasks_lost": 2.0,
    "registrar/log/recovered": 1.0,
    "slave/registered": 1.0,
}


class Mesos(BaseHTTPRequestHandler):
    authorization: str | None = None

    def do_GET(self) -> None:
        Mesos.authorization = self.headers.get("Authorization")
        body = json.dumps(SNAPSHOT).encode() if self.path == "/metrics/snapshot" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[str]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def mesos() -> Iterator[str]:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Mesos)) as address:
        yield address


def scrape(flag: str, url: str) -> dict[str, float]:
    with (
        serving(Exporter(parse(["-addr=127.0.0.1:0", f"-{flag}={url}"]))) as address,
        urllib.request.urlopen(f"http://{address}/metrics") as answer,
    ):
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_a_snapshot_is_turned_into_the_exporter_s_names(mesos: str) -> None:
    found = scrape("master", f"http://{mesos}")
    assert found["mesos_master_elected"] == found["mesos_registrar_log_recovered"] == 1
    assert (found['mesos_master_cpus{type="free"}'], found['mesos_master_cpus{type="used"}']) == (5, 3)
    assert found['mesos_master_slaves_state{state="disconnected_inactive"}'] == 1
    assert found['mesos_master_task_states_exit_total{state="lost"}'] == 2
    # What the snapshot lacks is 0.
    assert found['mesos_master_slaves_state{state="unreachable"}'] == 0
    assert scrape("slave", f"http://{mesos}")["mesos_slave_registered"] == 1


def test_a_member_that_does_not_answer_has_zeros_and_counts_as_an_error() -> None:
    found = scrape("master", "http://127.0.0.1:1")
    assert found["mesos_master_elected"] == 0
    assert found["mesos_collector_errors_total"] == 1


def test_the_login_is_that_of_the_environment(mesos: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOS_EXPORTER_USERNAME", "probe")
    monkeypatch.setenv("MESOS_EXPORTER_PASSWORD", "s3cret")
    scrape("master", f"http://{mesos}")
    assert Mesos.authorization == "Basic cHJvYmU6czNjcmV0"


@pytest.mark.parametrize("words", [["-addr=:1"], ["-master=a", "-slave=b"], ["-mastr=a"]])
def test_wrong_flags_end_it(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse(words)
