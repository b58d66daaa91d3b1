"""The health check is run as it is, against servers that answer as the component would."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cdktf_mesos.zookeeper import health
from tests.unit.answers import ALONE, HERE, NOT_SERVING, SERVING, answering, healthy


@pytest.mark.parametrize(("answer", "expected"), [(ALONE, True), (NOT_SERVING, False), ("", False)])
def test_a_lone_zookeeper_is_healthy_while_it_serves(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.probe(port).health_test(HERE, [HERE])) is expected


def test_a_zookeeper_that_does_not_listen_is_not_healthy_however_few_can_be_reached() -> None:
    with answering(SERVING) as port:
        pass
    assert not healthy(health.probe(port).health_test(HERE, [HERE]))
    assert not healthy(health.probe(port).health_test(HERE, [HERE, "127.0.0.2", "127.0.0.3"]))


def test_the_first_zookeeper_of_three_is_healthy_while_the_ensemble_is_being_formed() -> None:
    with answering(NOT_SERVING) as port:
        ensemble = [HERE, "127.0.0.2", "127.0.0.3"]
        assert healthy(health.probe(port).health_test(HERE, ensemble))
        with answering(SERVING, "127.0.0.2", port):
            # A majority can be reached: one that does not serve now is not healthy.
            assert not healthy(health.probe(port).health_test(HERE, ensemble))


def test_where_time_cannot_be_limited_nothing_counts_as_being_formed(tmp_path: Path) -> None:
    timeout = tmp_path / "timeout"
    timeout.write_text("#!/bin/sh\nexit 1\n")
    timeout.chmod(0o755)
    with answering(NOT_SERVING) as port:
        test = health.probe(port).health_test(HERE, [HERE, "127.0.0.2", "127.0.0.3"])
        path = f"{tmp_path}:{os.environ['PATH']}"
        assert subprocess.run(test[1:], env={"PATH": path}, capture_output=True, timeout=20, check=False).returncode


def test_a_server_that_serves_alone_in_an_ensemble_of_several_is_never_healthy() -> None:
    members = [HERE, "127.0.0.2", "127.0.0.3"]
    with answering(ALONE) as port:
        # Nor while the ensemble is being formed, as it never will be.
        assert not healthy(health.probe(port).health_test(HERE, members))
        with answering(ALONE, "127.0.0.2", port), answering(ALONE, "127.0.0.3", port):
            assert not healthy(health.probe(port).health_test(HERE, members))


@pytest.mark.parametrize("answer", [SERVING, ALONE])
def test_a_server_is_healthy_only_where_its_data_outlive_it(answer: str, tmp_path: Path) -> None:
    data = tmp_path / "version-2"
    members = [HERE] if answer == ALONE else [HERE, "127.0.0.2", "127.0.0.3"]
    with answering(answer) as port:
        test = health.probe(port).health_test(HERE, members, str(data))
        assert not healthy(test)
        data.mkdir()
        assert healthy(test)
