"""Builds the images that the sandbox's registry serves under their Docker Hub names; each kind has a folder here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sandbox import builder, hosts, lock
from sandbox.artifact import Artifact
from sandbox.images import (
    base,
    busybox,
    marathon,
    marathon_lb,
    mesos,
    mesos_dns,
    mesos_exporter,
    scheduler,
    zookeeper,
)
from sandbox.images.recipe import Recipe
from sandbox.progress import Progress


def catalogue() -> dict[str, Recipe]:
    """All recipes by their image's name; each comes after its base."""
    kinds = (base, busybox, zookeeper, mesos, marathon, marathon_lb, mesos_dns, mesos_exporter, scheduler)
    return {recipe.name: recipe for kind in kinds for recipe in kind.RECIPES}


def ensure(names: Sequence[str] = ()) -> None:
    """Builds those images that the registry lacks, or has from an older recipe.

    Args:
        names: the images; by default all.

    Raises:
        ValueError: a name has no recipe.
        RuntimeError: a build failed.
    """
    known = catalogue()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no recipe for {', '.join(unknown)}: the sandbox has {', '.join(known)}")
    wanted = _with_bases(known[name] for name in names or known)
    with lock.held():
        hosts.prepare()
        missing = [recipe for recipe in wanted if not builder.is_current(recipe)]
        if missing:
            _build(missing)


def _with_bases(recipes: Iterable[Recipe]) -> list[Recipe]:
    found: dict[str, Recipe] = {}
    for recipe in recipes:
        chain = [recipe]
        while chain[-1].base:
            chain.append(chain[-1].base)
        found.update((link.name, link) for link in reversed(chain))
    return list(found.values())


def _build(recipes: Sequence[Recipe]) -> None:
    """Builds two artifacts at a time, and each image as soon as its artifacts are ready."""
    artifacts = {artifact.key: artifact for recipe in recipes for artifact in recipe.artifacts if not artifact.is_built}
    progress = Progress(len(artifacts) + len(recipes))

    def make(artifact: Artifact) -> None:
        with progress.step(f"build {artifact.name}"):
            artifact.ensure()

    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = {key: pool.submit(make, artifact) for key, artifact in artifacts.items()}
        try:
            with builder.running() as client:
                for recipe in recipes:
                    for artifact in recipe.artifacts:
                        if artifact.key in futures:
                            futures[artifact.key].result()
                    with progress.step(f"build image {recipe.name}"):
                        builder.build(client, recipe)
        finally:
            pool.shutdown(cancel_futures=True)
