"""The TLS of a cluster: its stage, and where the certificates are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cdktf_mesos.errors import invalid
from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.tls.certificates import CA, Certificate, certificate_in, file_in

Stage = Literal["both", "masters-only"]

# Directly in a directory that every image has: an engine makes missing ones, with a mode of its own choice.
CA_FILE, CERT_FILE, KEY_FILE = (f"/etc/cdktf-mesos.{name}.pem" for name in ("ca", "cert", "key"))


@dataclass(frozen=True)
class Tls:
    """TLS of masters, agents and Marathon's connection to them. docs/tls.md says what each stage does.

    The stages go one at a time, and each is a roll: `both`: one port answers with TLS and without; `masters-only`:
    masters answer with TLS only. The same way leads back.

    Args:
        stage: `both` or `masters-only`. A cluster without `Tls` has none.
        certificates: the directory with `ca.pem`, and with `cert.pem` and `key.pem` for all machines, or for each
            machine in a directory that is named after its host name or address. Use a path relative to cdktf.json: so
            the synthesised files are the same for every operator.
        verify: whether members verify that a server's certificate is valid for its address; by default they do.
            Without it, connections are encrypted, but anybody may be at the other end.

    Raises:
        ValueError: an unknown stage; no `ca.pem` in the directory.
    """

    stage: Stage
    certificates: str
    verify: bool = True

    def __post_init__(self) -> None:
        if self.stage not in get_args(Stage):
            remedy = f"Use {' or '.join(map(repr, get_args(Stage)))}; leave out tls for a cluster without it"
            raise invalid("Tls", "stage", self.stage, remedy)
        file_in(self.certificates, CA)

    @property
    def masters_only(self) -> bool:
        """Whether masters answer with TLS only."""
        return self.stage == "masters-only"

    def certificate(self, hostname: str, address: str) -> Certificate:
        """The certificate of a machine.

        Raises:
            ValueError: there is none, or Mesos could not use it.
        """
        return certificate_in(self.certificates, hostname, address, verify=self.verify)

    @property
    def ca(self) -> SecretFile:
        """The file of the certificate authority, for each container that asks over TLS. It is no secret."""
        return file_in(self.certificates, CA).at(CA_FILE, "0444")

    def files(self, certificate: Certificate, *, key_mode: str = "0400") -> list[SecretFile]:
        """The certificate and its key, for a member's container; `ca` comes with its checks.

        Args:
            certificate: the certificate of its machine.
            key_mode: the mode of the key in the container, where root owns it; by default only root may read it.
        """
        return [certificate.cert.at(CERT_FILE, "0444"), certificate.key.at(KEY_FILE, key_mode)]
