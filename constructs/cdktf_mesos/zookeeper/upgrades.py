"""The changes of release that the ZooKeeper project forbids or advises against."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.image.release import Release

_FAQ = "ZooKeeper wiki, Upgrade FAQ"


def zookeeper_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """The objections to a change of a server's release."""
    if deployed > Release(3, 4) and wanted <= Release(3, 4):
        yield Bump("error", "ZooKeeper cannot go back from 3.5 or later to 3.4", _FAQ)
    if not (deployed <= Release(3, 4) < wanted):
        return
    # Before 3.5.7, the upgrade of a single server without a snapshot could lose its data (ZOOKEEPER-3644).
    first = "3.5.10" if wanted > Release(3, 5) or numbers(wanted) < (3, 5, 7) else str(wanted)
    path = (first,) if wanted == Release(3, 5) else (first, str(wanted))
    if rolling and numbers(deployed) < (3, 4, 6):
        reason = "Servers before 3.4.6 do not understand servers of 3.5 in an election"
        source = "ZooKeeper docs, Dynamic Reconfiguration, Upgrading to 3.5.0"
        yield Bump("error", reason, source, ("3.4.14", *path))
    reason = (
        "A server of 3.5 or later does not start on data of 3.4 that have no snapshot. Check that data/version-2 of "
        "every server has a file snapshot.*, then set allow_bump"
    )
    source = f"{_FAQ}; ZOOKEEPER-3056; administrator's guide, snapshot.trust.empty"
    yield Bump("error", reason, source, path if path != (str(wanted),) else ())
