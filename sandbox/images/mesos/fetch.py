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
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        archive = Path(scratch, release.archive)
        download(PROJECT, archive, release.sha256)
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


def download(project: str, target: Path, sha256: str) -> None:
    """Writes the file of a project on PyPI that has the target's name.

    Raises:
        ValueError: the file does not have the digest.
    """
    from pypi_simple import PyPISimple  # takes half a second, and only a first build needs it

    with PyPISimple() as pypi:
        files = pypi.get_project_page(project).packages
        pypi.download_package(next(file for file in files if file.filename == target.name), target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    if digest != sha256:
        raise ValueError(f"{target.name} has the digest {digest}, not {sha256}")
