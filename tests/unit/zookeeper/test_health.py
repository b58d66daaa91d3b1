"""The health check. The tests run the real script against servers that give ZooKeeper's answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cdktf_mesos.zookeeper import health
from tests.unit.answers import ALONE, HERE, NOT_SERVING, SERVING, answering, healthy


@pytest.mark.parametrize(("answer", "expected"), [(ALONE, True), (NOT_SERVING, False), ("", False)])
def test_a_single_server_is_healthy_while_it_serves(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.probe(port).health_test(HERE, [HERE])) is expected


def test_a_server_that_does_not_listen_is_not_healthy_even_while_the_ensemble_is_being_formed() -> None:
    with answering(SERVING) as port:
        pass
    assert not healthy(health.probe(port).health_test(HERE, [HERE]))
    assert not healthy(health.probe(port).health_test(HERE, [HERE, "127.0.0.2", "127.0.0.3"]))


def test_the_first_server_of_three_is_healthy_while_the_ensemble_is_being_formed() -> None:
    with answering(NOT_SERVING) as port:
        ensemble = [HERE, "127.0.0.2", "127.0.0.3"]
        assert healthy(health.probe(port).health_test(HERE, ensemble))
        with answering(SERVING, "127.0.0.2", port):
            # A majority can be reached now, so a server that does not serve is not healthy.
            assert not healthy(health.probe(port).health_test(HERE, ensemble))


def test_without_a_working_timeout_command_a_server_that_does_not_serve_is_not_healthy(tmp_path: Path) -> None:
    timeout = tmp_path / "timeout"
    timeout.write_text("#!/bin/sh\nexit 1\n")
    timeout.chmod(0o755)
    with answering(NOT_SERVING) as port:
        test = health.probe(port).health_test(HERE, [HERE, "127.0.0.2", "127.0.0.3"])
        path = f"{tmp_path}:{os.environ['PATH']}"
        assert subprocess.run(test[1:], env={"PATH": path}, capture_output=True, timeout=20, check=False).returncode


def test_a_standalone_server_in_an_ensemble_of_several_is_never_healthy() -> None:
    members = [HERE, "127.0.0.2", "127.0.0.3"]
    with answering(ALONE) as port:
        # Not even while the ensemble is being formed: a standalone server would never join it.
        assert not healthy(health.probe(port).health_test(HERE, members))
        with answering(ALONE, "127.0.0.2", port), answering(ALONE, "127.0.0.3", port):
            assert not healthy(health.probe(port).health_test(HERE, members))


@pytest.mark.parametrize("answer", [SERVING, ALONE])
def test_a_server_is_healthy_only_if_it_writes_to_its_data_directory(answer: str, tmp_path: Path) -> None:
    data = tmp_path / "version-2"
    members = [HERE] if answer == ALONE else [HERE, "127.0.0.2", "127.0.0.3"]
    with answering(answer) as port:
        test = health.probe(port).health_test(HERE, members, str(data))
        assert not healthy(test)
        data.mkdir()
        assert healthy(test)
