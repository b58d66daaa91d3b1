"""The images `mesosphere/marathon:<tag>` of the sandbox: a stand-in, since no package registry has Marathon."""

from __future__ import annotations

import sys
from pathlib import Path

from sandbox.images.base import BASE
from sandbox.images.recipe import Artifact, Recipe
from sandbox.process import run

HERE = Path(__file__).parent

# A wheel that is pure Python, so that any Python can fetch it for the image's.
KAZOO = "kazoo==2.11.0"


# For Debian bookworm's Python, whichever this one is.
_FOR = ("--only-binary=:all:", "--python-version=3.11", "--implementation=py", "--abi=none", "--platform=any")


def _install(folder: Path) -> None:
    pip = (
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-deps",
    )
    run(*pip, *_FOR, "--target", folder, KAZOO, timeout=300)


DEPENDENCIES = Artifact("dependencies", (KAZOO, *_FOR), _install)


def _recipe(version: str, fault: str = "") -> Recipe:
    return Recipe(
        f"mesosphere/marathon:{version}",
        HERE,
        base=BASE,
        build_args={"VERSION": version, "FAULT": fault},
        artifacts=(DEPENDENCIES,),
    )


RECIPES: tuple[Recipe, ...] = (
    _recipe("v1.11.23"),
    _recipe("v1.11.24"),
    # Broken on purpose, for upgrades that must stop: the first starts and never answers /ping, the other ends at once.
    _recipe("v1.11.25-RC1", fault="mute"),
    _recipe("v1.11.25-RC2", fault="exit"),
)
