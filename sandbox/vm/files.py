"""The files that belong to one virtual machine. They outlive its power cuts."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from sandbox import disk, paths
from sandbox.process import run
from sandbox.vm import identity, image
from sandbox.vm.kinds import KINDS, Kind

OVERLAY, IDENTITY, DATA, CONSOLE = "overlay.qcow2", "identity.tar", "data.ext4", "console.log"

_MADE = "machine.json"


@dataclass(frozen=True)
class Made:
    """How a machine was made.

    Args:
        kind_name: a name of `KINDS`.
        memory: its memory, in MiB.
        image: the folder of the disk that it began with.
    """

    kind_name: str
    memory: int
    image: Path

    @property
    def kind(self) -> Kind:
        """The kind of that name."""
        return KINDS[self.kind_name]


def ensure(host: str, kind_name: str, memory: int) -> None:
    """Makes a machine's folder, unless it exists. The folder appears only when it is complete.

    Raises:
        RuntimeError: the machine exists, and has another kind or memory; its disk cannot be built.
    """
    folder = paths.host_dir(host)
    if folder.is_dir():
        there = read(host)
        if (there.kind_name, there.memory) != (kind_name, memory):
            raise RuntimeError(f"{host} is a {there.kind_name} with {there.memory} MiB: run `down` first")
        return
    kind = KINDS[kind_name]
    original = kind.image.ensure()
    new = folder.with_name(f".{host}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    # What the machine writes; all else is read from the disk in the cache.
    run("qemu-img", "create", "-q", "-f", "qcow2", "-b", original / image.DISK, "-F", "raw", new / OVERLAY)
    identity.write(new / IDENTITY, host, kind)
    if kind.has_engine:
        disk.make_image(new / DATA)
    document = {"kind": kind_name, "memory": memory, "image": str(original)}
    (new / _MADE).write_text(json.dumps(document) + "\n")
    new.rename(folder)


def read(host: str) -> Made:
    """How a machine was made."""
    document = json.loads((paths.host_dir(host) / _MADE).read_text())
    return Made(document["kind"], document["memory"], Path(document["image"]))
