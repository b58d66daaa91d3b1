"""What is known of a host before a deploy."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.image.release import Release

# Engines, the newest first → the oldest API that each accepts by default (Docker Engine release notes; moby,
# daemon/config: minimum API version).
_LEAST_API = (
    ((29, 3, 0), Release(1, 40)),
    ((29, 0, 0), Release(1, 44)),
    ((25, 0, 0), Release(1, 24)),
    ((0, 0, 0), Release(1, 12)),
)


@dataclass(frozen=True)
class HostFacts:
    """What is known of a host's Docker engine and cgroups. None stands for what is not known.

    Args:
        engine: the engine's version.
        least_api: the oldest API that the engine accepts. By default that of the engine's version: a lower one can be
            set with `min-api-version` in the engine's daemon.json.
        cgroup: the version of cgroups, 1 or 2.
    """

    engine: Release | None = None
    least_api: Release | None = None
    cgroup: Release | None = None

    def accepted_from(self) -> Release | None:
        """The oldest API that the engine accepts, if that or the engine's version is known."""
        if self.least_api is not None or self.engine is None:
            return self.least_api
        version = numbers(self.engine)
        return next(api for first, api in _LEAST_API if version >= first)
