"""Python packages in an image, installed by this machine's pip for the image's Python."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.process import run

# pip's options for the image's Python. Packages of pure Python suit it, whatever the version of this machine's Python.
FOR = ("--python-version=3.11", "--implementation=py", "--abi=none", "--platform=any")


def install(folder: Path, packages: Sequence[str], options: Sequence[str]) -> None:
    """Installs packages, without those that they depend on, into a folder.

    Args:
        folder: the folder.
        packages: the packages with their versions.
        options: pip's options, with `FOR`.

    Raises:
        RuntimeError: pip failed, or took longer than five minutes.
    """
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps")
    run(sys.executable, "-m", "pip", "install", *quiet, *options, "--target", folder, *packages, timeout=300)
