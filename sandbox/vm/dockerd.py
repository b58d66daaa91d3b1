"""Docker's engine 29, which no Debian has yet: its dockerd, built from the Go module."""

from __future__ import annotations

from pathlib import Path

from sandbox import golang
from sandbox.artifact import Artifact

_PROGRAM = golang.Program(
    package="github.com/moby/moby/v2/cmd/dockerd",
    source="github.com/moby/moby/v2",
    version="v2.0.0-beta.24",
    module="github.com/moby/moby/v2",
    # The module does not say which release of Docker it is. This one is two weeks younger than 29.8.0.
    variables=("github.com/moby/moby/v2/dockerversion.Version=29.8.0-moby-v2.0.0-beta.24",),
    tags=("exclude_graphdriver_btrfs",),  # the only part in C
)


def _build(folder: Path) -> None:
    _PROGRAM.build(folder / "dockerd")


ARTIFACT = Artifact("dockerd-29", (_PROGRAM.key,), _build)
