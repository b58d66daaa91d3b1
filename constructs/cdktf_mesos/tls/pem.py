"""The files of the directory of certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cdktf_mesos.errors import invalid
from cdktf_mesos.security.files import SecretFile

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


def file_in(directory: str, name: str, *, setting: str = "Tls") -> PemFile:
    """A file of the directory.

    Args:
        directory: the directory of all certificates, or that of a machine.
        name: the name of the file.
        setting: the setting that has the directory, for errors.

    Raises:
        ValueError: it cannot be read.
    """
    path = Path(directory, name)
    try:
        return PemFile(str(path), path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        layout = f"It must have {CA}, and {CERT} and {KEY} either directly or in a directory for each machine"
        raise invalid(setting, "certificates", str(path), f"The file cannot be read ({problem}). {layout}") from None
