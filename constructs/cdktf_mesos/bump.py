"""Which release of a component may follow which, by what the projects say themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf_mesos.mesos_flags import MINORS
from cdktf_mesos.release import Release, parse_release

Component = Literal["zookeeper", "master", "agent", "marathon"]


@dataclass(frozen=True)
class Refusal:
    """Why a release cannot follow another at once.

    Args:
        why: the reason.
        path: what to deploy, or to do, in turn.
        source: which of the project's own documents says so.
    """

    why: str
    path: Sequence[str]
    source: str


def judge_bump(component: Component, deployed: Release, wanted: Release) -> Refusal | None:
    """Why a deployed release cannot be followed by the wanted one; None where it can.

    A release candidate counts as its release, and what differs in the patch alone passes, but where a project says
    otherwise.
    """
    return _JUDGES[component](deployed, wanted)


def _r(text: str) -> Release:
    return parse_release(text)


def _mesos(deployed: Release, wanted: Release) -> Refusal | None:
    if wanted < deployed and wanted < _r("1.0"):
        why = "only from one 1.x to another Mesos goes back"
        return Refusal(why, ["keep the release, or begin a new cluster"], "Mesos docs, downgrades")
    if deployed >= _r("1.0") or wanted <= deployed:
        return None
    ladder = [minor for minor in MINORS if minor > (deployed.major, deployed.minor) and minor <= (1, 0)]
    if (wanted.major, wanted.minor) in ladder[:1]:
        return None
    steps = [f"{major}.{minor}" for major, minor in ladder if (major, minor) < (wanted.major, wanted.minor)]
    why = "before 1.0 Mesos is upgraded from one minor release to the next"
    return Refusal(why, [*steps, str(wanted)], "Mesos docs, upgrades; Mesos docs, versioning")


def _marathon(deployed: Release, wanted: Release) -> Refusal | None:
    if wanted < deployed:
        if deployed <= _r("0.10"):
            return None
        why = "what it keeps in ZooKeeper is of the newer release, so it goes back only with a backup of before"
        return Refusal(
            why,
            ["stop Marathon", "restore the backup", f"start {wanted}"],
            "Marathon docs, Upgrading to a Newer Version",
        )
    if deployed < _r("1.2") <= wanted:
        why = "the leader is elected in another way from 1.2, so that none may run beside an older one"
        return Refusal(
            why, ["destroy the stacks of Marathon", f"deploy {wanted if wanted < _r('1.5') else '1.4'}"], _MARATHON
        )
    if deployed < _r("1.4") and wanted > _r("1.4"):
        return Refusal("1.5 can be had only from 1.4", ["the last 1.4", *_minors(5, wanted)], _MARATHON)
    if deployed >= _r("1.4") and wanted.minor > deployed.minor + 1:
        why = "no release is to be left out"
        return Refusal(
            why, _minors(deployed.minor + 1, wanted), "Marathon docs, Upgrading to a Newer Version, Releases"
        )
    return None


_MARATHON = "Marathon docs, Upgrading to a Newer Version"


def _minors(first: int, wanted: Release) -> list[str]:
    """Marathon's minor releases from that one to the one before the wanted one, and the wanted one."""
    return [*(f"1.{minor}" for minor in range(first, wanted.minor)), str(wanted)]


def _zookeeper(deployed: Release, wanted: Release) -> Refusal | None:
    if wanted < deployed and deployed >= _r("3.5") > wanted:
        why = "what 3.5 writes (dynamic configuration, snapshots) 3.4 cannot read"
        return Refusal(why, ["keep 3.5 or later"], "ZooKeeper docs, Dynamic Reconfiguration; ZOOKEEPER-2325")
    if deployed >= _r("3.5") or wanted < _r("3.5"):
        return None
    if deployed.patch is not None and deployed.patch < 6:
        why = "servers are to be of 3.4.6 before they become 3.5"
        return Refusal(why, ["3.4.14", str(wanted)], "ZooKeeper docs, Dynamic Reconfiguration, Upgrading to 3.5.0")
    if wanted == _r("3.5") and (wanted.patch or 0) >= 6:
        return None
    why = "a server of 3.5.5 does not start on 3.4's data without a snapshot, and from 3.4 only 3.5 is said to follow"
    path = ["3.5.10", *([str(wanted)] if wanted > _r("3.5") else [])]
    return Refusal(why, path, "ZooKeeper wiki, Upgrade FAQ; ZooKeeper release notes, 3.6.0; ZOOKEEPER-3056")


_JUDGES: dict[Component, Callable[[Release, Release], Refusal | None]] = {
    "zookeeper": _zookeeper,
    "master": _mesos,
    "agent": _mesos,
    "marathon": _marathon,
}
