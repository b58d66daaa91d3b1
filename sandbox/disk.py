"""A host's disk for the data of clusters: a small separate file system in an image file, so that tests can fill it."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox import paths
from sandbox.process import run

_SIZE = 4 << 30  # bytes; the image file is sparse: it takes up only as much space as was written
_MOUNT = "/var/lib/cdktf-mesos"  # the default of `data_dir`
_FILLER = f"{_MOUNT}/.filler"

FILL = f"""
mountpoint -q {_MOUNT} || {{ echo 'this host was made without a disk for data: no loop devices'; exit 1; }}
fallocate -l "$(df --output=avail -B1 {_MOUNT} | tail -1)" {_FILLER} 2> /dev/null
dd if=/dev/zero of={_FILLER} oflag=append conv=notrunc bs=4k 2> /dev/null
[ "$(df --output=avail {_MOUNT} | tail -1)" -eq 0 ]
"""
"""A shell script, to be run on the host, that uses up every free block, those that root could use included."""

FREE = ("rm", "-f", _FILLER)
"""The command that undoes FILL."""

FIND = ("find", _MOUNT, "-maxdepth", "1", "-path", _FILLER)
"""The command that prints something if the disk was filled by FILL, else nothing."""


def make(folder: Path) -> None:
    """Makes the disk in a new host's folder, where host-init.sh finds it; does nothing if there are no loop devices."""
    (folder / _MOUNT.lstrip("/")).mkdir()
    if Path("/dev/loop-control").exists():
        make_image(_image(folder))


def make_image(image: Path) -> None:
    """Makes a disk of the same size in the file of this name."""
    with image.open("wb") as file:
        file.truncate(_SIZE)
    run("mkfs.ext4", "-q", "-m", "0", image)  # reserve no blocks for root: all on a host run as root


def keep(folder: Path, image: Path) -> None:
    """Makes a host's disk outlive the host, which must be off: gives its image a second name (a hard link).

    Args:
        folder: the host's folder.
        image: the second name, on the same file system. If that file exists already, the host gets it as its disk.

    Raises:
        RuntimeError: the host has no disk, or another host has this one.
    """
    own = _image(folder)
    if not own.exists():
        raise RuntimeError(f"{folder.name} was made without a disk for data: no loop devices")
    if not image.exists():
        os.link(own, image)
        return
    if not is_free(image):
        raise RuntimeError(f"{image.name} is in use by another host")
    own.unlink()
    os.link(image, own)


def is_detached(host: str) -> bool:
    """Whether no loop device holds the disk any more. The kernel frees it some time after the host's last process."""
    return is_free(_image(paths.host_dir(host)))


def is_free(image: Path) -> bool:
    """Whether no loop device holds this image."""
    return not image.exists() or not run("losetup", "--associated", image).strip()


def _image(folder: Path) -> Path:
    return folder / "data.ext4"
