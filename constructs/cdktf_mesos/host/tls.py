"""What proves a `tcp://` engine and its client to each other."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import invalid


@dataclass(frozen=True)
class TlsMaterial:
    """Certificates for a `tcp://` engine (docs.docker.com, "Protect the Docker daemon socket").

    Either a directory on the machine that runs Terraform, or three PEM texts as tokens (a sensitive
    variable, a `tls_private_key`); a key written out in the program would stand in clear in the synthesised JSON.

    Args:
        directory: an absolute path that holds `ca.pem`, `cert.pem` and `key.pem`.
        ca: the certificate authority that signed the engine's certificate.
        cert: the client's certificate.
        key: the client's private key.

    Raises:
        ValueError: neither or both ways; a relative directory; a key in clear.
    """

    directory: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        material = (self.ca, self.cert, self.key)
        if self.directory is not None:
            if any(material):
                raise invalid("TlsMaterial", "directory", self.directory, "either a directory, or ca, cert and key")
            if not (Token.is_unresolved(self.directory) or self.directory.startswith("/")):
                raise invalid("TlsMaterial", "directory", self.directory, "an absolute path")
        else:
            for name, value in zip(("ca", "cert", "key"), material, strict=True):
                if not value:
                    raise invalid("TlsMaterial", name, value, "ca, cert and key, all three; nothing goes unverified")
        if self.key is not None and not Token.is_unresolved(self.key):
            raise invalid(
                "TlsMaterial", "key", "…", "a Terraform expression (a sensitive variable), not the key itself"
            )
