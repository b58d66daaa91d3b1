"""Certificates with which a `tcp://` engine and its client verify each other."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_mesos.cdk import Token
from cdktf_mesos.errors import invalid


@dataclass(frozen=True)
class TlsMaterial:
    """Certificates for a `tcp://` engine (docs.docker.com, "Protect the Docker daemon socket").

    Give either a directory on the machine that runs Terraform, or three PEM texts. The key must be a token, such as a
    sensitive variable or an attribute of a `tls_private_key`: text would be in clear in the synthesised JSON.

    Args:
        directory: the absolute path of a directory with `ca.pem`, `cert.pem` and `key.pem`.
        ca: the certificate authority that signed the engine's certificate.
        cert: the client's certificate.
        key: the client's private key.

    Raises:
        ValueError: both a directory and texts are given, or neither; the directory is relative; the key is in clear.
    """

    directory: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        material = (self.ca, self.cert, self.key)
        if self.directory is not None:
            if any(material):
                raise invalid("TlsMaterial", "directory", self.directory, "Use either a directory, or ca, cert and key")
            if not (Token.is_unresolved(self.directory) or self.directory.startswith("/")):
                raise invalid("TlsMaterial", "directory", self.directory, "Use an absolute path")
        else:
            for name, value in zip(("ca", "cert", "key"), material, strict=True):
                if not value:
                    remedy = "Pass all of ca, cert and key: both sides are always verified"
                    raise invalid("TlsMaterial", name, value, remedy)
        if self.key is not None and not Token.is_unresolved(self.key):
            remedy = "Use a Terraform expression, such as a sensitive variable, not the key itself"
            raise invalid("TlsMaterial", "key", "…", remedy)
