from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdktf_mesos.operations.commands import cli
from cdktf_mesos.operations.drain import bare
from cdktf_mesos.operations.drain.bare import Master, Refused, drain, find, read_credential, tasks_of, undo
from cdktf_mesos.operations.drain.command import drain_with_bar


def agent(number: int, **more: Any) -> dict[str, Any]:
    address = f"10.0.0.{20 + number}"
    return {"id": f"S{number}", "hostname": address, "port": 5051, "pid": f"slave(1)@{address}:5051", **more}


def task(name: str, on: int, state: str = "TASK_RUNNING") -> dict[str, str]:
    return {"name": name, "slave_id": f"S{on}", "state": state}


class Cluster:
    """A master's answers: tasks of the drained agent end one by one, each time that somebody requests its state."""

    def __init__(self) -> None:
        self.version = "1.11.0"
        self.tasks = [task("a", 1), task("b", 1), task("c", 2), task("gone", 1, "TASK_UNREACHABLE")]
        self.schedule: dict[str, Any] = {}
        self.calls: list[tuple[str, Any]] = []
        self.stubborn = False
        self.credential: str | None = None
        self.port = 0
        self.server: ThreadingHTTPServer

    def state(self) -> dict[str, Any]:
        if self.calls and not self.stubborn:
            here = [each for each in self.tasks if each["slave_id"] == "S1" and each["state"] == "TASK_RUNNING"]
            self.tasks = [each for each in self.tasks if each not in here[:1]]
        return {
            "version": self.version,
            "leader_info": {"hostname": "127.0.0.1", "port": self.port},
            "slaves": [agent(1), agent(2)],
            "frameworks": [{"name": "marathon", "tasks": list(self.tasks)}],
        }


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(cluster.state() if self.path == "/state" else cluster.schedule)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            cluster.calls.append((self.path, body))
            if self.path == "/maintenance/schedule":
                cluster.schedule = body
            self._answer(None)

        def _answer(self, document: Any) -> None:
            self.send_response(200 if self.headers["Authorization"] == cluster.credential else 401)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode() if document is not None else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cluster.port, cluster.server = server.server_port, server
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield cluster
        server.shutdown()


def test_masters_with_tls_are_verified_with_the_file_of_their_authority(
    cluster: Cluster, certificates: Path, context: ssl.SSLContext
) -> None:
    cluster.server.socket = context.wrap_socket(cluster.server.socket, server_side=True)
    url = f"https://127.0.0.1:{cluster.port}"
    drain(Master(url, ca=certificates / "ca.pem"), "10.0.0.21", seconds=20, grace=None, tell=lambda _: None)
    assert [call["type"] for _, call in cluster.calls] == ["DRAIN_AGENT"]
    with pytest.raises(Refused, match="CERTIFICATE_VERIFY_FAILED"):
        Master(url)
    with pytest.raises(Refused, match="--ca /none: "):
        Master(url, ca=Path("/none"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this, a project in the current directory would be locked."""
    monkeypatch.chdir(tmp_path)


def test_a_proxy_of_the_environment_is_not_told_the_password(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[bytes] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.append(self.headers.as_bytes())
            self.send_error(502)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        url, credential = f"http://127.0.0.1:{cluster.port}", {"principal": "ops", "secret": "word"}
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        for name in ("no_proxy", "NO_PROXY", "REQUEST_METHOD"):
            monkeypatch.delenv(name, raising=False)
        (tmp_path / "credential").write_text(json.dumps(credential))
        cluster.credential = "Basic b3BzOndvcmQ="
        # The environment is read when a program begins.
        command = [
            sys.executable,
            "-m",
            "cdktf_mesos.operations",
            "drain",
            url,
            "10.0.0.22",
            "--credential",
            str(tmp_path / "credential"),
        ]
        done = subprocess.run([*command, "--undo"], capture_output=True, text=True, timeout=60, check=False)
        proxy.shutdown()
    assert (done.returncode, told) == (0, []), done.stderr
    assert [path for path, _ in cluster.calls] == ["/api/v1"]


@pytest.fixture
def master(cluster: Cluster) -> Master:
    return Master(f"http://127.0.0.1:{cluster.port}/")


def test_from_1_9_the_master_is_told_and_waited_for(cluster: Cluster, master: Master) -> None:
    printed: list[str] = []
    drain(master, "10.0.0.21", seconds=10, grace=5, tell=printed.append)
    assert cluster.calls == [
        (
            "/api/v1",
            {
                "type": "DRAIN_AGENT",
                "drain_agent": {"agent_id": {"value": "S1"}, "max_grace_period": {"nanoseconds": 5_000_000_000}},
            },
        )
    ]
    assert printed == ["10.0.0.21: 1 tasks left", "10.0.0.21, agent S1, has no tasks, and gets none"]
    assert [each["name"] for each in cluster.tasks] == ["c", "gone"]


def test_before_1_9_frameworks_are_asked_by_a_schedule_which_keeps_others(cluster: Cluster, master: Master) -> None:
    cluster.version = "1.8.1"
    others = {"machine_ids": [{"hostname": "other", "ip": "10.0.0.9"}], "unavailability": {}}
    cluster.schedule = {"windows": [others]}
    drain(master, "S1", seconds=10, grace=None, tell=lambda _: None)
    first, second = cluster.schedule["windows"]
    assert first == others
    assert second["machine_ids"] == [{"hostname": "10.0.0.21", "ip": "10.0.0.21"}]
    undo(master, "S1")
    assert cluster.schedule == {"windows": [others]}


def test_tasks_that_stay_are_named_after_the_time(cluster: Cluster, master: Master) -> None:
    cluster.stubborn = True
    with pytest.raises(Refused, match=r"S1 still has 2 tasks after 0 s: a of marathon \(TASK_RUNNING\), b of marathon"):
        drain(master, "S1", seconds=0, grace=None, tell=lambda _: None)


def test_it_can_be_undone(cluster: Cluster, master: Master) -> None:
    undo(master, "10.0.0.21:5051")
    assert cluster.calls == [
        ("/api/v1", {"type": "REACTIVATE_AGENT", "reactivate_agent": {"agent_id": {"value": "S1"}}})
    ]


def test_an_agent_that_is_none_or_several_is_refused_with_those_that_are_there() -> None:
    state = {"slaves": [agent(1), {**agent(1), "id": "S9", "port": 5052}, agent(2)]}
    with pytest.raises(
        Refused, match="0 agents match 10.0.0.7; all agents: 10.0.0.21:5051, 10.0.0.21:5052, 10.0.0.22:5051"
    ):
        find(state, "10.0.0.7")
    with pytest.raises(Refused, match="2 agents match 10.0.0.21"):
        find(state, "10.0.0.21")
    assert find(state, "10.0.0.21:5052")["id"] == "S9"


def test_a_master_that_does_not_answer_is_named() -> None:
    with pytest.raises(Refused, match="http://127.0.0.1:9/state"):
        Master("http://127.0.0.1:9")


def test_only_the_agents_own_tasks_count() -> None:
    frameworks = [{"name": "m", "tasks": [task("a", 1), task("b", 2), task("c", 1, "TASK_UNREACHABLE")]}]
    assert tasks_of({"frameworks": frameworks}, "S1") == ["a of m (TASK_RUNNING)"]


def test_masters_that_want_a_password_are_given_it(cluster: Cluster, tmp_path: Path) -> None:
    cluster.credential = "Basic b3BzOnMzY3JldA=="
    file = tmp_path / "credential"
    file.write_text('{"principal": "ops", "secret": "s3cret"}')
    drain(Master(f"http://127.0.0.1:{cluster.port}", read_credential(file)), "S1", seconds=9, grace=None, tell=print)
    assert cluster.calls[0][0] == "/api/v1"
    with pytest.raises(Refused, match="/state: 401"):
        Master(f"http://127.0.0.1:{cluster.port}")


def test_a_file_of_a_clusters_secrets_is_a_credential(secrets: Path) -> None:
    assert read_credential(secrets / "operator") == ("operator", (secrets / "operator").read_text())


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file"), ("ops s3cret", "not .*principal"), ('{"principal": "ops"}', "not .*secret")],
)
def test_a_file_that_is_no_credential_is_refused_and_not_shown(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "c").write_text(content)
    with pytest.raises(Refused, match=message) as refused:
        read_credential(tmp_path / "c")
    assert "s3cret" not in str(refused.value)


def run(cluster: Cluster, *words: str) -> Result:
    return CliRunner().invoke(cli, ["drain", f"http://127.0.0.1:{cluster.port}", *words])


def test_the_command_tells_how_many_tasks_are_left(cluster: Cluster) -> None:
    result = run(cluster, "10.0.0.21", "--grace", "5")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        ["10.0.0.21: 1 tasks left", "10.0.0.21, agent S1, has no tasks, and gets none"],
    )


def test_on_a_terminal_it_has_a_bar(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    drain_with_bar(Master(f"http://127.0.0.1:{cluster.port}"), "10.0.0.21", 10, None)
    assert capsys.readouterr().out.splitlines()[-1] == "10.0.0.21, agent S1, has no tasks, and gets none"


def test_what_is_refused_is_said_and_fails(cluster: Cluster) -> None:
    result = run(cluster, "10.0.0.99")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("0 agents match 10.0.0.99")


def test_a_bare_python_has_the_same(cluster: Cluster) -> None:
    program = Path(bare.__file__).read_text()
    words = [sys.executable, "-I", "-", f"http://127.0.0.1:{cluster.port}", "10.0.0.21"]
    done = subprocess.run(words, input=program, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "10.0.0.21, agent S1, has no tasks, and gets none")
