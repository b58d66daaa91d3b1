"""The Marathon stand-in answers as Marathon does."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.stand_ins.marathon.api import Answer, Api, Request
from sandbox.stand_ins.marathon.flags import parse
from sandbox.stand_ins.marathon.server import Server
from sandbox.stand_ins.marathon.state import State
from sandbox.stand_ins.marathon.tasks import Plan, Task

APP = {"id": "web", "cmd": "sleep 1", "container": {"type": "DOCKER", "docker": {"image": "busybox"}}}


class MemoryStore:
    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}

    def load(self, kind: str) -> dict[str, Any]:
        return {key: json.loads(value) for key, value in self.entries.get(kind, {}).items()}

    def save(self, kind: str, key: str, value: Any) -> None:
        self.entries.setdefault(kind, {})[key] = json.dumps(value)

    def remove(self, kind: str, key: str) -> None:
        self.entries.get(kind, {}).pop(key, None)


class Marathon:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.restart()

    def restart(self) -> None:
        self.state = State(self.store)
        self.api = Api(self.state, lambda: {"name": "marathon", "standIn": True})

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.api.answer(Request(method, path, query, data))

    def run_tasks(self, count: int = 1, app: str = "/web") -> list[Task]:
        version = self.state.apps[app]["versionInfo"]["lastConfigChangeAt"]
        tasks = [
            Task(f"web.{n}", app, version, "agent", "h1", [31000 + n], "TASK_RUNNING", 0.0, 1.0) for n in range(count)
        ]
        for task in tasks:
            self.state.save(task)
        self.state.settle()
        return tasks


@pytest.fixture
def marathon() -> Marathon:
    return Marathon()


def test_an_app_is_created_once(marathon: Marathon) -> None:
    created = marathon.call("POST", "/v2/apps", APP)
    assert (created.status, created.body["id"], created.body["instances"]) == (201, "/web", 1)
    assert created.body["deployments"] and created.body["tasksRunning"] == 0
    again = marathon.call("POST", "/v2/apps", APP)
    assert (again.status, again.body["message"]) == (409, "An app with id [/web] already exists.")


def test_an_unknown_app_is_not_found(marathon: Marathon) -> None:
    for method, path in [("GET", "/v2/apps/x"), ("DELETE", "/v2/apps/x"), ("GET", "/v2/apps/x/tasks")]:
        answer = marathon.call(method, path)
        assert (answer.status, answer.body["message"]) == (404, "App '/x' does not exist")


def test_an_invalid_app_is_unprocessable(marathon: Marathon) -> None:
    answer = marathon.call("POST", "/v2/apps", APP | {"instances": -1})
    assert (answer.status, answer.body["message"]) == (422, "Object is not valid")
    assert answer.body["details"][0]["path"] == "/instances"
    assert marathon.call("PUT", "/v2/apps/web", []).status == 422


def test_malformed_json_is_a_bad_request(marathon: Marathon) -> None:
    assert marathon.call("POST", "/v2/apps", b"{").status == 400


def test_errors_for_unsupported_paths_name_the_stand_in(marathon: Marathon) -> None:
    other = marathon.call("GET", "/v2/groups")
    assert other.status == 404 and "stand-in" in other.body["message"]
    assert marathon.call("DELETE", "/v2/apps").status == 405


def test_a_change_waits_for_the_running_deployment_or_forces_it(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    assert marathon.call("PUT", "/v2/apps/web", {"instances": 2}).status == 409
    assert marathon.call("PUT", "/v2/apps/web", {"instances": 2}, force="true").status == 200
    marathon.run_tasks(2)
    assert marathon.call("GET", "/v2/deployments").body == []
    assert marathon.call("PUT", "/v2/apps/web", {"instances": 1}).status == 200
    assert len(marathon.call("GET", "/v2/deployments").body) == 1


def test_only_scaling_keeps_the_version_of_the_tasks(marathon: Marathon) -> None:
    before = marathon.call("POST", "/v2/apps", APP).body["versionInfo"]["lastConfigChangeAt"]
    marathon.call("PUT", "/v2/apps/web", {"instances": 2}, force="true")
    assert marathon.state.apps["/web"]["versionInfo"]["lastConfigChangeAt"] == before
    marathon.call("PUT", "/v2/apps/web", {"cmd": "sleep 2"}, force="true")
    assert marathon.state.apps["/web"]["versionInfo"]["lastConfigChangeAt"] > before
    assert (marathon.state.apps["/web"]["instances"], marathon.state.apps["/web"]["cmd"]) == (2, "sleep 2")


def test_an_app_as_read_can_be_written_back(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    marathon.run_tasks()
    before = marathon.state.apps["/web"]["versionInfo"]["lastConfigChangeAt"]
    assert marathon.call("PUT", "/v2/apps/web", marathon.call("GET", "/v2/apps/web").body["app"]).status == 200
    assert marathon.state.apps["/web"]["versionInfo"]["lastConfigChangeAt"] == before


def test_a_put_without_a_change_makes_no_new_version(marathon: Marathon) -> None:
    marathon.call("PUT", "/v2/apps/web", APP)
    marathon.run_tasks()
    before = marathon.call("GET", "/v2/apps/web").body["app"]["version"]
    assert marathon.call("PUT", "/v2/apps/web", APP, partialUpdate="false").status == 200
    assert marathon.call("GET", "/v2/deployments").body == []
    assert marathon.call("GET", "/v2/apps/web").body["app"]["version"] == before


def test_put_creates_an_app_that_is_not_there(marathon: Marathon) -> None:
    assert marathon.call("PUT", "/v2/apps/group/web", APP).status == 201
    assert [app["id"] for app in marathon.call("GET", "/v2/apps").body["apps"]] == ["/group/web"]


def test_tasks_are_shown_with_their_app_and_alone(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    marathon.run_tasks()
    task = marathon.call("GET", "/v2/apps/web/tasks").body["tasks"][0]
    assert (task["appId"], task["host"], task["ports"], task["state"]) == ("/web", "h1", [31000], "TASK_RUNNING")
    app = marathon.call("GET", "/v2/apps/web").body["app"]
    assert (app["tasksRunning"], app["tasksStaged"], app["tasks"]) == (1, 0, [task])
    assert marathon.call("GET", "/v2/tasks").body["tasks"] == [task]


def test_tasks_as_text_are_not_acceptable_as_in_1_11(marathon: Marathon) -> None:
    assert marathon.api.answer(Request("GET", "/v2/tasks", accept="text/plain")).status == 406
    assert marathon.api.answer(Request("GET", "/v2/tasks", accept="application/json, text/plain")).status == 200


def test_an_app_is_answered_in_the_form_of_its_release(marathon: Marathon) -> None:
    docker = {"image": "busybox", "network": "HOST"}
    marathon.call("POST", "/v2/apps", {"id": "web", "ports": [0], "container": {"docker": docker}})
    app = marathon.call("GET", "/v2/apps/web").body["app"]
    assert app["networks"] == [{"mode": "host"}] and "network" not in app["container"]["docker"]
    assert app["portDefinitions"] == [{"port": 10000, "protocol": "tcp"}]
    assert app["container"]["type"] == "DOCKER" and app["container"]["volumes"] == []
    assert app["upgradeStrategy"] == {"minimumHealthCapacity": 1, "maximumOverCapacity": 1}


def test_a_field_that_would_have_no_effect_is_refused(marathon: Marathon) -> None:
    answer = marathon.call("POST", "/v2/apps", APP | {"constraints": [["hostname", "UNIQUE"]]})
    assert (answer.status, answer.body["details"][0]["path"]) == (422, "/constraints")


def test_a_cancelled_deployment_restores_the_app(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    marathon.run_tasks()
    deployment = marathon.call("PUT", "/v2/apps/web", {"instances": 3}).body["deploymentId"]
    assert marathon.call("DELETE", f"/v2/deployments/{deployment}").status == 200
    assert marathon.call("GET", "/v2/apps/web").body["app"]["instances"] == 1
    assert marathon.call("DELETE", f"/v2/deployments/{deployment}").status == 404


def test_a_cancelled_deployment_of_a_new_app_removes_it(marathon: Marathon) -> None:
    (deployment,) = marathon.call("POST", "/v2/apps", APP).body["deployments"]
    assert marathon.call("DELETE", f"/v2/deployments/{deployment['id']}").status == 200
    assert marathon.call("GET", "/v2/apps/web").status == 404


def test_a_deployment_that_is_ended_by_force_is_not_undone(marathon: Marathon) -> None:
    (deployment,) = marathon.call("POST", "/v2/apps", APP).body["deployments"]
    assert marathon.call("DELETE", f"/v2/deployments/{deployment['id']}", force="true").status == 202
    assert marathon.call("GET", "/v2/apps/web").status == 200 and not marathon.call("GET", "/v2/deployments").body


def test_the_last_failure_of_an_app_is_shown_until_the_app_is_deleted(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    (task,) = marathon.run_tasks()
    marathon.state.failed(task, "TASK_FAILED", "no such image")
    marathon.restart()
    failure = marathon.call("GET", "/v2/apps/web").body["app"]["lastTaskFailure"]
    assert (failure["state"], failure["message"], failure["host"]) == ("TASK_FAILED", "no such image", "h1")
    marathon.call("DELETE", "/v2/apps/web", force="true")
    marathon.call("POST", "/v2/apps", APP)
    assert "lastTaskFailure" not in marathon.call("GET", "/v2/apps/web").body["app"]


def test_the_queue_says_why_offers_did_not_suffice(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    marathon.state.declined["/web"] = {"InsufficientCpus": 2}
    (entry,) = marathon.call("GET", "/v2/queue").body["queue"]
    rejected = entry["processedOffersSummary"]["rejectSummaryLastOffers"]
    assert rejected == [{"reason": "InsufficientCpus", "declined": 2, "processed": 2}]


def test_a_killed_task_and_the_tasks_of_a_deleted_app_are_marked_to_be_killed(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    task, other = marathon.run_tasks(2)
    assert marathon.call("DELETE", f"/v2/apps/web/tasks/{task.id}").status == 200
    assert task.killing and not other.killing
    assert marathon.call("DELETE", "/v2/apps/web/tasks/none").status == 404
    assert marathon.call("DELETE", "/v2/apps/web", force="true").status == 200
    assert [plan.kill for _, _, plan in marathon.state.plans()] == [(other,)]
    assert marathon.call("GET", "/v2/apps/web").status == 404


def test_apps_and_tasks_survive_a_restart(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    (task,) = marathon.run_tasks()
    before = marathon.state.apps
    marathon.restart()
    assert (marathon.state.apps, marathon.state.tasks) == (before, {task.id: task})
    assert all(plan == Plan(start=0, kill=()) for _, _, plan in marathon.state.plans())


def test_a_restart_of_an_app_replaces_its_tasks(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    marathon.run_tasks()
    assert marathon.call("POST", "/v2/apps/web/restart").status == 200
    assert [plan.start for _, _, plan in marathon.state.plans()] == [1]


class Instance:
    """A server on a free port."""

    def __init__(self, leader: str | None = None, credentials: str = "") -> None:
        flags = parse(["--master=m:5050", "--http_address=127.0.0.1", "--http_port=0", "--hostname=127.0.0.1"], {})
        flags.http_credentials = credentials
        self.server = Server(flags, lambda: leader or self.address)
        flags.http_port = self.server.server_address[1]
        self.address = flags.address
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection(self.address, timeout=5)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()


@pytest.fixture
def leader(marathon: Marathon) -> Iterator[Instance]:
    instance = Instance()
    instance.server.api = marathon.api
    yield instance
    instance.server.shutdown()
    instance.server.server_close()


def test_every_instance_answers_ping_itself_and_says_what_it_is(leader: Instance) -> None:
    answer, body = Instance(leader="127.0.0.1:1").get("/ping")
    assert (answer.status, body) == (200, "pong")
    assert answer.headers["X-Stand-In"] == "marathon stand-in for tests (not Marathon)"


def test_an_instance_that_does_not_lead_forwards_requests_to_the_leader(leader: Instance) -> None:
    other = Instance(leader=leader.address)
    answer, body = other.get("/v2/info")
    assert (answer.status, json.loads(body)["standIn"]) == (200, True)
    assert answer.headers["X-Marathon-Leader"] == f"http://{leader.address}"
    assert answer.headers["X-Marathon-Via"] == f"1.1 {other.address}"
    assert json.loads(other.get("/v2/leader")[1]) == {"leader": leader.address}
    assert other.get("/v2/apps/x")[0].status == 404


def test_the_leader_streams_events_and_the_others_redirect_to_it(leader: Instance, marathon: Marathon) -> None:
    asked = {"Accept": "text/event-stream"}
    answer, _ = Instance(leader=leader.address).get("/v2/events", **asked)
    assert (answer.status, answer.headers["Location"]) == (302, f"http://{leader.address}/v2/events")
    assert leader.get("/v2/events")[0].status == 405
    connection = http.client.HTTPConnection(leader.address, timeout=5)
    connection.request("GET", "/v2/events?event_type=api_post_event&event_type=event_stream_attached", headers=asked)
    stream = connection.getresponse()
    assert stream.headers["Content-Type"] == "text/event-stream;charset=utf-8"
    assert stream.readline() == b"event: event_stream_attached\r\n"
    marathon.call("POST", "/v2/apps", APP)
    lines = [stream.readline() for _ in range(4)]
    assert lines[2] == b"event: api_post_event\r\n"
    assert json.loads(lines[3].removeprefix(b"data: "))["appDefinition"]["id"] == "/web"
    connection.close()


def test_a_leader_that_is_not_ready_is_503_and_one_that_is_gone_502() -> None:
    assert Instance().get("/v2/apps")[0].status == 503
    assert Instance(leader="127.0.0.1:1").get("/v2/apps")[0].status == 502


def test_requests_need_the_credentials_that_are_set() -> None:
    instance = Instance(credentials="user:secret")
    assert instance.get("/ping")[0].status == 401
    assert instance.get("/ping", Authorization="Basic dXNlcjpzZWNyZXQ=")[0].status == 200


def test_metrics_have_marathon_s_names_and_count_what_there_is(marathon: Marathon) -> None:
    marathon.call("POST", "/v2/apps", APP)
    before = marathon.call("GET", "/metrics/prometheus").body
    assert "\nmarathon_deployments_active_gauge 1\n" in before
    marathon.run_tasks()
    after = marathon.call("GET", "/metrics/prometheus").body.splitlines()
    values = dict(line.split() for line in after if line and not line.startswith("#"))
    assert values["marathon_apps_active_gauge"] == values["marathon_instances_running_gauge"] == "1"
    assert values["marathon_deployments_active_gauge"] == "0"
