"""The health check is run as it is, against servers that answer as the component would."""

from __future__ import annotations

import pytest

from cdktf_mesos.mesos.agent import health
from tests.unit.answers import HERE, answering, healthy, metrics


def test_with_passwords_on_the_metrics_health_is_what_can_be_asked() -> None:
    with answering("HTTP/1.1 200 OK\r\n\r\n") as port:
        assert healthy(health.probe(port, authenticated=True).health_test(HERE, [HERE]))
        assert not healthy(health.probe(port, authenticated=False).health_test(HERE, [HERE]))


@pytest.mark.parametrize(
    ("answer", "expected"), [(metrics(slave__registered="1.0"), True), (metrics(slave__registered="0.0"), False)]
)
def test_an_agent_is_healthy_while_it_is_registered(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.probe(port, authenticated=False).health_test(HERE, [HERE])) is expected
