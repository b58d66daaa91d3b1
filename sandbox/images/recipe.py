"""What an image of the sandbox is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import cache


@dataclass(frozen=True)
class Artifact:
    """A directory that is made once for its inputs, kept in the cache, and copied into the build contexts that name it.

    Args:
        name: its name in the build context.
        inputs: all that its content depends on: files (their content counts) and strings (versions, digests).
        build: fills the empty directory it is given; may take minutes.
    """

    name: str
    inputs: tuple[Path | str, ...]
    build: Callable[[Path], None]

    @property
    def key(self) -> str:
        """A digest of its inputs."""
        return cache.digest(self.name, *self.inputs)

    def ensure(self) -> Path:
        """The directory; built now unless the cache has it."""
        return cache.entry(self.name, self.key, self.build)

    @property
    def is_built(self) -> bool:
        """Whether the cache has it."""
        return cache.path(self.name, self.key).is_dir()


@dataclass(frozen=True)
class Recipe:
    """One image.

    Args:
        name: the Docker Hub name with its tag, `zookeeper:3.9.4` or `mesosphere/mesos-master:1.11.0`.
        context: the folder that holds the Dockerfile and what it copies.
        target: the stage of the Dockerfile, by default its last.
        base: the image that the Dockerfile finds as `ARG BASE` (`FROM $BASE`); built before.
        build_args: further build arguments.
        artifacts: directories that are added to the context.
        folders: folders of this checkout that are added to the context, by the names that the Dockerfile has for them.
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
        """A digest of all that the image is made from: when it changes, the image is built again."""
        return cache.digest(
            self.name,
            self.context,
            self.target or "",
            self.base.key if self.base else "",
            *(f"{name}={value}" for name, value in sorted(self.build_args.items())),
            *(artifact.key for artifact in self.artifacts),
            *(part for name, folder in sorted(self.folders.items()) for part in (name, folder)),
        )
