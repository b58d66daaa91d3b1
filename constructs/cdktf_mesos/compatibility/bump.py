"""Whether a member may go from the release that it runs to another one: a function of the two releases alone.

A release candidate counts as its release. A change that no component's project speaks of is allowed. Each role has its
own rules (`Role.bumps`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cdktf_mesos.compatibility.rule import Severity, numbers
from cdktf_mesos.image.release import Release


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


Rules = Callable[[Release, Release, bool], Iterator[Bump]]
"""A component's: what speaks against a change from one release to another, the most serious first."""


def judge(rules: Rules, deployed: Release, wanted: Release, *, rolling: bool = True) -> Bump | None:
    """What speaks against a change of release by a component's rules; None if nothing does.

    Args:
        rules: the component's.
        deployed: what a member runs.
        wanted: what it is to run.
        rolling: whether others of its set run on meanwhile; some changes are safe only if all stop before.
    """
    if numbers(deployed) == numbers(wanted):
        return None
    return next(rules(deployed, wanted, rolling), None)
