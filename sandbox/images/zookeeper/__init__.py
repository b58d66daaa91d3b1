"""ZooKeeper releases as the official image runs them, and release candidates that are broken on purpose."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

from sandbox import packages, paths
from sandbox.images.base import BASE
from sandbox.images.recipe import Artifact, Recipe
from sandbox.process import run

_GROUP = "org.apache.zookeeper:zookeeper"


def _jars(release: str, folder: Path) -> None:
    """The jars of a release's server.

    They are the dependencies of the release's own pom: most have the scope "provided" there, and do not come along when
    another project depends on ZooKeeper.
    """
    if not shutil.which("mvn"):
        packages.ensure("maven")
    for part in (release, f"{release}:pom"):
        _mvn("dependency:copy", f"-Dartifact={_GROUP}:{part}", f"-DoutputDirectory={folder}")
    pom = folder / f"zookeeper-{release}.pom"
    for scope in ("compile", "runtime"):
        _mvn("-f", str(pom), "dependency:copy-dependencies", f"-DincludeScope={scope}", f"-DoutputDirectory={folder}")
    pom.unlink()
    for pattern in ("*-osx-*.jar", "*-windows-*.jar", "*-linux-aarch*.jar"):
        for jar in folder.glob(pattern):
            jar.unlink()


def _mvn(*words: str) -> None:
    # A repository of its own, for nothing is written outside the cache.
    repository = f"-Dmaven.repo.local={paths.cache() / 'maven'}"
    run("mvn", "-q", "-B", "-Dstyle.color=never", repository, *words, timeout=600, cwd=paths.cache())


def _recipe(tag: str, jars_of: str, stage: str) -> Recipe:
    jars = Artifact(f"zookeeper-{jars_of}", (jars_of, "compile and runtime"), functools.partial(_jars, jars_of))
    return Recipe(
        name=f"zookeeper:{tag}",
        context=Path(__file__).parent,
        target=stage,
        base=BASE,
        build_args={"JARS": jars.name},
        artifacts=(jars,),
    )


RECIPES = (
    _recipe("3.8.4", "3.8.4", "server"),
    _recipe("3.9.4", "3.9.4", "server"),
    _recipe("3.9.5-rc1", "3.9.4", "never-serves"),
    _recipe("3.9.5-rc2", "3.9.4", "exits"),
)
