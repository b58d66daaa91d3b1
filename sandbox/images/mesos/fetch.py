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
"""The Python scheduler driver. It contains all of libmesos and exports all of its symbols."""


def fetch_library(release: Release, target: Path) -> None:
    """Writes the release's library to `target`, without symbols that only debuggers need (78 MB instead of 122 MB).

    Raises:
        ValueError: the archive does not have the release's digest.
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
