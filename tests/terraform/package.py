"""Builds the package as it would be published, once in a test run: a wheel and a source distribution."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCES = Path("constructs/cdktf_mesos")


class Distributions(NamedTuple):
    """The paths of the wheel and of the source distribution."""

    wheel: Path
    source: Path

    def wheel_files(self) -> dict[str, bytes]:
        """The content of the wheel's files, by path."""
        with zipfile.ZipFile(self.wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def source_files(self) -> dict[str, bytes]:
        """The content of the source distribution's files, by their path below its only folder."""
        with tarfile.open(self.source) as archive:
            members = [member for member in archive if member.isfile()]
            return {member.name.partition("/")[2]: archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]


@cache
def distributions() -> Distributions:
    """Builds the source distribution, and the wheel from it, as an installer does when an index has no wheel.

    Raises:
        AssertionError: the build failed.
    """
    directory = Path(tempfile.mkdtemp(prefix="cdktf-mesos-package-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    # Build a copy: a build leaves files in the folder that it builds, and a later build would pack them, too.
    copy = directory / "copy"
    shutil.copytree(ROOT / SOURCES, copy / SOURCES, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    command: list[str | Path] = [sys.executable, "-m", "build", "--outdir", directory / "dist", copy]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (directory / "dist").glob("*.whl")
    (source,) = (directory / "dist").glob("*.tar.gz")
    return Distributions(wheel, source)
