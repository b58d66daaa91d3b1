"""Prometheus and promtool of Debian, unpacked into the cache and not installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox import packages
from sandbox.artifact import Artifact

_RELEASE = Path("/etc/debian_version")


def program(name: str) -> str:
    """The path of `prometheus` or `promtool`: one that is installed, or else that of Debian's package.

    Raises:
        RuntimeError: the package cannot be fetched.
    """
    return shutil.which(name) or str(_artifact().ensure() / "usr/bin" / name)


def _artifact() -> Artifact:
    release = _RELEASE.read_text().strip() if _RELEASE.exists() else ""
    return Artifact("prometheus", (release,), lambda folder: packages.unpack("prometheus", folder))
