"""A certificate authority for tests, and certificates for the machines of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox.process import run

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def make_authority(directory: Path) -> None:
    """Writes `ca.pem`, and its key `ca-key.pem`, into the directory, which it makes."""
    directory.mkdir(mode=0o700, exist_ok=True)
    files = ("-keyout", str(directory / "ca-key.pem"), "-out", str(directory / "ca.pem"))
    run("openssl", "req", "-x509", *_NEW_KEY, "-days", "30", "-subj", "/CN=authority of the sandbox", *files)


def make_certificate(directory: Path, names: Sequence[str], place: Path | None = None, *, days: int = 30) -> None:
    """Writes a new `cert.pem` and `key.pem`.

    Args:
        directory: that of the authority.
        names: whom it is for, such as `IP:10.0.0.11`.
        place: where it is written; by default the directory of the authority.
        days: for how long it is valid; a negative number for one that has ended.
    """
    place = place or directory
    place.mkdir(mode=0o700, exist_ok=True)
    request, key = str(place / "request.pem"), str(place / "key.pem")
    extension = ("-addext", f"subjectAltName={','.join(names)}")
    run("openssl", "req", "-new", *_NEW_KEY, "-subj", "/CN=mesos", *extension, "-keyout", key, "-out", request)
    authority = (
        "-CA",
        str(directory / "ca.pem"),
        "-CAkey",
        str(directory / "ca-key.pem"),
        "-copy_extensions",
        "copyall",
    )
    cert = ("-days", str(days), "-out", str(place / "cert.pem"))
    run("openssl", "x509", "-req", "-in", request, *authority, *cert)
