"""Whether a member may go from the release that it runs to another one: a function of the two releases alone.

A release candidate counts as its release. A change that no component's project speaks of is allowed. Each role has its
own rules (`Role.bumps`).
"""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_mesos.compatibility.rule import Severity


@dataclass(frozen=True)
class Bump:
    """What is wrong with a change of release.

    Args:
        severity: `error` for what the project forbids or only promises another way, `warning` for what it advises
            against.
        reason: why.
        source: where the project says so.
        path: the releases to deploy one after the other instead, the wanted one last; empty where none leads there.
    """

    severity: Severity
    reason: str
    source: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        """All of it, in one line."""
        path = f"; deploy one after the other: {', '.join(self.path)}" if self.path else ""
        return f"{self.reason}{path} ({self.source})"
