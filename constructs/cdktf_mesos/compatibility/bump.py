"""An objection to a change of a member's release. It depends on the two releases only.

A release candidate counts as its release. A change that the component's project says nothing about is allowed. Each
role has its own rules (`Role.bumps`).
"""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_mesos.compatibility.rule import Severity


@dataclass(frozen=True)
class Bump:
    """An objection to a change of release.

    Args:
        severity: `error` if the project forbids the change, or supports only another way; `warning` if the project
            advises against it.
        reason: why the change is wrong, as a sentence without its full stop.
        source: where the project says so.
        path: the releases to deploy one after the other instead, the wanted one last; empty if there is no such path.
    """

    severity: Severity
    reason: str
    source: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The reason, the path and the source, in one line."""
        return explained(self.reason, self.path, self.source)


def explained(reason: str, path: tuple[str, ...], source: str) -> str:
    """An objection in one line: the reason, the releases to deploy instead, and the source."""
    instead = f". Deploy one after the other: {', '.join(path)}" if path else ""
    return f"{reason}{instead} ({source})"
