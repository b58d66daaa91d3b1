"""Answers DNS questions: from the names, or from the resolvers (Mesos-DNS, resolver)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from dnslib import NS, QTYPE, RCODE, RR, SOA, SRV, A, DNSError, DNSRecord  # type: ignore[import-untyped]

from .config import Config
from .refresh import Names
from .release import Release

log = logging.getLogger(__name__)

# What an answer by UDP may have, whatever the question allows: Mesos-DNS does not read EDNS.
UDP_BYTES = 512


class Answers:
    """Answers questions.

    Args:
        config: the configuration.
        release: the release of Mesos-DNS.
        names: the names that are served.
    """

    def __init__(self, config: Config, release: Release, names: Names) -> None:
        self._config, self._release, self._names = config, release, names
        self._tail = f".{config.domain}."

    def answer(self, question: bytes, protocol: str) -> bytes:
        """The answer to a question by `udp` or `tcp`."""
        request = DNSRecord.parse(question)
        name = str(request.q.qname).lower()
        if not f".{name}".endswith(self._tail):
            return self._from_resolvers(request, question, name, protocol)
        reply = request.reply(ra=int(self._config.recurseon), aa=1)
        self._fill(reply, name, QTYPE[request.q.qtype])
        return self._cut(reply) if protocol == "udp" else bytes(reply.pack())

    def _fill(self, reply: DNSRecord, name: str, kind: str) -> None:
        records = self._names.records
        if kind in ("SRV", "ANY"):
            self._fill_services(reply, name)
        if kind in ("A", "ANY"):
            for address in records.a.get(name, []):
                reply.add_answer(self._rr(name, "A", A(address)))
        if kind in ("SOA", "ANY"):
            reply.add_auth(self._soa(name))
        if kind in ("NS", "ANY"):
            reply.add_auth(self._rr(name, "NS", NS(self._config.soamname)))
        if reply.rr or kind in ("SRV", "SOA", "NS"):
            return
        known = name in records.a or name in records.srv
        if kind == "AAAA" and not self._release.has_ipv6:
            known = self._release.has_no_data
        reply.header.rcode = RCODE.NOERROR if known else RCODE.NXDOMAIN
        reply.add_auth(self._soa(name))

    def _fill_services(self, reply: DNSRecord, name: str) -> None:
        records, weight = self._names.records, self._config.srvrecorddefaultweight
        targets: dict[str, None] = {}
        for target, port in records.srv.get(name, []):
            data = SRV(0, self._release.weight if weight is None else weight, port, target)
            reply.add_answer(self._rr(name, "SRV", data))
            targets[target] = None
        for target in targets:
            for address in records.a.get(target, [])[:1]:
                reply.add_ar(self._rr(target, "A", A(address)))

    def _rr(self, name: str, kind: str, data: object) -> RR:
        return RR(name, getattr(QTYPE, kind), rdata=data, ttl=self._config.ttl)

    def _soa(self, name: str) -> RR:
        """The SOA record. It has the name that was asked for, although that is not the zone's."""
        config = self._config
        times = (self._names.serial, config.soarefresh, config.soaretry, config.soaexpire, config.ttl)
        return self._rr(name, "SOA", SOA(config.soamname, config.soarname, times))

    def _cut(self, reply: DNSRecord) -> bytes:
        """The answer with as many records as fit. Additional records are dropped first."""
        if len(reply.pack()) > UDP_BYTES:
            says_so = self._config.settruncatebit or not self._release.may_hide_cuts
            reply.header.tc, reply.ar = int(says_so), []
        while len(packed := bytes(reply.pack())) >= UDP_BYTES and reply.rr:
            reply.rr.pop()
        return packed

    def _from_resolvers(self, request: DNSRecord, question: bytes, name: str, protocol: str) -> bytes:
        reply = request.reply(ra=0, aa=0)
        if not self._config.externalon:
            reply.header.rcode = RCODE.REFUSED
            return bytes(reply.pack())
        for server in self._resolvers(name):
            if answer := self._asked(server, question, name, protocol):
                return answer
        reply.header.rcode = RCODE.SERVFAIL
        return bytes(reply.pack())

    def _asked(self, server: str, question: bytes, name: str, protocol: str) -> bytes | None:
        """A resolver's answer; None if it gives none in time."""
        try:
            return bytes(DNSRecord.parse(question).send(server, 53, protocol == "tcp", self._config.timeout))
        except (OSError, DNSError) as error:
            log.warning("%s does not answer for %s: %s", server, name, error)
            return None

    def _resolvers(self, name: str) -> Iterator[str]:
        """The resolvers for a name, in the order in which they are asked."""
        zones = [zone for zone in self._config.zoneresolvers if f".{name}".endswith(f".{zone}.")]
        yield from self._config.zoneresolvers[max(zones, key=len)] if zones else self._config.resolvers
