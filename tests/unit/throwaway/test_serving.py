from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.live import tasks
from cdktf_mesos.throwaway.serving import wait_until_serving
from tests.unit.throwaway.conftest import DockerEngine, NewCluster


class Master:
    """A master that knows what a test says."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"leader": "master@1", "slaves": [], "frameworks": [], "completed_frameworks": []}
        self.asked: list[str] = []


@pytest.fixture
def master() -> Master:
    return Master()


@pytest.fixture
def cluster(new: NewCluster, engine: DockerEngine, master: Master) -> Iterator[Cluster]:
    """A cluster whose master serves; its port is that of the master in the block."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            master.asked.append(self.path)
            data = json.dumps(master.state).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        first = server.server_port - 3
        made = new(blocks=(first, first + 100))
        engine.have("one", *made.members)
        yield made
        server.shutdown()


def agent(cluster: Cluster, *, active: bool = True) -> dict[str, Any]:
    return {"id": "S1", "pid": f"slave(1)@127.0.0.1:{cluster.ports['agent-1']}", "active": active}


def test_a_cluster_serves_when_the_master_leads_and_all_agents_are_registered(cluster: Cluster, master: Master) -> None:
    with pytest.raises(RuntimeError, match="one does not serve: 0 of 1 agents are registered"):
        wait_until_serving(cluster, 0.2, kept_tasks=False)
    threading.Timer(0.3, lambda: master.state.update(slaves=[agent(cluster)])).start()
    wait_until_serving(cluster, 20, kept_tasks=False)
    master.state["slaves"] = [agent(cluster, active=False)]
    with pytest.raises(RuntimeError, match="0 of 1 agents"):
        wait_until_serving(cluster, 0.2, kept_tasks=False)
    master.state["leader"] = ""
    with pytest.raises(RuntimeError, match="no master leads"):
        wait_until_serving(cluster, 0.2, kept_tasks=False)


def test_after_an_upgrade_the_error_has_what_a_health_check_says(
    cluster: Cluster, master: Master, engine: DockerEngine
) -> None:
    master.state["slaves"] = [agent(cluster)]
    engine.run("one-agent-1", health="unhealthy", output="lost the task web.1")
    wait_until_serving(cluster, 5, kept_tasks=False)
    with pytest.raises(RuntimeError, match="does not serve: agent-1 is unhealthy: lost the task web.1"):
        wait_until_serving(cluster, 0.2, kept_tasks=True)
    engine.run("one-agent-1")
    wait_until_serving(cluster, 5, kept_tasks=True)


def test_a_member_that_ends_again_and_again_ends_the_wait_with_its_log(cluster: Cluster, engine: DockerEngine) -> None:
    engine.run("one-agent-1", state="restarting", exit_code=1, output="Failed to load unknown flag 'isolator'\n")
    engine.containers["one-agent-1"]["RestartCount"] = 3
    with pytest.raises(RuntimeError, match="agent-1 has ended with exit code 1:\nFailed to load unknown flag"):
        wait_until_serving(cluster, 600, kept_tasks=False)


def test_tasks_have_the_names_of_their_agents(cluster: Cluster, master: Master) -> None:
    running = {"id": "web.1", "name": "web", "state": "TASK_RUNNING", "slave_id": "S1"}
    ended = {"id": "web.0", "name": "web", "state": "TASK_FAILED", "slave_id": "S0"}
    master.state["slaves"] = [agent(cluster)]
    master.state["frameworks"] = [{"name": "marathon", "tasks": [running], "completed_tasks": [ended]}]
    assert [(each["framework"], each["id"], each["state"], each["agent"]) for each in tasks(cluster)] == [
        ("marathon", "web.1", "TASK_RUNNING", "agent-1"),
        ("marathon", "web.0", "TASK_FAILED", "S0"),
    ]
    assert master.asked[-1] == "/state"


def test_masters_before_0_25_are_asked_at_their_own_endpoint(cluster: Cluster, master: Master) -> None:
    tasks(dataclasses.replace(cluster, mesos="0.24.1"))
    assert master.asked == ["/state.json"]
