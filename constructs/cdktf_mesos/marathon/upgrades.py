"""What Marathon forbids, or advises against, when its release changes."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.bump import Bump
from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.image.release import Release
from cdktf_mesos.marathon.flags import RELEASES

_GUIDE = "Marathon docs, Upgrading to a Newer Version"
_STORE = "Marathon, storage/migration/Migration.scala: a store of a newer version is refused"


def marathon_bumps(deployed: Release, wanted: Release, rolling: bool) -> Iterator[Bump]:
    """What speaks against a change of release of an instance."""
    if numbers(wanted) < numbers(deployed):
        yield from _marathon_back(deployed, wanted)
        return
    needed = [each for each in (Release(1, 4), Release(1, 5)) if deployed < each < wanted]
    path = (*(f"the last {each}.x" for each in needed), str(wanted))
    if wanted >= Release(1, 5) and deployed < Release(1, 4):
        yield Bump("error", "1.5 and later migrate only what 1.4 has written", f"{_GUIDE}, 1.5", path)
    elif needed:
        yield Bump("error", "from 1.4 on to 1.5 first, and only then further", f"{_GUIDE}, Releases", path)
    if rolling and deployed < Release(1, 3) <= wanted:
        reason = "1.3 elects its leader another way than those before: stop all instances before it starts, or two lead"
        yield Bump("error", reason, f"{_GUIDE}, 1.3")
    # 0.12 never came, and 1.2 only as release candidates: what follows them is next to what is before them.
    behind = _place(wanted) - _place(deployed)
    if behind > 1:
        yield Bump("warning", "releases should not be skipped", f"{_GUIDE}, Releases")


def _marathon_back(deployed: Release, wanted: Release) -> Iterator[Bump]:
    if deployed <= Release(0, 10):
        return
    if wanted < deployed:
        reason = "Marathon does not start on what a newer release has written: restore the backup from before"
        yield Bump("error", reason, f"{_GUIDE}; {_STORE}")
    elif deployed in (Release(1, 4), Release(1, 5)):
        reason = "Marathon 1.4 and 1.5 write their patch release down and do not start on a newer one's store"
        yield Bump("error", reason, _STORE)


def _place(release: Release) -> int:
    minors = [each for each in RELEASES if each != (1, 2)]
    return sum(minor <= (release.major, release.minor) for minor in minors)
