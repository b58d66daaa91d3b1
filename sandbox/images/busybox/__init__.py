"""BusyBox, from Debian's static build: a small image for tasks."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox import packages
from sandbox.artifact import Artifact
from sandbox.images.recipe import Recipe
from sandbox.process import run


def _build(folder: Path) -> None:
    """A root file system with the program and a link for each of its applets."""
    packages.unpack("busybox-static", folder / "unpacked")
    for name in ("rootfs/bin", "rootfs/root", "rootfs/tmp", "rootfs/var", "rootfs/home"):
        (folder / name).mkdir(parents=True)
    program = (folder / "unpacked/bin/busybox").rename(folder / "rootfs/bin/busybox")
    for applet in run(program, "--list").split():
        if applet != "busybox":
            (program.parent / applet).symlink_to("busybox")
    shutil.rmtree(folder / "unpacked")


RECIPES = (
    Recipe(
        name="busybox:1.35.0",
        context=Path(__file__).parent,
        artifacts=(Artifact("busybox", ("1.35.0", "links for applets"), _build),),
    ),
)
