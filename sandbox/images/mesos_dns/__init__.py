"""The images `mesosphere/mesos-dns` and `avhost/mesos-dns` of the sandbox: a stand-in, as no registry has Mesos-DNS."""

from __future__ import annotations

from pathlib import Path

from sandbox import stand_ins
from sandbox.artifact import Artifact
from sandbox.images import python
from sandbox.images.base import BASE
from sandbox.images.recipe import Recipe

_PYTHON = ("dnslib==0.9.26", "kazoo==2.11.0")
_FOR = ("--only-binary=:all:", *python.FOR)


def _install(folder: Path) -> None:
    python.install(folder, _PYTHON, _FOR)


_DEPENDENCIES = Artifact("dependencies", (*_PYTHON, *_FOR), _install)


def _recipe(family: str, version: str, fault: str = "") -> Recipe:
    return Recipe(
        name=f"{family}/mesos-dns:{version}",
        context=Path(__file__).parent,
        target=family,
        base=BASE,
        build_args={"VERSION": version, "FAULT": fault},
        artifacts=(_DEPENDENCIES,),
        folders={"stand_in": stand_ins.MESOS_DNS},
    )


RECIPES = (
    _recipe("mesosphere", "v0.6.0"),
    _recipe("avhost", "v0.9.4"),
    _recipe("avhost", "v0.10.1"),
    # Broken on purpose, to test that a roll stops: it answers that no name exists.
    _recipe("avhost", "v0.10.2-RC1", fault="mute"),
)
