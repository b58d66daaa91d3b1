"""Which releases do not go together: the rules, each with the document that says so."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.docker import DOCKER
from cdktf_mesos.compatibility.rule import Component, Known, Rule
from cdktf_mesos.image.release import Release, parse_release
from cdktf_mesos.mesos.flags import MINORS

_MARATHON_TABLE = "Marathon docs, Compatibility with Mesos"

# Marathon's minor releases → the least Mesos, and where that is written.
_LEAST_MESOS = {
    ("1.3",): ("1.0.0", "Marathon docs, Upgrading to 1.3"),
    ("1.4", "1.5", "1.6"): ("1.1.0", _MARATHON_TABLE),
    ("1.7", "1.8", "1.9", "1.10", "1.11"): ("1.5.0", "Marathon changelog, 1.7.174"),
}

# The same for the least Mesos that is recommended, which in Marathon's early days is the one it was tested with.
_RECOMMENDED_MESOS = {
    ("0.9", "0.10"): ("0.22.1", "Marathon changelog, 0.9.0 and 0.10.0"),
    ("0.15", "0.16"): ("0.26.0", "Marathon changelog, 0.15.0"),
    ("1.0", "1.1"): ("0.28.0", "Marathon changelog, 1.0.0 and 1.1.0"),
    ("1.4",): ("1.2.0", _MARATHON_TABLE),
    ("1.5",): ("1.3.0", _MARATHON_TABLE),
    ("1.6",): ("1.5.0", _MARATHON_TABLE),
}

# Mesos images' repositories → the newest minor release that was built for them.
_LAST_IMAGES = {"mesoscloud/": ("0.28", "Dockerfiles of mesoscloud/mesos-master, which end with 0.28.1")}


def _marathon() -> Iterator[Rule]:
    for minors, (least, source) in _LEAST_MESOS.items():
        yield Rule(
            f"marathon-{minors[0]}-needs-mesos-{least}",
            "error",
            "marathon",
            ("master",),
            lambda known, minors=minors, least=least: (
                _among(known["marathon"], minors)  # type: ignore[misc]
                and known.before("master", least)
            ),
            f"Marathon {{marathon}} needs masters of Mesos {least} or later, not {{master}}",
            source,
        )
    for minors, (least, source) in _RECOMMENDED_MESOS.items():
        needed = next((each for known, (each, _) in _LEAST_MESOS.items() if minors[0] in known), "0.0.0")
        yield Rule(
            f"marathon-{minors[0]}-recommends-mesos-{least}",
            "warning",
            "marathon",
            ("master",),
            lambda known, minors=minors, least=least, needed=needed: (
                _among(known["marathon"], minors)  # type: ignore[misc]
                and known.before("master", least)
                and not known.before("master", needed)
            ),
            f"Marathon {{marathon}} recommends masters of Mesos {least} or later, not {{master}}",
            source,
        )
    yield Rule(
        "marathon-libmesos-reads-no-json",
        "error",
        "marathon",
        ("master",),
        lambda known: known["marathon"] <= Release(0, 10) and not known.before("master", "0.24.0"),
        "masters from 0.24 ({master}) say as JSON in ZooKeeper who leads, which needs libmesos 0.23 or later; "
        "Marathon {marathon} was made for 0.22 and finds no master",
        "Mesos docs, Upgrading from 0.23.x to 0.24.x; Marathon changelog, 0.10.0",
    )


def _among(release: Release, minors: tuple[str, ...]) -> bool:
    return release in map(parse_release, minors)


def _steps(known: Known) -> int:
    """How many minor releases the agents are behind the masters."""
    place = {Release(*minor): number for number, minor in enumerate(MINORS)}
    return place.get(known["master"], 0) - place.get(known["agent"], 0)


_MASTERS_AND_AGENTS = (
    Rule(
        "masters-ignore-0.x-agents",
        "error",
        "agent",
        ("master",),
        lambda known: known["agent"].major == 0 and not known.before("master", "1.2.1"),
        "masters from 1.2.1 ({master}) ignore agents of 0.x ({agent})",
        "Mesos docs, Upgrading from 1.1.x to 1.2.x",
    ),
    Rule(
        "0.x-agents-beside-1.1-masters",
        "warning",
        "agent",
        ("master",),
        lambda known: (
            known["agent"].major == 0 and not known.before("master", "1.1.0") and known.before("master", "1.2.1")
        ),
        "masters from 1.1 ({master}) never supported agents of 0.x ({agent})",
        "Mesos docs, Upgrading from 1.1.x to 1.2.x",
    ),
    Rule(
        "agents-newer-than-masters",
        "warning",
        "agent",
        ("master",),
        lambda known: known["agent"] > known["master"],
        "agents of {agent} are newer than their masters of {master}; masters are upgraded first",
        "Mesos docs, upgrades, the steps of each release",
    ),
    Rule(
        "0.x-agents-far-behind",
        "warning",
        "agent",
        ("master",),
        lambda known: known["agent"].major == 0 and not known["master"] > Release(1, 0) and _steps(known) > 1,
        "before 1.0 an upgrade is described from one minor release to the next, and agents of {agent} are further "
        "behind masters of {master}",
        "Mesos docs, upgrades; versioning, which promises more from 1.0 on",
    ),
    Rule(
        "additive-needs-masters-1.5",
        "error",
        "agent",
        ("master",),
        lambda known: "reconfiguration_policy=additive" in known.features and known.before("master", "1.5.0"),
        "reconfiguration_policy=additive needs masters of 1.5 or later, not {master}",
        "Mesos docs, Upgrading from 1.4.x to 1.5.x",
    ),
)


def _zookeeper_clients() -> Iterator[Rule]:
    """Servers up to 3.9 were tried with these clients here."""
    clients: tuple[tuple[Component, str, str], ...] = (
        ("master", "masters", "Mesos, 3rdparty/versions.am"),
        ("marathon", "marathon", "Marathon, project/Dependencies.scala"),
    )
    for subject, name, source in clients:
        yield Rule(
            f"zookeeper-newer-than-tried-with-{name}",
            "warning",
            subject,
            ("zookeeper",),
            lambda known: known["zookeeper"] > Release(3, 9),
            "servers of ZooKeeper {zookeeper} promise nothing to clients before 3.5, and the one in here is of 3.4",
            f"ZooKeeper release notes, 3.8.0; {source}",
        )


def _images() -> Iterator[Rule]:
    subjects: tuple[Component, ...] = ("master", "agent")
    for prefix, (last, source) in _LAST_IMAGES.items():
        for subject in subjects:
            yield Rule(
                f"{prefix[:-1]}-{subject}s-end-with-{last}",
                "error",
                subject,
                (),
                lambda known, prefix=prefix, last=last, subject=subject: (
                    known.repository.startswith(prefix)  # type: ignore[misc]
                    and known[subject] > parse_release(last)
                ),
                f"there is no image of {{repository}} after {last}",
                source,
            )


RULES: tuple[Rule, ...] = (*_marathon(), *_MASTERS_AND_AGENTS, *DOCKER, *_zookeeper_clients(), *_images())
"""All rules. A rule whose source nobody can name does not belong here."""
