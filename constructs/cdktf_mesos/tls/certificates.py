"""The certificates of a cluster, read and checked on the operator's machine."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import invalid
from cdktf_mesos.tls.handshake import handshake
from cdktf_mesos.tls.pem import CA, CERT, KEY, PemFile, file_in


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


def certificate_in(
    directory: str, hostname: str, address: str, *, verify: bool, by_name: bool = True, setting: str = "Tls"
) -> Certificate:
    """The certificate of a machine: from the directory of its host name or address, or else that for all machines.

    Args:
        directory: the directory of all certificates.
        hostname: the machine's host name.
        address: its address.
        verify: whether the certificate must be valid for the address and the host name.
        by_name: whether the machine is also reached by its host name; otherwise the certificate need not be valid for
            that. By default it is.
        setting: the setting that has the directory, for errors.

    Raises:
        ValueError: there is none, or members could not use it.
    """
    own = next((each for each in (hostname, address) if Path(directory, each).is_dir()), "")
    place = str(Path(directory, own))
    cert, key = (file_in(place, name, setting=setting) for name in (CERT, KEY))
    mode = Path(key.source).stat().st_mode & 0o777
    if mode & 0o077:
        remedy = f"Its mode is {mode:04o}, but only its owner may read it. Run: chmod 0600 {key.source}"
        raise invalid(setting, "certificates", key.source, remedy)
    # Members use the address. Clients are redirected to the host name of the leading master. One that only Terraform
    # knows cannot be compared.
    names: list[str | None] = [None]
    reached_by = dict.fromkeys((address, hostname) if by_name else (address,))
    names += [each for each in reached_by if verify and not Token.is_unresolved(each)]
    name = None
    try:
        for name in names:
            ends = handshake(file_in(directory, CA, setting=setting).text, cert, key, name)
    except (ssl.SSLError, ssl.CertificateError, ValueError) as problem:
        why = f"A TLS connection to {name or address} with this certificate and its {KEY} fails: {problem}"
        remedy = "Use a certificate for servers and clients that ca.pem has signed, that is valid now, with its key"
        if name:
            remedy += f", and with {'IP' if name == address else 'DNS'}:{name} in subjectAltName"
        raise invalid(setting, "certificates", cert.source, f"{remedy}. {why}") from None
    return Certificate(cert, key, ends)
