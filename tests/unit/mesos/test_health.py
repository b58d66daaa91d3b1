"""The health check. The tests run the real script against servers that give a master's answers."""

from __future__ import annotations

import pytest

from cdktf_mesos.mesos import health
from tests.unit.answers import HERE, answering, healthy, metrics


def test_masters_with_an_empty_log_are_healthy_only_until_all_three_can_be_reached() -> None:
    masters = [HERE, "127.0.0.2", "127.0.0.3"]
    empty, caught_up = (metrics(master__elected="0.0", registrar__log__recovered=gauge) for gauge in ("0.0", "1.0"))
    with answering(empty) as port:
        test = health.probe(port).health_test(HERE, masters)
        with answering(empty, "127.0.0.2", port):
            assert healthy(test)
            with answering(empty, "127.0.0.3", port):
                assert not healthy(test)
        with answering(caught_up, "127.0.0.2", port):
            # Another member serves, so the set has been formed. Now a member that does not serve is not healthy.
            assert not healthy(test)


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
def test_a_master_is_healthy_once_its_log_has_caught_up_whether_it_leads_or_not(answer: str, expected: bool) -> None:
    with answering(answer) as port:
        assert healthy(health.probe(port).health_test(HERE, [HERE])) is expected
