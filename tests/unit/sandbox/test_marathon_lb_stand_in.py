"""The stand-in for marathon-lb's generator keeps to what the release does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.stand_ins.marathon_lb.configuration import configuration
from sandbox.stand_ins.marathon_lb.options import parse
from sandbox.stand_ins.marathon_lb.services import service_ports, services
from sandbox.stand_ins.marathon_lb.templates import Templates

V1_12, V1_14, V1_15 = (1, 12, 3), (1, 14, 2), (1, 15, 0)
GIVEN = ["-m", "http://m1:8080", "http://m2:8080", "--group", "a", "--group", "b"]
CHECK = {"timeoutSeconds": 2, "intervalSeconds": 5, "gracePeriodSeconds": 9, "maxConsecutiveFailures": 3, "path": "/up"}


def app(id_: str = "/shop/cart", **more: Any) -> dict[str, Any]:
    task = {"host": "127.0.0.1", "ports": [31000], "state": "TASK_RUNNING", "id": "t1"}
    return {"id": id_, "labels": {}, "portDefinitions": [{"port": 10001}], "tasks": [task], **more}


def configured(*apps: dict[str, Any], groups: tuple[str, ...] = ("*",), release: tuple[int, int, int] = V1_15) -> str:
    found = services([*apps], healthy={}, strict=False, release=release)
    return configuration(found, groups, Templates(Path("/none")), certificates="/a.pem,/b.pem", vhosts=True)


def test_all_instances_and_groups_are_read() -> None:
    options = parse(GIVEN, V1_15)
    assert (options.marathon, options.group) == (["http://m1:8080", "http://m2:8080"], ["a", "b"])
    assert options.max_backoff == 300


@pytest.mark.parametrize(
    ("words", "release"),
    [(["--max-backoff", "10"], V1_12), (["--nonsense"], V1_15), (["--haproxy-map"], V1_15)],
)
def test_options_that_it_does_not_have_end_it(
    words: list[str], release: tuple[int, int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse([*GIVEN, *words], release)
    assert words[0] in capsys.readouterr().err


def test_the_sections_have_the_names_and_the_order_of_marathon_lb() -> None:
    text = configured(app(), app("/web", labels={"HAPROXY_0_VHOST": "www.example.com"}))
    sections = [line for line in text.splitlines() if line[:1].isalpha()]
    assert sections == [
        *("global", "defaults", "listen stats"),
        *("frontend marathon_http_in", "frontend marathon_http_appid_in", "frontend marathon_https_in"),
        *("frontend shop_cart_10001", "frontend web_10001", "backend shop_cart_10001", "backend web_10001"),
    ]
    assert "bind *:443 ssl crt /a.pem crt /b.pem" in text


def test_virtual_hosts_are_served_by_rules_in_the_order_of_their_weights() -> None:
    labels = {"HAPROXY_0_VHOST": "www.example.com", "HAPROXY_0_PATH": "/v1"}
    text = configured(app("/all", labels={"HAPROXY_0_VHOST": "www.example.com"}), app("/part", labels=labels))
    rules = [line.strip() for line in text.splitlines() if "use_backend" in line and " if host_" in line]
    assert [rule.split()[1] for rule in rules] == ["part_10001", "all_10001"]
    assert "use_backend part_10001 if { ssl_fc_sni www.example.com } path_part_10001" in text


@pytest.mark.parametrize(
    ("labels", "checks", "mode"),
    [
        ({}, [], "tcp"),
        ({"HAPROXY_0_VHOST": "x.org"}, [], "http"),
        ({}, [{"protocol": "HTTP", "portIndex": 0}], "http"),
        ({}, [{"protocol": "MESOS_HTTP", "portIndex": 0}], "tcp"),
        ({"HAPROXY_0_MODE": "tcp"}, [{"protocol": "HTTP", "portIndex": 0}], "tcp"),
        # Issues 196, 483 and 575.
        (
            {"HAPROXY_0_MODE": "tcp", "HAPROXY_0_BACKEND_HEALTHCHECK_PORT_INDEX": "1"},
            [{"protocol": "HTTP", "portIndex": 1}],
            "http",
        ),
    ],
)
def test_the_mode_follows_from_labels_and_health_checks(
    labels: dict[str, str], checks: list[dict[str, Any]], mode: str
) -> None:
    given = app(labels=labels, healthChecks=[{**CHECK, **check} for check in checks])
    (service,) = services([given], healthy=None, strict=False, release=V1_15)
    assert service.mode == mode


@pytest.mark.parametrize(
    ("state", "release", "count"),
    [
        ("TASK_RUNNING", V1_15, 1),
        ("TASK_UNREACHABLE", V1_15, 1),
        ("TASK_KILLING", V1_15, 0),
        ("TASK_STAGING", V1_14, 0),
        ("TASK_KILLING", V1_12, 1),
    ],
)
def test_states_of_tasks_count_from_1_14_on(state: str, release: tuple[int, int, int], count: int) -> None:
    task = {"host": "127.0.0.1", "ports": [31000], "state": state, "id": "t1"}
    assert len(services([app(tasks=[task])], healthy={}, strict=False, release=release)) == count


def test_tasks_that_do_not_pass_their_health_check_get_no_requests() -> None:
    checks = [{**CHECK, "protocol": "HTTP", "portIndex": 0}]
    tasks = [
        {"host": "127.0.0.1", "ports": [port], "id": str(port), "healthCheckResults": [{"alive": alive}]}
        for port, alive in ((31001, True), (31002, False))
    ]
    text = configured(app(healthChecks=checks, tasks=tasks))
    assert "127.0.0.1:31001 id" in text and "31002" not in text
    assert "option  httpchk GET /up" in text and "check inter 5s fall 4" in text


def test_tasks_that_were_healthy_keep_their_requests_while_a_new_leader_knows_no_results() -> None:
    task = {"host": "127.0.0.1", "ports": [31001], "id": "t1"}
    checks = [{**CHECK, "protocol": "HTTP", "portIndex": 0}]
    healthy: dict[str, bool] = {}
    for results, count in (({}, 0), ({"healthCheckResults": [{"alive": True}]}, 1), ({}, 1)):
        apps = [app(tasks=[{**task, **results}], healthChecks=checks)]
        assert len(services(apps, healthy=healthy, strict=False, release=V1_15)) == count


@pytest.mark.parametrize(
    ("more", "ports"),
    [
        ({}, [10001]),
        (
            {
                "networks": [{"mode": "container/bridge"}],
                "container": {"portMappings": [{"containerPort": 80, "servicePort": 10005}]},
            },
            [10005],
        ),
        (
            {"container": {"docker": {"network": "BRIDGE", "portMappings": [{"servicePort": 10006}]}}},
            [10006],
        ),
        ({"portDefinitions": None, "ports": [10007]}, []),
    ],
)
def test_service_ports_are_read_in_all_forms(more: dict[str, Any], ports: list[int]) -> None:
    assert service_ports(app(**more)) == ports


@pytest.mark.parametrize(
    ("labels", "groups", "reached"),
    [
        ({}, ("external",), False),
        ({}, ("*",), True),
        ({"HAPROXY_GROUP": "external,other"}, ("external",), True),
        ({"HAPROXY_GROUP": "external", "HAPROXY_0_GROUP": "internal"}, ("external",), False),
        ({"HAPROXY_0_ENABLED": "false"}, ("*",), False),
    ],
)
def test_groups_decide_which_apps_are_reached(labels: dict[str, str], groups: tuple[str, ...], reached: bool) -> None:
    assert ("backend shop_cart" in configured(app(labels=labels), groups=groups)) is reached


def test_a_head_that_breaks_reloads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAPROXY_HEAD", "global\\n  daemon\\n")
    with pytest.raises(ValueError, match="expose-fd listeners"):
        configured(app())
