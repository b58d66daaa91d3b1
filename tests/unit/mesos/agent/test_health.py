"""The probe's health check. The tests run the real script against servers that give an agent's answers."""

from __future__ import annotations

import pytest

from cdktf_mesos.mesos.agent import health
from tests.unit.answers import HERE, answering, healthy, metrics


@pytest.mark.parametrize(
    ("answer", "expected"), [(metrics(slave__registered="1.0"), True), (metrics(slave__registered="0.0"), False)]
)
def test_an_agent_is_healthy_while_it_is_registered(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.probe(port).health_test(HERE, [HERE])) is expected
