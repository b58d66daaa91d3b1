"""Which release of a program an image's tag stands for.

Tags spell releases in many ways: `3.9.4-jre-17`, `v1.4.0-RC9`, `1.0.1-2.0.93.ubuntu1404`. How a program is
configured changes with its minor release, so that is what releases are compared by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# What follows the numbers is a pre-release, a build or a distribution. Four digits in a row are a date, not a release.
_VERSION = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})(?![0-9])(?:\.([0-9]{1,3})(?![0-9]))?")

# mesosphere/mesos-master:1.1.01.1.0-2.0.107.ubuntu1404 says its version twice.
_TWICE = re.compile(r"([0-9]+\.[0-9]+\.[0-9])\1(?![0-9])")


@dataclass(frozen=True, order=True)
class Release:
    """A release of Mesos, ZooKeeper or Marathon, equal to and ordered among others by its minor release alone.

    Args:
        major: 1 of `1.11.0`.
        minor: 11 of `1.11.0`.
        patch: 0 of `1.11.0`; None where it is not said (`3.9`).
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
        raise ValueError(f"no release can be read from {text!r}; right would be '1.11.0' or 'v1.11.24', say")
    major, minor, patch = match.groups()
    return Release(int(major), int(minor), None if patch is None else int(patch), text)
