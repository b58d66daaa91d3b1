"""The changes of release that the Marathon project forbids or advises against."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon.flags import RELEASES

_GUIDE = "Marathon docs, Upgrading to a Newer Version"
_STORE = "Marathon, storage/migration/Migration.scala: a store of a newer version is refused"


def marathon_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """The objections to a change of an instance's release."""
    if numbers(wanted) < numbers(deployed):
        yield from _marathon_back(deployed, wanted)
        return
    needed = [each for each in (Release(1, 4), Release(1, 5)) if deployed < each < wanted]
    path = (*(f"the last {each}.x" for each in needed), str(wanted))
    if wanted >= Release(1, 5) and deployed < Release(1, 4):
        reason = "Marathon 1.5 and later can only migrate a store that 1.4 has written"
        yield Bump("error", reason, f"{_GUIDE}, 1.5", path)
    elif needed:
        reason = "Marathon 1.4 must be upgraded to 1.5 first, and only then to a later release"
        yield Bump("error", reason, f"{_GUIDE}, Releases", path)
    if rolling and deployed < Release(1, 3) <= wanted:
        reason = (
            "Marathon 1.3 elects its leader in another way than earlier releases. Stop all instances before the first "
            "new one starts, or there will be two leaders"
        )
        yield Bump("error", reason, f"{_GUIDE}, 1.3")
    if _place(wanted) - _place(deployed) > 1:
        yield Bump("warning", "Releases should not be skipped", f"{_GUIDE}, Releases")


def _marathon_back(deployed: Release, wanted: Release) -> Iterator[Bump]:
    if deployed <= Release(0, 10):
        return
    if wanted < deployed:
        reason = "Marathon does not start on a store that a newer release has written. Restore the backup from before"
        yield Bump("error", reason, f"{_GUIDE}; {_STORE}")
    elif deployed in (Release(1, 4), Release(1, 5)):
        reason = "Marathon 1.4 and 1.5 do not start on a store that a newer patch release has written"
        yield Bump("error", reason, _STORE)


def _place(release: Release) -> int:
    """The release's place among the minor releases. 1.2 does not count, as it has only release candidates."""
    minors = [each for each in RELEASES if each != (1, 2)]
    return sum(minor <= (release.major, release.minor) for minor in minors)
