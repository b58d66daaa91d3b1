"""The login of the probes: every question carries it, and a member that refuses it is told from one that is down."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from cdktf_mesos import Security
from cdktf_mesos.mesos import health as master
from cdktf_mesos.mesos.agent import health as agent
from cdktf_mesos.mesos.agent import survival
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.scripts import words
from tests.unit.answers import HERE, answering, metrics

GAUGES = metrics(master__elected="1.0", registrar__log__recovered="1.0", slave__registered="1.0")
FORBIDDEN = "HTTP/1.1 403 Forbidden\r\n\r\n"


@pytest.fixture
def security(secrets: Path) -> Security:
    return Security("used", str(secrets))


@pytest.fixture
def login_file(security: Security, tmp_path: Path) -> str:
    file = tmp_path / "login"
    file.write_text(security.login().text)
    return str(file)


def run(command: list[str], login_file: str) -> tuple[bool, str]:
    environment = {"PATH": "/usr/bin:/bin", "LOGIN_FILE": login_file}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode == 0, done.stdout.strip()


def preflight(probe: Probe, *members: str) -> list[str]:
    files, arguments = probe.may_be_replaced("127.0.0.2", members)
    return words("asking", *files, 'find_limit && may_be_replaced "$@"', arguments=arguments)


@pytest.mark.parametrize("component", [master, agent])
@pytest.mark.parametrize(
    ("known", "answer", "why"),
    [
        (True, GAUGES, ""),
        (False, GAUGES, "it refuses the secret of the principal probe (401)"),
        (True, FORBIDDEN, "its ACLs forbid this question to the principal probe (403)"),
        (True, "HTTP/1.1 503 Service Unavailable\r\n\r\n", ""),
    ],
)
def test_a_closed_member_is_asked_as_an_open_one(
    security: Security, login_file: str, component: object, known: bool, answer: str, why: str
) -> None:
    login = security.login().text if known else "another"
    with answering(answer, login=login) as port, answering(answer, "127.0.0.2", port, login=login):
        probe: Probe = component.probe(port, security)  # type: ignore[attr-defined]
        serves = known and answer == GAUGES
        assert run(probe.health_test(HERE, [HERE])[1:], login_file) == (serves, why)
        refusal = "" if serves else f"{HERE} does not serve" + (f": {why}" if why else "")
        assert run(preflight(probe, HERE, "127.0.0.2"), login_file) == (serves, refusal)


def test_an_open_member_is_asked_with_the_login_too(security: Security, login_file: str) -> None:
    answers: Mapping[str, str] = {"/metrics": GAUGES, "": ""}
    with answering(answers, login=security.login().text) as port:
        assert run(master.probe(port, security).health_test(HERE, [HERE])[1:], login_file) == (True, "")
    with answering(GAUGES) as port:
        assert run(master.probe(port).health_test(HERE, [HERE])[1:], "/none") == (True, "")


@pytest.mark.parametrize(
    ("known", "listed", "says"),
    [
        (True, True, ""),
        (True, False, "no master lists the agent S1 as registered"),
        (False, True, "no master lists the agent S1 as registered: 127.0.0.1: it refuses the secret of the principal"),
    ],
)
def test_an_agent_is_healthy_if_masters_that_want_a_login_list_it(
    security: Security, login_file: str, tmp_path: Path, known: bool, listed: bool, says: str
) -> None:
    work_dir = tmp_path / "work"
    (work_dir / "meta/slaves/S1").mkdir(parents=True)
    (work_dir / "meta/slaves/latest").symlink_to("S1")
    slaves = {"/slaves": f'HTTP/1.1 200 OK\r\n\r\n{{"active":true,"id":"{"S1" if listed else "S2"}"}}'}
    login = security.login().text
    gauges = GAUGES.replace("}", ',"slave/executors_terminating":0.0}')
    with answering(gauges, login=login) as port, answering(slaves, login=login if known else "another") as masters:
        test = survival.health_test(agent.probe(port, security), HERE, str(work_dir), [HERE], masters)
        own = [str(tmp_path / "record") if word == survival.RECORD else word for word in test[1:]]
        healthy, said = run(own, login_file)
    assert healthy is (known and listed)
    assert said.startswith(says) and bool(said) is bool(says)
