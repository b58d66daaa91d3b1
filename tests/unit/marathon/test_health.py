"""The health check is run as it is, against servers that answer as the component would."""

from __future__ import annotations

import pytest

from cdktf_mesos.marathon import health
from tests.unit.answers import HERE, answering, healthy


@pytest.mark.parametrize(
    ("answer", "expected"), [("HTTP/1.1 200 OK\r\n\r\n{}", True), ("HTTP/1.1 404 Not Found\r\n\r\n{}", False)]
)
def test_marathon_is_healthy_when_it_knows_the_leader(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.probe(port, authenticated=False).health_test(HERE, [HERE])) is expected
