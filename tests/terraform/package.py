"""The package as it would be published: a wheel and a source distribution, built once in a test run."""

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
    """The two files."""

    wheel: Path
    source: Path

    def wheel_files(self) -> dict[str, bytes]:
        """The wheel's files by their paths."""
        with zipfile.ZipFile(self.wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def source_files(self) -> dict[str, bytes]:
        """The source distribution's files by their paths below its one folder."""
        with tarfile.open(self.source) as archive:
            members = [member for member in archive if member.isfile()]
            return {member.name.partition("/")[2]: archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]


@cache
def distributions() -> Distributions:
    """The source distribution, and the wheel that is built from it, as an installer without wheels would build it.

    Raises:
        AssertionError: the build failed.
    """
    directory = Path(tempfile.mkdtemp(prefix="cdktf-mesos-package-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    # From a copy: a build leaves files beside what it builds, and takes those of an earlier one along.
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
