"""Fetches what the images are made of: a release's library from PyPI, files of Debian's packages."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pypi_simple import PyPISimple

from sandbox.images.mesos.releases import Release

PROJECT = "mesos.scheduler"
LIBRARY = "_scheduler.so"
"""The Python scheduler driver, with all of libmesos in it and every symbol of it exported."""


def fetch_library(release: Release, target: Path) -> None:
    """Writes the release's library to `target`, without the symbols that only debuggers want (122 → 78 MB).

    Raises:
        ValueError: the archive is not the one whose digest the release names.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        archive = Path(scratch, release.archive)
        with PyPISimple() as pypi:
            packages = pypi.get_project_page(PROJECT).packages
            package = next(package for package in packages if package.filename == release.archive)
            pypi.download_package(package, archive)
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
        subprocess.run(["strip", "--strip-unneeded", "-o", target, library], check=True)


def fetch_package_files(package: str, files: Mapping[str, Path]) -> None:
    """Writes files of a Debian package: each path in the package to the path given for it."""
    with tempfile.TemporaryDirectory() as scratch:
        # apt's sandbox user could not write into a directory that only root may enter.
        subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package], cwd=scratch, check=True)
        (archive,) = Path(scratch).glob("*.deb")
        content = Path(scratch, "content")
        subprocess.run(["dpkg-deb", "-x", archive, content], check=True)
        for source, target in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(content / source, target)
