"""What ZooKeeper forbids, or advises against, when its release changes."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.image.release import Release

_FAQ = "ZooKeeper wiki, Upgrade FAQ"


def zookeeper_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """What speaks against a change of release of a server."""
    if deployed > Release(3, 4) and wanted <= Release(3, 4):
        yield Bump("error", "there is a way from 3.4 to 3.5, and none back", _FAQ)
    if not (deployed <= Release(3, 4) < wanted):
        return
    # Before 3.5.7 an upgrade of a single server without a snapshot could lose its data (ZOOKEEPER-3644).
    first = "3.5.10" if wanted > Release(3, 5) or numbers(wanted) < (3, 5, 7) else str(wanted)
    path = (first,) if wanted == Release(3, 5) else (first, str(wanted))
    if rolling and numbers(deployed) < (3, 4, 6):
        reason = "servers before 3.4.6 do not understand those of 3.5 in an election"
        source = "ZooKeeper docs, Dynamic Reconfiguration, Upgrading to 3.5.0"
        yield Bump("error", reason, source, ("3.4.14", *path))
    reason = (
        "a server of 3.5 or later does not start on data of 3.4 without a snapshot: look for a snapshot.* file in "
        "data/version-2 of every server, and allow this bump then"
    )
    source = f"{_FAQ}; ZOOKEEPER-3056; administrator's guide, snapshot.trust.empty"
    yield Bump("error", reason, source, path if path != (str(wanted),) else ())
