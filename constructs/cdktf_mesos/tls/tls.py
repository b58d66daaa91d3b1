"""The TLS of a cluster: its stage, and where the certificates are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from cdktf_mesos.container.names import ENDS_LABEL, TLS_LABEL
from cdktf_mesos.errors import check_one_of
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.tls.certificates import certificate_in
from cdktf_mesos.tls.pem import CA, file_in

Stage = Literal["used", "required"]

STAGES: tuple[str, ...] = ("off", *get_args(Stage))
"""The stages of a cluster's TLS in their order. A cluster without `Tls` is off."""

CA_FILE, CERT_FILE, KEY_FILE = (f"/etc/cdktf-mesos.{name}.pem" for name in ("ca", "cert", "key"))
"""Paths in the containers, directly in a directory that every image has: an engine makes missing ones, with a mode of
its own choice."""


@dataclass(frozen=True)
class Tls:
    """TLS of masters, agents and Marathon's connection to them. docs/tls.md says what each stage does.

    The stages go one at a time, and each is a roll of the whole cluster: `used`: members talk to each other over TLS,
    and answer without it, too; `required`: masters answer over TLS only. The same way leads back.

    Args:
        stage: `used` or `required`. A cluster without `Tls` has none.
        certificates: the directory with `ca.pem`, and with `cert.pem` and `key.pem` either for all machines, or for
            each machine in a directory that is named after its host name or address. Use a path relative to cdktf.json:
            so the synthesised files are the same for every operator.
        verify: whether members verify that a certificate belongs to the address of its member; by default they do.
            Without it, connections are encrypted, but anybody may be at the other end.

    Raises:
        ValueError: an unknown stage; no `ca.pem` in the directory.
    """

    stage: Stage
    certificates: str
    verify: bool = True

    def __post_init__(self) -> None:
        check_one_of("Tls", "stage", self.stage, get_args(Stage), "leave out tls for a cluster without it")
        # Read now, so that a mistake in the directory is found before anything is written.
        file_in(self.certificates, CA)

    @property
    def required(self) -> bool:
        """Whether masters answer over TLS only."""
        return self.stage == "required"

    @property
    def ca(self) -> SecretFile:
        """The file of the certificate authority, for each container that asks over TLS. It is no secret."""
        return file_in(self.certificates, CA).at(CA_FILE, "0444")

    @property
    def labels(self) -> dict[str, str]:
        """The labels of a container that knows the authority, but has no certificate."""
        return {TLS_LABEL: self.stage}

    def files(self, host: DockerHost, *, key_mode: str = "0400") -> tuple[list[SecretFile], dict[str, str]]:
        """The certificate of a host with its key, for a member's container; and the container's labels.

        Args:
            host: the host.
            key_mode: the mode of the key in the container, where root owns it; by default only root may read it.

        Raises:
            ValueError: the host has no certificate, or Mesos could not use it.
        """
        found = certificate_in(self.certificates, host.hostname, host.address, verify=self.verify)
        files = [found.cert.at(CERT_FILE, "0444"), found.key.at(KEY_FILE, key_mode)]
        return files, {**self.labels, ENDS_LABEL: found.ends}
