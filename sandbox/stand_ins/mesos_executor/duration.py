"""Durations as Mesos writes them."""

from __future__ import annotations

import re

_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "secs": 1, "mins": 60, "hrs": 3600, "days": 86400, "weeks": 604800}
"""All units of stout's Duration, in seconds."""


def seconds(text: str) -> float:
    """The seconds of a duration such as `15mins`, `2.5secs` or `0ns`.

    Raises:
        ValueError: the text is not a duration.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([a-z]+)", text)
    if match is None or match[2] not in _UNITS:
        raise ValueError(f"not a duration of Mesos: {text!r}")
    return float(match[1]) * _UNITS[match[2]]
