"""What is built once, for images and for virtual machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox import cache


@dataclass(frozen=True)
class Artifact:
    """A directory that is built once for a set of inputs, and kept in the cache.

    Args:
        name: the directory's name, in the cache and in images' build contexts.
        inputs: everything that its content depends on: files, by their content, and strings (versions, digests).
        build: fills the empty directory that it is given; may take minutes.
    """

    name: str
    inputs: tuple[Path | str, ...]
    build: Callable[[Path], None]

    @property
    def key(self) -> str:
        """A digest of the name and the inputs."""
        return cache.digest(self.name, *self.inputs)

    def ensure(self) -> Path:
        """The path of the directory; builds it now unless the cache has it."""
        return cache.entry(self.name, self.key, self.build)

    @property
    def is_built(self) -> bool:
        """Whether the cache has the directory."""
        return cache.path(self.name, self.key).is_dir()
