"""What members say to `cdktf-mesos status`: the scripts as they are, against servers like the components."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping

import pytest

from cdktf_mesos.marathon import health as marathon
from cdktf_mesos.mesos import health as master
from cdktf_mesos.mesos.agent import health as agent
from cdktf_mesos.operations.status.agents import read_agents
from cdktf_mesos.operations.status.self_report import SelfReport, read
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.zookeeper import health as zookeeper
from tests.unit.answers import ALONE, HERE, NOT_SERVING, SERVING, answering, metrics

OK = "HTTP/1.1 200 OK\r\n"
VERSION = OK + '\r\n{"version":"1.11.0"}'


def said(probe: Probe) -> SelfReport:
    command = ["bash", "-c", probe.status_script(), "status", *probe.status_arguments(HERE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    return read(done.stdout)


def asked(answers: str | Mapping[str, str | None], probe: object) -> SelfReport:
    with answering(answers) as port:
        assert callable(probe)
        return said(probe(port))


@pytest.mark.parametrize(
    ("answer", "standing", "serves", "leads"),
    [
        (SERVING, "follower", True, False),
        (SERVING.replace("follower", "leader"), "leader", True, True),
        (SERVING.replace("follower", "observer"), "observer", True, False),
        (ALONE, "standalone", True, True),
        (NOT_SERVING, "", False, False),
    ],
)
def test_a_zookeeper_server_says_its_mode(answer: str, standing: str, serves: bool, leads: bool) -> None:
    found = asked(answer, zookeeper.probe)
    assert (found.listens, found.standing, found.serves, found.leads) == (True, standing, serves, leads)
    assert found.release == ("3.9.4" if serves else "")


def test_nothing_that_listens_says_nothing() -> None:
    with answering("") as port:
        pass
    assert said(zookeeper.probe(port)) == SelfReport()


def gauges(elected: str) -> str:
    return metrics(master__elected=elected, registrar__log__recovered="1.0")


def test_the_leading_master_says_what_it_knows_of_agents() -> None:
    slave = {"id": "S1", "pid": "slave(1)@10.0.0.21:5051", "active": True, "version": "1.11.0", "TASK_RUNNING": 3}
    answers = {
        "/metrics": gauges("1.0"),
        "/version": VERSION,
        "/master/state-summary": f"{OK}Content-Type: application/json\r\n\r\n{json.dumps({'slaves': [slave]})}",
        "/maintenance/status": f"{OK}\r\n{{}}",
    }
    found = asked(answers, lambda port: master.probe(port))
    assert (found.serves, found.standing, found.leads, found.release) == (True, "leading", True, "1.11.0")
    (one,) = read_agents(found.overview) or []
    assert (one.id, one.address, one.state, one.tasks) == ("S1", "10.0.0.21:5051", "active", 3)


def test_another_master_is_on_standby_and_does_not_hand_the_question_on() -> None:
    answers = {"/metrics": gauges("0.0"), "/version": VERSION, "/master": OK + '\r\n{"slaves":[]}'}
    found = asked(answers, lambda port: master.probe(port))
    assert (found.serves, found.standing, found.leads, found.overview) == (True, "standby", False, {})


@pytest.mark.parametrize(("gauge", "standing"), [("1.0", "registered"), ("0.0", "not registered")])
def test_an_agent_says_whether_it_is_registered(gauge: str, standing: str) -> None:
    answers = {"/metrics": metrics(slave__registered=gauge), "/version": VERSION}
    found = asked(answers, lambda port: agent.probe(port))
    assert (found.standing, found.serves, found.leads) == (standing, gauge == "1.0", None)


@pytest.mark.parametrize(("headers", "standing"), [("", "leader"), ("X-Marathon-Via: 1.1 x\r\n", "standby")])
def test_an_instance_of_marathon_says_whether_it_leads(headers: str, standing: str) -> None:
    answers = {
        "/v2/leader": OK + '\r\n{"leader":"10.0.0.11:8080"}',
        "/v2/info": f'{OK}{headers}\r\n{{"version":"1.11.24","frameworkId":"x"}}',
    }
    found = asked(answers, lambda port: marathon.probe(port))
    assert (found.serves, found.standing, found.leads) == (True, standing, standing == "leader")


def test_a_role_of_ones_own_says_whether_it_serves() -> None:
    found = asked({"/ok": OK + "\r\n"}, lambda port: Probe.http(port, "/ok"))
    assert found == SelfReport(listens=True, serves=True, release="")
