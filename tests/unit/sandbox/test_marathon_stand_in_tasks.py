"""Which tasks the Marathon stand-in starts and kills, and what it takes from offers."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.stand_ins.marathon.apps import InvalidApp, definition
from sandbox.stand_ins.marathon.masters import address, leading_node
from sandbox.stand_ins.marathon.offers import Offer, place, task_info
from sandbox.stand_ins.marathon.tasks import Plan, Task, new_task_id, plan
from sandbox.stand_ins.marathon.zookeeper import split_url

APP = {"id": "web", "cmd": "sleep 1", "container": {"type": "DOCKER", "docker": {"image": "busybox"}}}
V1 = {"versionInfo": {"lastConfigChangeAt": "v1"}}


def task(name: str, state: str = "TASK_RUNNING", version: str = "v1", staged: float = 0, killing: bool = False) -> Task:
    return Task(name, "/web", version, "agent", "host", [], state, staged, None, killing)


def test_missing_tasks_are_started() -> None:
    assert plan(3, "v1", [task("a")]).start == 2


def test_a_task_that_is_being_killed_does_not_count() -> None:
    assert plan(1, "v1", [task("a", killing=True)]).start == 1


def test_an_app_with_the_right_number_of_tasks_needs_no_change() -> None:
    assert plan(2, "v1", [task("a"), task("b", "TASK_STAGING")]) == Plan(start=0, kill=())


def test_surplus_tasks_that_do_not_run_are_killed_first_then_the_youngest() -> None:
    tasks = [task("old", staged=1), task("young", staged=2), task("staging", "TASK_STAGING", staged=0)]
    assert [t.id for t in plan(1, "v1", tasks).kill] == ["young", "staging"]


def test_a_task_of_an_older_version_is_killed_only_when_a_new_one_runs() -> None:
    old = [task("o1", version="v0", staged=1), task("o2", version="v0", staged=2)]
    first = plan(2, "v1", old)
    assert (first.start, first.kill) == (2, ())
    then = plan(2, "v1", [*old, task("n1"), task("n2", "TASK_STAGING")])
    assert (then.start, [t.id for t in then.kill]) == (0, ["o2"])


def test_without_over_capacity_the_old_task_ends_before_a_new_one_starts() -> None:
    old = task("old", version="v0")
    assert plan(1, "v1", [old], healthy=0, over=0) == Plan(start=0, kill=(old,))
    assert plan(1, "v1", [task("old", version="v0", killing=True)], healthy=0, over=0).start == 0
    assert plan(1, "v1", [], healthy=0, over=0).start == 1


def test_a_deleted_app_has_all_tasks_killed() -> None:
    assert len(plan(0, "", [task("a"), task("b", "TASK_STAGING")]).kill) == 2


def test_task_ids_begin_with_the_path_of_the_app() -> None:
    assert new_task_id("/group/web").startswith("group_web.")


def scalar(name: str, value: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}, **more}


def offer(cpus: float = 1.0, mem: float = 256.0, begin: int = 31000, end: int = 31001, **more: Any) -> Offer:
    ports = {"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": begin, "end": end}]}, **more}
    resources = [scalar("cpus", cpus, **more), scalar("mem", mem, **more), ports]
    return Offer({"id": {"value": "o"}, "agent_id": {"value": "a"}, "hostname": "h", "resources": resources})


def test_tasks_use_up_an_offer() -> None:
    app, one = definition(APP | {"cpus": 0.5, "mem": 64}), offer()
    first, second = one.take(app, ["*"]), one.take(app, ["*"])
    assert first and second and (first[1], second[1]) == ([31000], [31001])
    assert one.take(app, ["*"]) is None


def test_resources_of_another_role_are_not_used() -> None:
    app = definition(APP | {"cpus": 0.5, "mem": 64})
    assert offer(role="other").take(app, ["*", "mine"]) is None
    assert offer(role="mine").take(app, ["*", "mine"])


def test_an_offer_without_a_required_port_is_not_used() -> None:
    app = definition(APP | {"cpus": 0.5, "mem": 64, "ports": [31001], "requirePorts": True})
    taken = offer().take(app, ["*"])
    assert taken and taken[1] == [31001]
    other = offer(end=31000)
    assert other.take(app, ["*"]) is None and other.lacks == "InsufficientPorts"


def test_an_offer_that_does_not_suffice_is_not_used() -> None:
    large, small, one = definition(APP | {"mem": 512}), definition(APP), offer()
    assert one.take(large, ["*"]) is None
    assert one.take(small, ["*"])


def test_tasks_are_spread_over_offers() -> None:
    offers, used = [offer(), offer()], []

    def launch(chosen: Offer, app: dict[str, Any]) -> bool:
        used.append(offers.index(chosen))
        return True

    place(offers, [(definition(APP), 3)], launch)
    assert used == [0, 1, 0]


def test_placing_ends_when_no_offer_fits() -> None:
    place([offer(), offer()], [(definition(APP), 3)], lambda chosen, app: False)
    place([], [(definition(APP), 3)], lambda chosen, app: True)


def test_a_tasks_command_runs_in_a_shell_in_its_image_on_the_hosts_network() -> None:
    app = definition(APP | {"env": {"A": "b"}, "id": "group/web"}) | V1
    info = task_info(app, "t", offer(), [], [31000])
    assert info["name"] == "web.group"
    assert (info["command"]["shell"], info["command"]["value"]) == (True, "sleep 1")
    variables = {v["name"]: v["value"] for v in info["command"]["environment"]["variables"]}
    assert (variables["A"], variables["PORT0"], variables["MARATHON_APP_ID"]) == ("b", "31000", "/group/web")
    assert (info["container"]["docker"]["image"], info["container"]["docker"]["network"]) == ("busybox", "HOST")


def test_arguments_go_to_the_images_entrypoint() -> None:
    app = definition({"id": "web", "args": ["-v"], "container": APP["container"]}) | V1
    command = task_info(app, "t", offer(), [], [])["command"]
    assert (command["shell"], command["arguments"], "value" in command) == (False, ["-v"], False)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": ""}, "/id"),
        ({"id": "Web"}, "/id"),
        ({"id": "web/tasks"}, "/id"),
        ({"cpus": -1}, "/cpus"),
        ({"instances": 1.5}, "/instances"),
        ({"instances": "2"}, "/instances"),
        ({"env": {"A": 1}}, "/env(A)"),
        ({"args": ["a"]}, "/"),
        ({"constraints": [["hostname", "UNIQUE"]]}, "/constraints"),
        ({"healthChecks": [{"protocol": "HTTP"}]}, "/healthChecks"),
        ({"container": {"type": "MESOS"}}, "/container/type"),
        ({"container": {"type": "DOCKER", "docker": {}}}, "/container/docker/image"),
        ({"container": {"docker": {"image": "x", "network": "BRIDGE"}}}, "/container/docker/network"),
        ({"networks": [{"mode": "container/bridge"}]}, "/networks"),
        ({"cmd": None, "container": None}, "/"),
        ({"portDefinitions": [{"port": 70000}]}, "/portDefinitions(0)"),
    ],
)
def test_an_app_that_cannot_run_is_invalid(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidApp) as error:
        definition(APP | change)
    assert path in [detail["path"] for detail in error.value.details]


def test_unsupported_fields_are_accepted_if_they_are_empty() -> None:
    assert definition(APP | {"constraints": [], "healthChecks": [], "fetch": None, "tasksRunning": 3})["instances"] == 1


def test_the_leading_master_is_the_one_that_registered_first() -> None:
    assert leading_node(["json.info_0000000010", "json.info_0000000009", "log_replicas"]) == "json.info_0000000009"
    assert leading_node(["log_replicas"]) is None
    assert address({"address": {"ip": "10.0.0.1", "port": 5050, "hostname": "m1"}}) == "10.0.0.1:5050"


def test_zookeeper_urls_have_hosts_credentials_and_a_path() -> None:
    assert split_url("zk://u:p@a:2181,b:2181/x/y") == ("a:2181,b:2181", "u:p", "/x/y")
    for wrong in ("a:2181/x", "zk://a:2181", "zk://a:2181/"):
        with pytest.raises(ValueError, match="zk://"):
            split_url(wrong)
