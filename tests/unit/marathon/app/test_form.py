"""An app's definition is checked, and written in the form in which its Marathon answers it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdktf_mesos.marathon.app.form import lines_of
from tests.unit.marathon.app.conftest import APP, DOCKER, Write


def test_old_fields_are_written_in_the_form_of_a_new_release(write: Write) -> None:
    mappings = [{"containerPort": 80, "servicePort": 10080}]
    bridge = {"image": "nginx", "network": "BRIDGE", "portMappings": mappings}
    app = {"id": "shop", "uris": ["http://h/a.tgz"], "container": {"type": "DOCKER", "docker": bridge}}
    assert write(app) == {
        "id": "/shop",
        "fetch": [{"uri": "http://h/a.tgz"}],
        "networks": [{"mode": "container/bridge"}],
        "container": {"type": "DOCKER", "docker": {"image": "nginx"}, "portMappings": mappings},
    }
    assert write(app, "v1.4.13") == {
        "id": "/shop",
        "fetch": [{"uri": "http://h/a.tgz"}],
        "container": {"type": "DOCKER", "docker": bridge},
    }
    emptied: dict[str, Any] = {"env": {}, "labels": {}, "constraints": [], "healthChecks": []}
    assert write(app, "v0.8.2") == {**emptied, **app, "id": "/shop"}
    assert app["id"] == "shop"


def test_ports_become_port_definitions(write: Write) -> None:
    assert write({**APP, "ports": [0, 8080]})["portDefinitions"] == [{"port": 0}, {"port": 8080}]
    assert write({**APP, "ports": [0]}, "v0.15.7")["ports"] == [0]


def test_an_app_as_marathon_shows_it_can_be_used(write: Write) -> None:
    shown = {**APP, "tasksRunning": 1, "version": "2015-01-01T00:00:00.000Z", "versionInfo": {}, "user": None}
    assert write(shown) == write(json.dumps(APP)) == APP


def test_an_app_as_an_old_marathon_shows_it_can_be_used(write: Write) -> None:
    docker = {"image": "nginx", "network": "BRIDGE", "portMappings": [{"containerPort": 80, "servicePort": 10080}]}
    shown = {
        "id": "/shop",
        "ports": [10080],
        "portDefinitions": [{"port": 10080, "protocol": "tcp", "labels": {}}],
        "uris": [],
        "fetch": [],
        "container": {"type": "DOCKER", "volumes": [], "docker": {**docker, "parameters": None}},
    }
    assert write(shown, "v1.4.13") == {
        "id": "/shop",
        "fetch": [],
        "container": {"type": "DOCKER", "volumes": [], "docker": docker},
    }
    on_host = {**APP, "ports": [10000], "portDefinitions": [{"port": 10000, "name": "http"}]}
    assert write(on_host)["portDefinitions"] == [{"port": 10000, "name": "http"}]
    assert "ports" not in write(on_host, "v1.4.13")


REFUSED: list[tuple[Any, str, str]] = [
    ("{", "1.11.24", r"stack: app is invalid: '\{'\. Use JSON \(Expecting property name"),
    ([APP], "1.11.24", r"app is invalid: .* Use an object with the fields of an app"),
    ({"id": "/shop"}, "1.11.24", "Set 'cmd', 'args' or 'container': there is nothing to run"),
    ({**APP, "id": "/Shop"}, "1.11.24", r"app\['id'\] is invalid: '/Shop'\. Use names of a-z, 0-9, '-' and '\.'"),
    ({**APP, "id": 3}, "1.11.24", r"app\['id'\] is invalid: 3\. Use text"),
    ({**APP, "id": "/a/versions"}, "1.8.244", "Use another last name: 'versions' is part of the paths"),
    ({**APP, "instance": 2}, "1.11.24", r"app\['instance'\] is invalid: 2\. Remove it: no release of Marathon has"),
    ({**APP, "role": "web"}, "1.8.244", "Marathon 1.8.244 ignores this field, which exists from 1.9"),
    ({**APP, "networks": []}, "v1.4.13", "Marathon v1.4.13 ignores this field, which exists from 1.5"),
    ({**APP, "ipAddress": {}}, "1.5.0", "Use 'networks' instead: this field exists up to 1.4"),
    ({**APP, "instances": "2"}, "1.11.24", r"app\['instances'\] is invalid: '2'\. Use a whole number, 0 or more"),
    ({**APP, "instances": True}, "1.11.24", "Use a whole number, 0 or more"),
    ({**APP, "cpus": -1}, "1.11.24", "Use a number, 0 or more"),
    ({**APP, "args": ["a"]}, "1.11.24", "Remove it, or remove 'cmd': Marathon takes only one"),
    ({**APP, "env": {"A": 1}}, "1.11.24", r"app\['env'\]\['A'\] is invalid: 1\. Use text"),
    ({**APP, "container": {"type": "RKT"}}, "1.11.24", "Use 'DOCKER' or 'MESOS'"),
    ({**APP, "container": {"docker": {}}}, "1.11.24", "a Docker container needs an image"),
    (
        {**APP, "portDefinitions": [8080]},
        "1.11.24",
        r"app\['portDefinitions'\] is invalid: \[8080\]\. Use a list",
    ),
    (
        {**APP, "container": {**DOCKER, "portMappings": 80}},
        "1.11.24",
        r"\['portMappings'\] is invalid: 80\. Use a",
    ),
    ({**APP, "container": {"docker": {"image": "a", "parameters": 1}}}, "1.11.24", "Use a list of objects"),
    ({**APP, "container": {"docker": {"image": "a", "network": []}}}, "1.11.24", r"\['network'\] is invalid: \[\]"),
    (
        {**APP, "ports": [8080], "container": {"docker": {"image": "a", "network": "BRIDGE"}}},
        "1.11.24",
        r"app\['ports'\] is invalid: \[8080\]\. Use app\['container'\]\['portMappings'\]",
    ),
    ({**APP, "ports": [1], "portDefinitions": [{"port": 2}]}, "1.11.24", "Remove it: 'portDefinitions' says the same"),
    ({**APP, "container": []}, "1.11.24", r"app\['container'\] is invalid: \[\]\. Use an object"),
    ({**APP, "networks": [{"mode": "bridge"}]}, "1.11.24", "Use mode 'host', 'container/bridge' or 'container'"),
    (
        {**APP, "networks": [{"mode": "container/bridge"}], "portDefinitions": [{"port": 0}]},
        "1.11.24",
        r"Use app\['container'\]\['portMappings'\]",
    ),
    (
        {**APP, "networks": [{"mode": "host"}], "container": {"docker": {"image": "a", "network": "HOST"}}},
        "1.11.24",
        r"Remove it: Marathon takes only one of it and app\['networks'\]",
    ),
    ({**APP, "container": {**DOCKER, "portMappings": [{}]}}, "1.11.24", "Use 'portDefinitions' instead"),
    ({**APP, "ports": [8080, 8080]}, "1.11.24", "app: service port is invalid: 8080"),
    ({**APP, "constraints": [["hostname", "NEAR"]]}, "1.11.24", r"app\['constraints'\]\[0\] is invalid"),
    ({**APP, "healthChecks": [{"protocol": "MESOS_HTTP"}]}, "v1.3.14", "Use Marathon 1.4 or later for 'MESOS_HTTP'"),
    ({**APP, "healthChecks": [{"protocol": "ICMP"}]}, "1.11.24", "Use an object with a protocol, one of HTTP"),
    (
        {
            **APP,
            "labels": {"HAPROXY_1_MODE": "tcp", "HAPROXY_1_BACKEND_HEALTHCHECK_PORT_INDEX": "2"},
            "healthChecks": [{"protocol": "TCP", "portIndex": 0}, {"protocol": "MESOS_HTTP", "portIndex": 2}],
        },
        "1.11.24",
        r"\['HAPROXY_1_BACKEND_HEALTHCHECK_PORT_INDEX'\] is invalid: '2'\. Remove it: with the MESOS_HTTP check",
    ),
    ({**APP, "upgradeStrategy": {"maximumOverCapacity": 2}}, "1.11.24", "Use a number from 0 to 1"),
]


@pytest.mark.parametrize(("given", "release", "message"), REFUSED)
def test_what_marathon_would_refuse_or_ignore_is_refused(write: Write, given: Any, release: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write(given, release)


def test_the_lines_leave_out_what_marathon_chooses() -> None:
    app = {"id": "/shop", "cpus": 0.5, "mem": 32.0, "portDefinitions": [{"port": 0}], "env": {"A": "b"}}
    app["ports"] = [0, 8080]
    assert lines_of(app).splitlines() == [
        '/"app"/"env"/"A"\t"b"',
        '/"app"/"env"\t{1}',
        '/"app"/"labels"\t{0}',
        '/"app"/"id"\t"/shop"',
        '/"app"/"cpus"\t0.5',
        '/"app"/"mem"\t32',
        '/"app"/"portDefinitions"\t[1]',
        '/"app"/"ports"/1\t8080',
        '/"app"/"ports"\t[2]',
    ]
