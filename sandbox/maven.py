"""Fetches artifacts of Maven Central."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from sandbox import packages, paths
from sandbox.process import run

_one_at_a_time = threading.Lock()  # several Mavens at once may corrupt their local repository


def copy(artifact: str, folder: Path) -> None:
    """Writes an artifact to a folder, without its dependencies.

    Args:
        artifact: `group:name:version`, and optionally `:packaging` and `:classifier`.
        folder: the folder.

    Raises:
        RuntimeError: Maven failed, or took longer than ten minutes.
    """
    mvn("dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}")


def mvn(*words: str) -> None:
    """Runs Maven. Raises what `copy` does."""
    # A separate local repository, because the sandbox writes nothing outside its cache.
    repository = f"-Dmaven.repo.local={paths.cache() / 'maven'}"
    with _one_at_a_time:
        if not shutil.which("mvn"):
            packages.ensure("maven")
        run("mvn", "-q", "-B", "-Dstyle.color=never", repository, *words, timeout=600, cwd=paths.cache())
