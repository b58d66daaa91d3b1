"""A TLS connection in memory, which tries a certificate as members use it."""

from __future__ import annotations

import ssl
from datetime import datetime, timezone
from functools import cache

from cdktf_mesos.tls.pem import PemFile

# How often each side may have to go on before a handshake is done. TLS 1.2 needs 3 (RFC 5246, 7.3).
_FLIGHTS = 10


@cache
def handshake(ca: str, cert: PemFile, key: PemFile, name: str | None) -> str:
    """Connect a server and a client in memory, both with the certificate; return when it ends.

    So the same code checks it that checks it in a connection: the key, the dates, the signature, the use, the address.
    """
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = name is not None
    for context in (server, client):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=ca)
        context.load_cert_chain(cert.source, key.source, password=_no_password)
        # All that Mesos has. It also makes a server check the client before the client has finished.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(_FLIGHTS):
        # Both, whether or not the first is done.
        done = [_is_done(side) for side in sides]
        if all(done):
            break
    found = sides[0].getpeercert() or {}
    seconds = ssl.cert_time_to_seconds(str(found["notAfter"]))
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_done(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _no_password() -> str:
    raise ValueError("the key is encrypted, and members ask for no password")
