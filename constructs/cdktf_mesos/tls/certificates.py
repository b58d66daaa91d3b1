"""The certificates of a cluster, read and checked on the operator's machine."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import invalid
from cdktf_mesos.security.files import SecretFile

# How often each side may have to go on before a handshake is done. TLS 1.2 needs 3 (RFC 5246, 7.3).
_FLIGHTS = 10

CA, CERT, KEY = "ca.pem", "cert.pem", "key.pem"


@dataclass(frozen=True)
class PemFile:
    """A file of the operator.

    Args:
        source: its path.
        text: its content.
    """

    source: str
    text: str = field(repr=False)

    def at(self, path: str, mode: str) -> SecretFile:
        """The file for a container, at a path in it, with a mode such as `0400`."""
        return SecretFile(path, self.source, self.text, mode)


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key.

    Args:
        cert: the file of the certificate.
        key: the file of its private key.
        ends: when it ends, as `2027-03-01T12:00:00Z`.
    """

    cert: PemFile
    key: PemFile
    ends: str


def file_in(directory: str, name: str) -> PemFile:
    """A file of the directory.

    Raises:
        ValueError: it cannot be read.
    """
    path = Path(directory, name)
    try:
        return PemFile(str(path), path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        layout = f"It must have {CA}, and {CERT} and {KEY} either directly or in a directory for each machine"
        raise invalid("Tls", "certificates", str(path), f"The file cannot be read ({problem}). {layout}") from None


def certificate_in(directory: str, hostname: str, address: str, *, verify: bool) -> Certificate:
    """The certificate of a machine: from the directory of its host name or address, or else that for all machines.

    Args:
        directory: the directory of all certificates.
        hostname: the machine's host name.
        address: its address.
        verify: whether the certificate must be valid for the address and the host name.

    Raises:
        ValueError: there is none, or Mesos could not use it.
    """
    own = next((each for each in (hostname, address) if Path(directory, each).is_dir()), "")
    place = str(Path(directory, own))
    cert, key = file_in(place, CERT), file_in(place, KEY)
    mode = Path(key.source).stat().st_mode & 0o777
    if mode & 0o077:
        remedy = f"Its mode is {mode:04o}, but only its owner may read it. Run: chmod 0600 {key.source}"
        raise invalid("Tls", "certificates", key.source, remedy)
    # Members use the address. Clients are redirected to the host name of the leading master. One that only Terraform
    # knows cannot be compared.
    names: list[str | None] = [None]
    names += [each for each in dict.fromkeys((address, hostname)) if verify and not Token.is_unresolved(each)]
    name = None
    try:
        for name in names:
            ends = _handshake(file_in(directory, CA).text, cert, key, name)
    except (ssl.SSLError, ssl.CertificateError, ValueError) as problem:
        why = f"A TLS connection to {name or address} with this certificate and its {KEY} fails: {problem}"
        remedy = "Use a certificate for servers and clients that ca.pem has signed, that is valid now, with its key"
        if name:
            remedy += f", and with {'IP' if name == address else 'DNS'}:{name} in subjectAltName"
        raise invalid("Tls", "certificates", cert.source, f"{remedy}. {why}") from None
    return Certificate(cert, key, ends)


@cache
def _handshake(ca: str, cert: PemFile, key: PemFile, name: str | None) -> str:
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
    raise ValueError("the key is encrypted, and Mesos asks for no password")
