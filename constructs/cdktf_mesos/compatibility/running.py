"""Which running releases another release must not follow, as a table that a script can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.image.release import Release

# Patch releases that are judged one by one, and one after all others.
_PATCHES, _LAST = range(30), 9999

# Minor releases that are judged of a component that does not say which there are.
_MINORS = range(31)


def forbidden(
    judge: Callable[[Release, Release], Bump | None], wanted: Release, known: Sequence[tuple[int, int]]
) -> str:
    """The releases that must not be running when `wanted` is to follow.

    A line for each range of them: the first, the last, each as one number (major × 10⁸ + minor × 10⁴ + patch), and why.
    What lies between two releases that are judged belongs to a range only if both do, for the same reason.

    Args:
        judge: what speaks against a change from one release to another.
        wanted: the release that is to follow.
        known: the minor releases of the component; empty where any number may be one.
    """
    lines = []
    for why, group in groupby(_judged(judge, wanted, known), key=lambda each: each[1] and _said(each[1])):
        judged = list(group)
        paths = {bump.path for _, bump in judged if bump}
        if why:
            # Not each release of a range has the same way around.
            path = f"; deploy one after the other: {', '.join(*paths)}" if len(paths) == 1 and paths != {()} else ""
            lines.append(f"{_number(judged[0][0])} {_number(judged[-1][0])} {why[0]}{path} ({why[1]})")
    return "\n".join(lines)


def _judged(
    judge: Callable[[Release, Release], Bump | None], wanted: Release, known: Sequence[tuple[int, int]]
) -> Iterator[tuple[Release, Bump | None]]:
    own = (wanted.major, wanted.minor)
    minors = {*known} or {(major, minor) for major in range(wanted.major + 2) for minor in _MINORS}
    major, minor = max({*minors, own})
    near = [] if wanted.patch is None else [max(wanted.patch - 1, 0), wanted.patch, wanted.patch + 1]
    for each in sorted({*minors, own, (major, minor + 1), (major + 1, 0)}):
        for patch in sorted({*_PATCHES, _LAST, *(near if each == own else ())}):
            release = Release(*each, patch)
            bump = judge(release, wanted)
            yield release, bump if bump and bump.severity == "error" else None


def _said(bump: Bump) -> tuple[str, str]:
    return bump.reason, bump.source


def _number(release: Release) -> int:
    return release.major * 10**8 + release.minor * 10**4 + (release.patch or 0)
