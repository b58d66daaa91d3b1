"""The programs in docs/framework-tests.md do what the page says, with a command that has no cluster."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cdktf_mesos.testing import cluster

pytest_plugins = "pytester"

PAGE = (Path(__file__).parents[3] / "docs/framework-tests.md").read_text()

# Writes down how it is called. There is nothing to remove at first.
COMMAND = """#!/bin/bash
echo "$*" >> "$CALLS"
case $1 in
    down) [ "$(wc -l < "$CALLS")" -gt 1 ] ;;
    info) echo "export CDKTF_MESOS_ZK=zk://h:1/mesos"; echo "export CDKTF_MESOS_MASTER=$MASTER" ;;
    up) echo "{\\"name\\": \\"go-tests\\", \\"zk\\": \\"zk://h:1/mesos\\", \\"master\\": \\"$MASTER\\"}" ;;
esac
"""


def programs(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def with_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster with as many agents as `up` is told, and with the version of the last upgrade."""
    agents, version = 1, ""

    def run(*words: str) -> str:
        nonlocal agents, version
        options = dict(zip(words, words[1:], strict=False))
        if words[0] in ("up", "upgrade"):
            version = options["--mesos"]
        if words[0] == "state":
            slaves = [{"id": f"S{number}", "active": True} for number in range(agents)]
            return json.dumps({"slaves": slaves, "version": version})
        agents = int(options.get("--agents", agents))
        addresses = {"zk": "zk://h:1/mesos", "master": "http://h:2", "agents": [], "zookeeper": "h:1"}
        return json.dumps({"name": "one", "mesos": version, "marathon": None, "members": {}, **addresses})

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(cluster, "_run", run)


@pytest.mark.usefixtures("with_agents")
@pytest.mark.parametrize(("agents", "red"), [(1, 1), (2, 0)])
def test_the_first_tests_are_green_and_red_as_the_page_says(pytester: pytest.Pytester, agents: int, red: int) -> None:
    first, second = programs("python")
    compile(second, "page", "exec")
    pytester.makepyfile(test_upgrade=first)
    words = ("-p", "cdktf_mesos.testing.plugin", "--mesos-versions", "1.10.0", "--mesos-agents", str(agents))
    pytester.runpytest_inprocess(*words).assert_outcomes(passed=2 - red, failed=red)


@pytest.fixture
def master() -> Iterator[str]:
    """The URL of what answers as a master."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"version 1.11.0")

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("language", "file", "words"),
    [
        pytest.param("java", "MesosCluster.java", ("java",), marks=pytest.mark.skipif(not shutil.which("javac"), reason="no JDK")),
        pytest.param("go", "main.go", ("go", "run"), marks=pytest.mark.skipif(not shutil.which("go"), reason="no Go")),
    ],
)
def test_the_programs_in_other_languages_run(
    tmp_path: Path, master: str, language: str, file: str, words: tuple[str, ...]
) -> None:
    (program,) = programs(language)
    (tmp_path / file).write_text(program)
    command, calls = tmp_path / "bin/cdktf-mesos", tmp_path / "calls"
    command.parent.mkdir()
    command.write_text(COMMAND)
    command.chmod(0o755)
    path = f"{command.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [*words, file],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "CALLS": str(calls), "MASTER": master},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout == "Start the framework with zk://h:1/mesos\nversion 1.11.0\n", done.stderr
    run = [line.split()[0] for line in calls.read_text().splitlines()]
    assert [each for each in run if each != "info"] == ["down", "up", "upgrade", "down"]
    assert all(line.endswith(f"--name {language}-tests") for line in calls.read_text().splitlines())
