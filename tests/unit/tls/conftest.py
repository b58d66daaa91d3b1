"""Certificates for the tests of TLS."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path

import pytest

from sandbox.authority import make_authority, make_certificate


@pytest.fixture(scope="session")
def made_certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made") / "certificates"
    make_authority(directory)
    make_certificate(directory, ["IP:127.0.0.1", "IP:127.0.0.2", "IP:10.20.30.11", "IP:10.20.30.12"])
    return directory


@pytest.fixture
def certificates(made_certificates: Path, tmp_path: Path) -> Path:
    """A directory with an authority, and a certificate for the addresses of the tests' hosts."""
    directory = tmp_path / "certificates"
    shutil.copytree(made_certificates, directory)
    return directory


@pytest.fixture
def context(certificates: Path) -> ssl.SSLContext:
    """What a member with TLS has."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    return found
