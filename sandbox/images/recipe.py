"""Describes what an image of the sandbox is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import cache
from sandbox.artifact import Artifact


@dataclass(frozen=True)
class Recipe:
    """How to build one image.

    Args:
        name: the Docker Hub name with its tag, such as `zookeeper:3.9.4` or `mesosphere/mesos-master:1.11.0`.
        context: the folder with the Dockerfile and the files that it copies.
        target: the stage of the Dockerfile to build; by default the last one.
        base: the base image, which is built first; the Dockerfile gets its name as `ARG BASE`.
        build_args: further build arguments.
        artifacts: artifacts that are added to the context.
        folders: further folders of this checkout that are added to the context, by their names there.
    """

    name: str
    context: Path
    target: str | None = None
    base: Recipe | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()
    folders: Mapping[str, Path] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """A digest of everything that the image is built from. When it changes, the image is built again."""
        return cache.digest(
            self.name,
            self.context,
            self.target or "",
            self.base.key if self.base else "",
            *(f"{name}={value}" for name, value in sorted(self.build_args.items())),
            *(artifact.key for artifact in self.artifacts),
            *(part for name, folder in sorted(self.folders.items()) for part in (name, folder)),
        )
