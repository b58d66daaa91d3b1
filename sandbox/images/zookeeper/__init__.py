"""ZooKeeper images that behave like the official one, and release candidates that are broken on purpose."""

from __future__ import annotations

import functools
from pathlib import Path

from sandbox import maven
from sandbox.artifact import Artifact
from sandbox.images.base import BASE
from sandbox.images.recipe import Recipe

# The release of the Prometheus metrics provider for each ZooKeeper release. Maven Central lacks that of 3.8.4.
_METRICS = {"3.8.4": "3.8.3", "3.9.4": "3.9.4"}


def _jars(release: str, folder: Path) -> None:
    """Fetches the jars of a release's server, and of the metrics provider that belongs to it.

    They are resolved from the modules' own poms. There, most dependencies have the scope "provided", so Maven would
    leave them out for another project that depends on ZooKeeper.
    """
    _module("zookeeper", release, folder, "compile")  # for Maven's dependency plugin, "compile" includes "provided"
    _module("zookeeper", release, folder, "runtime")
    _module("zookeeper-prometheus-metrics", _METRICS[release], folder, "runtime", "-DincludeGroupIds=io.prometheus")
    for pattern in ("*-osx-*.jar", "*-windows-*.jar", "*-linux-aarch*.jar"):
        for jar in folder.glob(pattern):
            jar.unlink()


def _module(name: str, version: str, folder: Path, scope: str, *only: str) -> None:
    """Fetches a module's jar and the jars of its dependencies."""
    for part in (version, f"{version}:pom"):
        maven.copy(f"org.apache.zookeeper:{name}:{part}", folder)
    pom = folder / f"{name}-{version}.pom"
    scope = f"-DincludeScope={scope}"
    maven.mvn("-f", str(pom), "dependency:copy-dependencies", scope, f"-DoutputDirectory={folder}", *only)
    pom.unlink()


def _recipe(tag: str, jars_of: str, stage: str) -> Recipe:
    jars = Artifact(f"zookeeper-{jars_of}", (jars_of, "metrics", _METRICS[jars_of]), functools.partial(_jars, jars_of))
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
