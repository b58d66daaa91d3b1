"""Whether a member may go from the release that it runs to another one: a function of the two releases alone.

A release candidate counts as its release. What nothing is said about is allowed; so are changes within a minor release
but for Marathon's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cdktf_mesos.compatibility.rule import Severity, numbers
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon.flags import RELEASES

Role = Literal["zookeeper", "master", "agent", "marathon"]

_MARATHON_GUIDE = "Marathon docs, Upgrading to a Newer Version"
_MARATHON_STORE = "Marathon, storage/migration/Migration.scala: a store of a newer version is refused"
_ZOOKEEPER_FAQ = "ZooKeeper wiki, Upgrade FAQ"


@dataclass(frozen=True)
class Bump:
    """What is wrong with a change of release.

    Args:
        severity: `error` for what the project forbids or only promises another way, `warning` for what it advises
            against.
        reason: why.
        source: where the project says so.
        path: the releases to deploy one after the other instead, the wanted one last; empty where none leads there.
    """

    severity: Severity
    reason: str
    source: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        """All of it, in one line."""
        path = f"; deploy one after the other: {', '.join(self.path)}" if self.path else ""
        return f"{self.reason}{path} ({self.source})"


def judge_bump(role: Role, deployed: Release, wanted: Release, *, rolling: bool = True) -> Bump | None:
    """What speaks against a change of release; None if nothing does.

    Args:
        role: of the member, as its container's label says it.
        deployed: what it runs.
        wanted: what it shall run.
        rolling: whether others of its set run on meanwhile; some changes are safe only if all stop before.
    """
    if numbers(deployed) == numbers(wanted):
        return None
    return next(_JUDGES[role](deployed, wanted, rolling), None)


def _zookeeper(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    if deployed > Release(3, 4) and wanted <= Release(3, 4):
        yield Bump("error", "there is a way from 3.4 to 3.5, and none back", _ZOOKEEPER_FAQ)
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
    source = f"{_ZOOKEEPER_FAQ}; ZOOKEEPER-3056; administrator's guide, snapshot.trust.empty"
    yield Bump("error", reason, source, path if path != (str(wanted),) else ())


def _mesos(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """Of masters and agents alike."""
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


def _master(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    yield from _mesos(deployed, wanted, rolling)
    if wanted < Release(1, 9) <= deployed:
        reason = "a master before 1.9 does not start on a registry with drained or deactivated agents, or with quotas"
        yield Bump("warning", reason, "Mesos docs, downgrades, AGENT_DRAINING and QUOTA_V2")


def _marathon(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    if numbers(wanted) < numbers(deployed):
        yield from _marathon_back(deployed, wanted)
        return
    needed = [each for each in (Release(1, 4), Release(1, 5)) if deployed < each < wanted]
    path = (*(f"the last {each}.x" for each in needed), str(wanted))
    if wanted >= Release(1, 5) and deployed < Release(1, 4):
        yield Bump("error", "1.5 and later migrate only what 1.4 has written", f"{_MARATHON_GUIDE}, 1.5", path)
    elif needed:
        yield Bump("error", "from 1.4 on to 1.5 first, and only then further", f"{_MARATHON_GUIDE}, Releases", path)
    if rolling and deployed < Release(1, 3) <= wanted:
        reason = "1.3 elects its leader another way than those before: stop all instances before it starts, or two lead"
        yield Bump("error", reason, f"{_MARATHON_GUIDE}, 1.3")
    # 0.12 and 1.2 never came, so what follows them is next to what is before them.
    behind = _place(wanted) - _place(deployed)
    if behind > 1:
        yield Bump("warning", "releases should not be skipped", f"{_MARATHON_GUIDE}, Releases")


def _marathon_back(deployed: Release, wanted: Release) -> Iterator[Bump]:
    if deployed <= Release(0, 10):
        return
    if wanted < deployed:
        reason = "Marathon does not start on what a newer release has written: restore the backup from before"
        yield Bump("error", reason, f"{_MARATHON_GUIDE}; {_MARATHON_STORE}")
    elif deployed in (Release(1, 4), Release(1, 5)):
        reason = "Marathon 1.4 and 1.5 write their patch release down and do not start on a newer one's store"
        yield Bump("error", reason, _MARATHON_STORE)


def _place(release: Release) -> int:
    minors = [each for each in RELEASES if each != (1, 2)]
    return sum(minor <= (release.major, release.minor) for minor in minors)


_JUDGES: Mapping[str, Callable[[Release, Release, bool], Iterator[Bump]]] = {
    "zookeeper": _zookeeper,
    "master": _master,
    "agent": _mesos,
    "marathon": _marathon,
}
