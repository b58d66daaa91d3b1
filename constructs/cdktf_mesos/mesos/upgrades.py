"""What Mesos forbids, or advises against, when the release of masters or agents changes."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.image.release import Release


def mesos_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """What speaks against a change of release of masters and agents alike."""
    if wanted < deployed:
        if wanted.major < 1 <= deployed.major:
            yield Bump("error", "data of 1.x is promised to releases of 1.x alone", "Mesos docs, downgrades")
        elif wanted.major < 1:
            yield Bump("warning", "before 1.0 no way back is described", "Mesos docs, upgrades and downgrades")
        return
    if deployed.major >= 1:
        return
    last = min(wanted, Release(1, 0))
    steps = [Release(0, minor) for minor in range(deployed.minor + 1, 29)] + [Release(1, 0)]
    path = [f"{step}.x" for step in steps if step < last or (step == last and step < wanted)]
    if path:
        reason = "before 1.0 an upgrade leads from one minor release to the next"
        source = "Mesos docs, upgrades; versioning, which promises more from 1.0 on"
        yield Bump("error", reason, source, (*path, str(wanted)))


def master_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """What speaks against a change of release of masters."""
    yield from mesos_bumps(deployed, wanted, rolling)
    if wanted < Release(1, 9) <= deployed:
        reason = "a master before 1.9 does not start on a registry with drained or deactivated agents, or with quotas"
        yield Bump("warning", reason, "Mesos docs, downgrades, AGENT_DRAINING and QUOTA_V2")
