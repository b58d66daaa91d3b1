"""The keystore of an instance with https.

Python reads no keystore of Java. So in the sandbox, `keytool` is a stand-in as well (sandbox/images/marathon/bin), and
its keystores are PKCS12, with the trusted certificates in a file next to it.
"""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile


class Keystore:
    """A keystore, which is read when it is needed.

    Args:
        path: its path.
        password: its password.
    """

    def __init__(self, path: str, password: str) -> None:
        command = ["openssl", "pkcs12", "-in", path, "-passin", "stdin", "-nodes"]
        done = subprocess.run(command, input=password, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(f"the keystore {path} cannot be read: {done.stderr.strip()}")
        self._pem, self._trusted = done.stdout, Path(f"{path}.trusted")

    def for_servers(self) -> ssl.SSLContext:
        """What an https server has."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(self._pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def for_clients(self, *, check_hostname: bool) -> ssl.SSLContext:
        """What trusts the certificates in the keystore."""
        context = ssl.create_default_context(cadata=self._trusted.read_text(encoding="utf-8"))
        context.check_hostname = check_hostname
        return context
