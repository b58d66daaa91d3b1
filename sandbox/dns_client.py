"""Questions to a name server."""

from __future__ import annotations

from dnslib import DNSRecord  # type: ignore[import-untyped]

from sandbox.hosts import Host


def addresses(server: Host, name: str, *, tcp: bool = False, seconds: float = 5) -> set[str]:
    """The addresses that the name server on a host has for a name; none if it says that the name does not exist.

    Raises:
        OSError: it does not answer within `seconds`.
        DNSError: its answer cannot be read.
    """
    answer = DNSRecord.parse(DNSRecord.question(name).send(server.address, 53, tcp=tcp, timeout=seconds))
    return {str(each.rdata) for each in answer.rr}
