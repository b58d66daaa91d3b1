"""The health check. The tests run the real script against servers that give Marathon's answers."""

from __future__ import annotations

import pytest

from cdktf_mesos.marathon import health
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
        assert healthy(health.probe(port, authenticated=False).health_test(HERE, [HERE])) is expected


def test_a_marathon_that_requires_a_password_is_healthy_while_it_is_up() -> None:
    with answering({"/ping": f"{OK}\r\npong", "/v2": info("null", "null")}) as port:
        assert healthy(health.probe(port, authenticated=True).health_test(HERE, [HERE]))


def test_no_instance_is_replaced_while_another_one_leads_without_being_registered() -> None:
    serving = {"/v2/leader": OK + LEADER, "/v2/info": info(ID, MASTER)}
    members = [HERE, "127.0.0.2"]
    with answering(serving) as port:
        probe = health.probe(port, authenticated=False)
        with answering({**serving, "/v2/info": info(ID, "null")}, "127.0.0.2", port):
            assert refusal(probe, members) == "127.0.0.2 does not serve"
            # The unregistered leader itself may be replaced.
            assert refusal(probe, members, "127.0.0.2") is None
