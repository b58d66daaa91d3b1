"""The changes of the masters' or agents' release that the Mesos project forbids or advises against."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.image.release import Release


def mesos_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """The objections to a change of release that hold for masters and agents alike."""
    if wanted < deployed:
        if wanted.major < 1 <= deployed.major:
            reason = "Only releases of 1.x are sure to read data that a release of 1.x has written"
            yield Bump("error", reason, "Mesos docs, downgrades")
        elif wanted.major < 1:
            reason = "The documentation describes no downgrade to a release before 1.0"
            yield Bump("warning", reason, "Mesos docs, upgrades and downgrades")
        return
    if deployed.major >= 1:
        return
    last = min(wanted, Release(1, 0))
    steps = [Release(0, minor) for minor in range(deployed.minor + 1, 29)] + [Release(1, 0)]
    path = [f"{step}.x" for step in steps if step < last or (step == last and step < wanted)]
    if path:
        reason = "Before 1.0 an upgrade goes from one minor release to the next"
        source = "Mesos docs, upgrades; versioning, which promises more from 1.0 on"
        yield Bump("error", reason, source, (*path, str(wanted)))


def master_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """The objections to a change of the masters' release."""
    yield from mesos_bumps(deployed, wanted, rolling)
    if wanted < Release(1, 9) <= deployed:
        reason = "A master before 1.9 does not start on a registry with drained or deactivated agents, or with quotas"
        yield Bump("warning", reason, "Mesos docs, downgrades, AGENT_DRAINING and QUOTA_V2")
