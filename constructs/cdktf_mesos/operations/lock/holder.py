"""Who holds the lock of a cluster."""

from __future__ import annotations

import getpass
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone

REMEDY = "Wait until it ends. If it was broken off and nobody works any more: cdktf-mesos lock --remove"
"""What to do about a lock that somebody else holds."""

LOCKED = 4
"""Exit code of commands if somebody else holds the lock."""


class Held(RuntimeError):  # noqa: N818 (an answer, not a fault)
    """Somebody else holds the lock; the message says who, where, since when and for what."""


@dataclass(frozen=True)
class Holder:
    """Who holds the lock.

    Args:
        id: 32 hex digits.
        text: `held by ops@laptop since 2026-01-01T10:00:00Z: maintain a1`.
    """

    id: str
    text: str

    @classmethod
    def new(cls, purpose: str) -> Holder:
        """This user, on this computer, from now on."""
        user, now = f"{getpass.getuser()}@{socket.gethostname()}", datetime.now(timezone.utc)
        return cls(uuid.uuid4().hex, f"held by {user} since {now:%Y-%m-%dT%H:%M:%SZ}: {purpose}")

    @classmethod
    def read(cls, label: str) -> Holder:
        """The holder that a lock's label names."""
        id_, _, text = label.partition(" ")
        return cls(id_, text)

    @property
    def label(self) -> str:
        """The label of the lock's container. The machine check of a deploy reads it, too."""
        return f"{self.id} {self.text}"
