"""TLS between the servers of an ensemble (ZooKeeper administrator's guide, Quorum TLS), and its stages."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from cdktf_mesos.container.names import ENDS_LABEL
from cdktf_mesos.errors import check_one_of, invalid
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.security.files import SecretFile
from cdktf_mesos.tls.certificates import certificate_in
from cdktf_mesos.tls.pem import CA, PemFile, file_in
from cdktf_mesos.tls.tls import CA_FILE

Stage = Literal["prepared", "used", "required"]

STAGES: tuple[str, ...] = ("off", *get_args(Stage))
"""The stages in their order. An ensemble without `QuorumTls` is off."""

KEYSTORE_FILE = "/etc/cdktf-mesos.quorum.pem"
"""Path in the containers: ZooKeeper reads a PEM keystore's certificate and key from one file (PEMFileLoader)."""

# The keys that ZooKeeper reads, by what they have in them (RFC 8017, A.1; RFC 5480, 2.1.1).
_KEYS = {"RSA": "2a864886f70d010101", "EC": "2a8648ce3d0201"}


@dataclass(frozen=True)
class QuorumTls:
    """TLS between the servers of an ensemble, at their ports for followers and for elections.

    The stages go one at a time, and each is a roll of the ensemble: `prepared`: servers accept connections over TLS,
    too, but make none; `used`: servers connect to each other over TLS; `required`: they accept connections over TLS
    only. The same way leads back. Clients of ZooKeeper notice nothing of it.

    Args:
        stage: `prepared`, `used` or `required`. An ensemble without `QuorumTls` has none.
        certificates: the directory with `ca.pem`, and with `cert.pem` and `key.pem` either for all machines, or for
            each machine in a directory that is named after its host name or address. It may be that of `Tls`. The synth
            writes the files for the servers into `rendered` in it. Use a path relative to cdktf.json: so the
            synthesised files are the same for every operator.
        verify: whether servers verify that a certificate belongs to the address of the other one; by default they do.
            Without it, whoever has a certificate of the authority can be a server.

    Raises:
        ValueError: an unknown stage; no `ca.pem` in the directory.
    """

    stage: Stage
    certificates: str
    verify: bool = True

    def __post_init__(self) -> None:
        otherwise = "leave out quorum_tls for an ensemble without it"
        check_one_of("QuorumTls", "stage", self.stage, get_args(Stage), otherwise)
        file_in(self.certificates, CA, setting="QuorumTls")

    def files(self, host: DockerHost) -> tuple[list[SecretFile], dict[str, str]]:
        """The files of the server on a host, and its container's labels.

        Raises:
            ValueError: the host has no certificate, or ZooKeeper could not use it.
        """
        found = certificate_in(
            self.certificates,
            host.hostname,
            host.address,
            verify=self.verify,
            by_name=False,
            setting="QuorumTls",
        )
        _check_key(found.key)
        text = f"{found.cert.text.rstrip()}\n{found.key.text}"
        name = f"quorum-{sha256(text.encode()).hexdigest()[:12]}.pem"
        # The official image's user is `zookeeper`, and root owns the file.
        keystore = SecretFile(KEYSTORE_FILE, str(Path(self.certificates, "rendered", name)), text, "0444")
        ca = file_in(self.certificates, CA, setting="QuorumTls").at(CA_FILE, "0444")
        return [keystore, ca], {ENDS_LABEL: found.ends}


def _check_key(key: PemFile) -> None:
    """Refuse a key that a server could not read: it would start, but have no TLS (PemReader.loadPrivateKey)."""
    found = re.search("-----BEGIN PRIVATE KEY-----([^-]*)-----END", key.text)
    if not found:
        remedy = (
            f"ZooKeeper reads keys in PKCS#8 only. Run: openssl pkcs8 -topk8 -nodes -in {key.source} -out <new file>"
        )
        raise invalid("QuorumTls", "certificates", key.source, remedy)
    try:
        content = base64.b64decode(found[1]).hex()
    except binascii.Error:
        content = ""
    if not any(kind in content[:80] for kind in _KEYS.values()):
        raise invalid("QuorumTls", "certificates", key.source, f"Use a key of the kind {' or '.join(_KEYS)}")
