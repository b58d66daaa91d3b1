"""The images mesos-master, mesos-slave and mesos (for executors) of several releases, and broken candidates."""

from __future__ import annotations

from pathlib import Path

from sandbox import stand_ins
from sandbox.images.base import BASE
from sandbox.images.mesos.artifacts import DEBIAN, release_artifact
from sandbox.images.mesos.releases import RELEASES, Release
from sandbox.images.recipe import Recipe


def _recipes(tag: str, release: Release, **stages: str) -> tuple[Recipe, ...]:
    """The images with one tag, built from a release. `stages` has the Dockerfile's stage for each image."""
    artifact = release_artifact(release)
    return tuple(
        Recipe(
            name=f"mesosphere/{image.replace('_', '-')}:{tag}",
            context=Path(__file__).parent,
            target=stage,
            base=BASE,
            build_args={"MESOS": artifact.name},
            artifacts=(artifact, DEBIAN),
            folders={"executor": stand_ins.MESOS_EXECUTOR},
        )
        for image, stage in stages.items()
    )


RECIPES = (
    *(
        recipe
        for release in RELEASES
        for recipe in _recipes(release.version, release, mesos="mesos", mesos_master="master", mesos_slave="slave")
    ),
    # There is no 1.11.1-rc3, on purpose: tests need a tag that no registry has.
    *_recipes(
        "1.11.1-rc1", RELEASES[-1], mesos="mesos", mesos_master="never-serves-master", mesos_slave="never-serves-slave"
    ),
    *_recipes("1.11.1-rc2", RELEASES[-1], mesos="mesos", mesos_master="exits-master", mesos_slave="exits-slave"),
)
