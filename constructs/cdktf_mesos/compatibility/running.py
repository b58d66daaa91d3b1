"""The running releases that a wanted release must not follow, as a table that a script can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from cdktf_mesos.compatibility.bump import Bump, explained
from cdktf_mesos.image.release import Release

# The patch releases that are judged one by one, and a number that stands for all later ones.
_PATCHES, _LAST = range(30), 9999

# The minor releases that are judged if a component does not list its own.
_MINORS = range(31)


def forbidden(
    judge: Callable[[Release, Release], Bump | None], wanted: Release, known: Sequence[tuple[int, int]]
) -> str:
    """The releases that must not be running when `wanted` is to follow.

    One line for each range of releases: the first, the last, and why. Each release is one number: major × 10⁸ +
    minor × 10⁴ + patch. A release between two judged ones belongs to a range only if both do, for the same reason.

    Args:
        judge: returns the objection to a change from one release to another.
        wanted: the release that is to follow.
        known: the minor releases of the component; empty if every number may be one.
    """
    lines = []
    for why, group in groupby(_judged(judge, wanted, known), key=lambda pair: pair[1] and _why(pair[1])):
        releases, bumps = zip(*group, strict=True)
        paths = {bump.path for bump in bumps if bump}
        if why:
            reason, source = why
            # The releases of a range may have different paths. Then none is named.
            text = explained(reason, paths.pop() if len(paths) == 1 else (), source)
            lines.append(f"{_number(releases[0])} {_number(releases[-1])} {text}")
    return "\n".join(lines)


def _judged(
    judge: Callable[[Release, Release], Bump | None], wanted: Release, known: Sequence[tuple[int, int]]
) -> Iterator[tuple[Release, Bump | None]]:
    """The releases in their order, each with the error, if there is one, that it raises as the running release."""
    wanted_minor = (wanted.major, wanted.minor)
    minors = {*known} or {(major, minor) for major in range(wanted.major + 2) for minor in _MINORS}
    major, minor = max({*minors, wanted_minor})
    near = [] if wanted.patch is None else [max(wanted.patch - 1, 0), wanted.patch, wanted.patch + 1]
    for each in sorted({*minors, wanted_minor, (major, minor + 1), (major + 1, 0)}):
        for patch in sorted({*_PATCHES, _LAST, *(near if each == wanted_minor else ())}):
            release = Release(*each, patch)
            bump = judge(release, wanted)
            yield release, bump if bump and bump.severity == "error" else None


def _why(bump: Bump) -> tuple[str, str]:
    return bump.reason, bump.source


def _number(release: Release) -> int:
    return release.major * 10**8 + release.minor * 10**4 + (release.patch or 0)
