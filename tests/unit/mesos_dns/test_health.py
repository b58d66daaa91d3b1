"""The check of a member. The tests run the real script against a DNS server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dnslib import QTYPE, RCODE, RR, SOA, A, DNSRecord  # type: ignore[import-untyped]
from dnslib.server import BaseResolver, DNSServer  # type: ignore[import-untyped]

from cdktf_mesos.mesos_dns import mesos_dns
from cdktf_mesos.role.probe import Probe
from tests.unit.answers import HERE, answering, healthy
from tests.unit.role.test_probe import refusal

DOMAIN = "cluster7.example.com"


class Zone(BaseResolver):  # type: ignore[misc]
    """Answers one name."""

    def __init__(self, name: str, *addresses: str) -> None:
        self.name, self.addresses, self.asked = name, addresses, []  # type: ignore[var-annotated]

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        self.asked.append((str(request.q.qname), QTYPE[request.q.qtype]))
        reply = request.reply()
        if self.asked[-1] == (f"{self.name}.", "A"):
            for address in self.addresses:
                reply.add_answer(RR(self.name, QTYPE.A, rdata=A(address), ttl=10))
        else:
            reply.header.rcode = RCODE.NXDOMAIN
            reply.add_auth(RR(DOMAIN, QTYPE.SOA, rdata=SOA(f"ns1.{DOMAIN}", f"root.{DOMAIN}", (1, 2, 3, 4, 5))))
        return reply


@contextmanager
def serving(zone: Zone, address: str = HERE, port: int = 0) -> Iterator[int]:
    server = DNSServer(zone, address=address, port=port, tcp=True)
    server.start_thread()
    yield server.server.server_address[1]
    server.server.shutdown()
    server.server.server_close()


def probe(port: int) -> Probe:
    return Probe(port, Path(mesos_dns.__file__).with_name("questions.sh"), f"leader.{DOMAIN}")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (Zone(f"leader.{DOMAIN}", "10.20.30.11"), True),
        # The first byte of the number of records is not zero, and the second one is.
        (Zone(f"leader.{DOMAIN}", *["10.20.30.11"] * 256), True),
        (Zone(f"leader.{DOMAIN}"), False),
        # Up to release 0.6, a member answers so until it has read the state.
        (Zone(f"leader.other.{DOMAIN}", "10.20.30.11"), False),
    ],
)
def test_a_member_serves_when_it_has_an_address_for_the_leading_master(zone: Zone, expected: bool) -> None:
    with serving(zone) as port:
        assert healthy(probe(port).health_test(HERE, [HERE])) is expected
    assert zone.asked == [(f"leader.{DOMAIN}.", "A")]


def test_a_member_that_does_not_answer_does_not_serve() -> None:
    with answering(None) as port, answering(None, "127.0.0.2", port):
        why = f"it has no address for leader.{DOMAIN}: it has not read the state of a leading master"
        assert refusal(probe(port), [HERE, "127.0.0.2"], "127.0.0.2") == f"{HERE} does not serve: {why}"
        why = f"nothing listens on 127.0.0.3:{port}: releases from 0.7 on do so when they have read the state of"
        answer = refusal(probe(port), ["127.0.0.3", "127.0.0.2"], "127.0.0.2")
        assert answer is not None and answer.startswith(f"127.0.0.3 does not serve: {why}")
    assert not healthy(probe(1).health_test(HERE, [HERE]))


def test_no_member_is_replaced_while_another_one_has_no_names() -> None:
    with serving(Zone(f"leader.{DOMAIN}", "10.20.30.11")) as port, serving(Zone("nobody"), "127.0.0.2", port):
        answer = refusal(probe(port), [HERE, "127.0.0.2"])
        assert answer is not None and answer.startswith("127.0.0.2 does not serve: it has no address for leader.")
        # That one itself may be replaced.
        assert refusal(probe(port), [HERE, "127.0.0.2"], "127.0.0.2") is None
