"""Reads the release of a program from the tag of its image.

Tags write releases in many forms: `3.9.4-jre-17`, `v1.4.0-RC9`, `1.0.1-2.0.93.ubuntu1404`. The configuration of a
program changes with its minor release, so releases are compared by their minor release.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# A pre-release, a build or a distribution may follow the numbers. Four digits in a row are a date, not a release.
_VERSION = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})(?![0-9])(?:\.([0-9]{1,3})(?![0-9]))?")

# The tag of mesosphere/mesos-master:1.1.01.1.0-2.0.107.ubuntu1404 contains the version twice.
_TWICE = re.compile(r"([0-9]+\.[0-9]+\.[0-9])\1(?![0-9])")


@dataclass(frozen=True, order=True)
class Release:
    """A release of Mesos, ZooKeeper or Marathon. Releases are compared by their minor release only.

    Args:
        major: 1 in `1.11.0`.
        minor: 11 in `1.11.0`.
        patch: 0 in `1.11.0`; None if there is no patch number (`3.9`).
        text: the whole tag; by default the numbers.
    """

    major: int
    minor: int
    patch: int | None = field(default=None, compare=False)
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        """The whole tag, or the numbers."""
        numbers = (self.major, self.minor, self.patch)
        return self.text or ".".join(str(number) for number in numbers if number is not None)


def parse_release(text: str) -> Release:
    """Read the release that an image's tag begins with.

    Args:
        text: a tag, without repository and digest.

    Raises:
        ValueError: text that does not begin with a major and a minor number (`latest`, `3`, a digest).
    """
    twice = _TWICE.match(text)
    match = _VERSION.match(twice[1] if twice else text)
    if match is None:
        raise ValueError(f"{text!r} does not begin with a release, such as '1.11.0' or 'v1.11.24'")
    major, minor, patch = match.groups()
    return Release(int(major), int(minor), None if patch is None else int(patch), text)
