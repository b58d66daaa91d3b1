"""The containers on a host, as its engine lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_mesos.container.names import APP_LABEL, LABEL
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.engine import engine_of


@dataclass(frozen=True)
class Container:
    """A container on a host.

    Args:
        id: its id.
        image: the image that it was made from.
        state: Docker's word: running, exited, restarting, paused, created, dead.
        labels: its labels.
        directories: the directories of the host that are mounted in it.
    """

    id: str
    image: str
    state: str
    labels: Mapping[str, str]
    directories: frozenset[str]

    @property
    def role(self) -> str | None:
        """The role of the member that it is; None if the constructs did not make it, or it only checks something."""
        return self.labels.get(f"{LABEL}role")

    @property
    def is_ours(self) -> bool:
        """Whether the constructs made it."""
        return any(label in self.labels for label in (f"{LABEL}role", f"{LABEL}of", APP_LABEL))


def look(host: Host, seconds: float) -> dict[str, Container]:
    """All containers on a host, by their names.

    Args:
        host: the host.
        seconds: how long an answer of its engine may take.

    Raises:
        RuntimeError: its engine cannot be reached, or its connection is not known.
    """
    with engine_of(host, seconds) as client:
        return {name: _container(each) for each in client.containers(all=True) for name in _names(each)}


def _names(found: Mapping[str, Any]) -> list[str]:
    """Its names. One with another `/` is that of a link in another container (Docker docs, legacy links)."""
    return [name[1:] for name in found.get("Names") or () if "/" not in name[1:]]


def _container(found: Mapping[str, Any]) -> Container:
    return Container(
        id=found["Id"],
        image=found["Image"],
        state=found["State"],
        labels=found.get("Labels") or {},
        directories=frozenset(each["Source"] for each in found.get("Mounts") or () if each.get("Source")),
    )
