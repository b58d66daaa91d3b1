"""The kinds of virtual machines: which Debian, which engine, how the kernel is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.artifact import Artifact
from sandbox.vm import dockerd, image

_GRAPHDRIVER = {"features": {"containerd-snapshotter": False}}
_CONTAINERD = {"features": {"containerd-snapshotter": True}}


@dataclass(frozen=True)
class Kind:
    """A kind of virtual machines.

    Args:
        suite: Debian's name of the release.
        has_engine: whether Docker is installed. A machine without is as Debian's installer leaves it: it is started by
            GRUB, with the kernel arguments of its own configuration, and reaches Debian's archive.
        kernel: further arguments of the kernel, for a machine with an engine.
        engine: settings of the engine (daemon.json), in addition to those that the sandbox needs.
        dockerd: the folder of an engine that replaces Debian's.
    """

    suite: str
    has_engine: bool = True
    kernel: tuple[str, ...] = ()
    engine: Mapping[str, Any] = field(default_factory=dict)
    dockerd: Artifact | None = None

    @property
    def image(self) -> Artifact:
        """The disk that machines of this kind begin with."""
        return image.artifact(self.suite, has_engine=self.has_engine)


KINDS: Mapping[str, Kind] = {
    "debian12": Kind("bookworm"),
    "debian12-v1": Kind("bookworm", kernel=("systemd.unified_cgroup_hierarchy=0",)),
    "debian13": Kind("trixie"),
    "forky": Kind("forky", engine=_GRAPHDRIVER),
    "forky-containerd": Kind("forky", engine=_CONTAINERD),
    "forky-29": Kind("forky", dockerd=dockerd.ARTIFACT),
    "debian12-bare": Kind("bookworm", has_engine=False),
    "debian13-bare": Kind("trixie", has_engine=False),
}
"""All kinds by name. Without more in the name a machine has cgroup v2 alone, and images in a graphdriver's store."""
