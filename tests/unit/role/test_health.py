"""The health checks are run for real, against a server that answers as the component would."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cdktf_mesos.role import health
from tests.unit.answers import HERE, NOT_SERVING, SERVING, answering, healthy, metrics


@pytest.mark.parametrize(("answer", "expected"), [(SERVING, True), (NOT_SERVING, False), ("", False)])
def test_a_lone_zookeeper_is_healthy_while_it_serves(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.zookeeper(port).health_test(HERE, [HERE])) is expected


def test_a_zookeeper_that_does_not_listen_is_not_healthy_however_few_can_be_reached() -> None:
    with answering(SERVING) as port:
        pass
    assert not healthy(health.zookeeper(port).health_test(HERE, [HERE]))
    assert not healthy(health.zookeeper(port).health_test(HERE, [HERE, "127.0.0.2", "127.0.0.3"]))


def test_the_first_zookeeper_of_three_is_healthy_while_the_ensemble_is_being_formed() -> None:
    with answering(NOT_SERVING) as port:
        ensemble = [HERE, "127.0.0.2", "127.0.0.3"]
        assert healthy(health.zookeeper(port).health_test(HERE, ensemble))
        with answering(SERVING, "127.0.0.2", port):
            # A majority can be reached: one that does not serve now is not healthy.
            assert not healthy(health.zookeeper(port).health_test(HERE, ensemble))


def test_the_second_master_of_three_is_healthy_until_the_log_has_all_of_its_replicas() -> None:
    masters = [HERE, "127.0.0.2", "127.0.0.3"]
    empty, caught_up = (metrics(master__elected="0.0", registrar__log__recovered=gauge) for gauge in ("0.0", "1.0"))
    with answering(empty) as port:
        test = health.master(port, authenticated=False).health_test(HERE, masters)
        with answering(empty, "127.0.0.2", port):
            assert healthy(test)
            with answering(empty, "127.0.0.3", port):
                assert not healthy(test)
        with answering(caught_up, "127.0.0.2", port):
            # Another one serves, so the set has been formed, and a member that does not serve is not healthy.
            assert not healthy(test)


def test_where_time_cannot_be_limited_nothing_counts_as_being_formed(tmp_path: Path) -> None:
    timeout = tmp_path / "timeout"
    timeout.write_text("#!/bin/sh\nexit 1\n")
    timeout.chmod(0o755)
    with answering(NOT_SERVING) as port:
        test = health.zookeeper(port).health_test(HERE, [HERE, "127.0.0.2", "127.0.0.3"])
        path = f"{tmp_path}:{os.environ['PATH']}"
        assert subprocess.run(test[1:], env={"PATH": path}, capture_output=True, timeout=20, check=False).returncode


def test_with_passwords_on_the_metrics_health_is_what_can_be_asked() -> None:
    with answering("HTTP/1.1 200 OK\r\n\r\n") as port:
        assert healthy(health.master(port, authenticated=True).health_test(HERE, [HERE]))
        assert healthy(health.agent(port, authenticated=True).health_test(HERE, [HERE]))
        assert not healthy(health.agent(port, authenticated=False).health_test(HERE, [HERE]))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (metrics(master__elected="0.0", registrar__log__recovered="1.0"), True),
        (metrics(master__elected="1.0", registrar__log__recovered="0.0"), False),
        (metrics(master__elected="1.0", registrar__log__recovered="1.0").replace("/log/", "\\/log\\/"), True),
        (metrics(master__elected="1.0"), True),
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", False),
    ],
)
def test_a_master_is_healthy_once_its_log_has_caught_up_leader_or_not(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.master(port, authenticated=False).health_test(HERE, [HERE])) is expected


@pytest.mark.parametrize(
    ("answer", "expected"), [(metrics(slave__registered="1.0"), True), (metrics(slave__registered="0.0"), False)]
)
def test_an_agent_is_healthy_while_it_is_registered(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.agent(port, authenticated=False).health_test(HERE, [HERE])) is expected


@pytest.mark.parametrize(
    ("answer", "expected"), [("HTTP/1.1 200 OK\r\n\r\n{}", True), ("HTTP/1.1 404 Not Found\r\n\r\n{}", False)]
)
def test_marathon_is_healthy_when_it_knows_the_leader(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.marathon(port, authenticated=False).health_test(HERE, [HERE])) is expected
