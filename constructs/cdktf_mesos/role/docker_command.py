"""The docker commands of roles that run tasks."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_mesos.image.image import Image


@dataclass(frozen=True)
class DockerCommand:
    """A docker command that starts tasks. The machine check runs it once, and so sees whether the engine accepts it.

    Args:
        user: who uses it, in the plural.
        image: the image in which it runs.
        socket: path of the engine's socket on the machine, at which it is mounted into the container, too.
        path: path of a docker command on the machine that is used instead of the image's own; by default there is none.
    """

    user: str
    image: Image
    socket: str
    path: str | None = None
