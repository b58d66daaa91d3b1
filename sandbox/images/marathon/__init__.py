"""The images `mesosphere/marathon:<tag>` of the sandbox: a stand-in, since no package registry has Marathon."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import packages, stand_ins
from sandbox.artifact import Artifact
from sandbox.images import python
from sandbox.images.base import BASE
from sandbox.images.recipe import Recipe

_PYTHON = ("pymesos==0.3.15", "kazoo==2.11.0", "six==1.17.0", "addict==2.4.0")
# pymesos is the only one without a wheel.
_FOR = ("--no-binary=pymesos", *python.FOR)
# pymesos also imports http_parser. Its source on PyPI does not compile with Python 3.11; Debian has it compiled.
_DEBIAN = "python3-http-parser"


def _install(folder: Path) -> None:
    python.install(folder, _PYTHON, _FOR)
    with TemporaryDirectory() as scratch:
        packages.unpack(_DEBIAN, Path(scratch))
        shutil.copytree(Path(scratch, "usr/lib/python3/dist-packages/http_parser"), folder / "http_parser")


DEPENDENCIES = Artifact("dependencies", (*_PYTHON, *_FOR, _DEBIAN), _install)


def _recipe(version: str, fault: str = "") -> Recipe:
    return Recipe(
        name=f"mesosphere/marathon:{version}",
        context=Path(__file__).parent,
        base=BASE,
        build_args={"VERSION": version, "FAULT": fault},
        artifacts=(DEPENDENCIES,),
        folders={"stand_in": stand_ins.MARATHON},
    )


RECIPES = (
    _recipe("v1.11.23"),
    _recipe("v1.11.24"),
    # Broken on purpose, to test that an upgrade stops: the first never answers /ping, the second ends at once.
    _recipe("v1.11.25-RC1", fault="mute"),
    _recipe("v1.11.25-RC2", fault="exit"),
)
