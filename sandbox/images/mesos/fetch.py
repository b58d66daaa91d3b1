"""Fetches a release's library from PyPI."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
from pathlib import Path

from sandbox import packages
from sandbox.images.mesos.releases import Release
from sandbox.process import run

PROJECT = "mesos.scheduler"
LIBRARY = "_scheduler.so"
"""The Python scheduler driver, with all of libmesos in it and every symbol of it exported."""


def fetch_library(release: Release, target: Path) -> None:
    """Writes the release's library to `target`, without the symbols that only debuggers want (122 → 78 MB).

    Raises:
        ValueError: the archive is not the one whose digest the release names.
    """
    from pypi_simple import PyPISimple  # takes half a second, and only a first build needs it

    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        archive = Path(scratch, release.archive)
        with PyPISimple() as pypi:
            files = pypi.get_project_page(PROJECT).packages
            pypi.download_package(next(file for file in files if file.filename == release.archive), archive)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if digest != release.sha256:
            raise ValueError(f"{release.archive} has the digest {digest}, not {release.sha256}")
        library = Path(scratch, LIBRARY)
        with tarfile.open(archive) as tar:
            member = next(member for member in tar if Path(member.name).name == LIBRARY)
            content = tar.extractfile(member)
            if content is None:
                raise ValueError(f"{member.name} in {release.archive} is not a file")
            with library.open("wb") as file:
                shutil.copyfileobj(content, file)
        packages.ensure("binutils")
        run("strip", "--strip-unneeded", "-o", target, library)
