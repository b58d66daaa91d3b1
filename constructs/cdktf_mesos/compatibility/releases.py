"""The rules about releases that cannot run together, each with the document that says so."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.compatibility.docker import DOCKER
from cdktf_mesos.compatibility.marathon_lb import MARATHON_LB
from cdktf_mesos.compatibility.mesos_dns import MESOS_DNS
from cdktf_mesos.compatibility.rule import Component, Known, Rule
from cdktf_mesos.image.release import Release, parse_release
from cdktf_mesos.mesos.flags import MINORS

_MARATHON_TABLE = "Marathon docs, Compatibility with Mesos"

# Marathon's minor releases → the oldest Mesos that they need, and the document that says so.
_LEAST_MESOS = {
    ("1.3",): ("1.0.0", "Marathon docs, Upgrading to 1.3"),
    ("1.4", "1.5", "1.6"): ("1.1.0", _MARATHON_TABLE),
    ("1.7", "1.8", "1.9", "1.10", "1.11"): ("1.5.0", "Marathon changelog, 1.7.174"),
}

# Marathon's minor releases → the oldest Mesos that is recommended. For the early ones, that is the Mesos that they were
# tested with.
_RECOMMENDED_MESOS = {
    ("0.9", "0.10"): ("0.22.1", "Marathon changelog, 0.9.0 and 0.10.0"),
    ("0.15", "0.16"): ("0.26.0", "Marathon changelog, 0.15.0"),
    ("1.0", "1.1"): ("0.28.0", "Marathon changelog, 1.0.0 and 1.1.0"),
    ("1.4",): ("1.2.0", _MARATHON_TABLE),
    ("1.5",): ("1.3.0", _MARATHON_TABLE),
    ("1.6",): ("1.5.0", _MARATHON_TABLE),
}

# Prefixes of Mesos images' repositories → the last minor release that they have.
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
            f"Masters of Mesos {least} or later are recommended for Marathon {{marathon}}, not {{master}}",
            source,
        )
    yield Rule(
        "marathon-libmesos-reads-no-json",
        "error",
        "marathon",
        ("master",),
        lambda known: known["marathon"] <= Release(0, 10) and not known.before("master", "0.24.0"),
        "Marathon {marathon} was made for libmesos 0.22 and does not find masters from 0.24 on ({master}): these write "
        "the leader to ZooKeeper as JSON, which needs libmesos 0.23 or later",
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
        "Masters from 1.2.1 on ({master}) ignore agents of 0.x ({agent})",
        "Mesos docs, Upgrading from 1.1.x to 1.2.x",
    ),
    Rule(
        "0.x-agents-with-1.1-masters",
        "warning",
        "agent",
        ("master",),
        lambda known: (
            known["agent"].major == 0 and not known.before("master", "1.1.0") and known.before("master", "1.2.1")
        ),
        "Masters from 1.1 on ({master}) never supported agents of 0.x ({agent})",
        "Mesos docs, Upgrading from 1.1.x to 1.2.x",
    ),
    Rule(
        "agents-newer-than-masters",
        "warning",
        "agent",
        ("master",),
        lambda known: known["agent"] > known["master"],
        "Agents of {agent} are newer than their masters of {master}. Upgrade masters first",
        "Mesos docs, upgrades, the steps of each release",
    ),
    Rule(
        "0.x-agents-far-behind",
        "warning",
        "agent",
        ("master",),
        lambda known: known["agent"].major == 0 and not known["master"] > Release(1, 0) and _steps(known) > 1,
        "Agents of {agent} are more than one minor release behind masters of {master}. Before 1.0 the documentation "
        "describes upgrades only from one minor release to the next",
        "Mesos docs, upgrades; versioning, which promises more from 1.0 on",
    ),
    Rule(
        "additive-needs-masters-1.5",
        "error",
        "agent",
        ("master",),
        lambda known: "reconfiguration_policy=additive" in known.features and known.before("master", "1.5.0"),
        "The flag reconfiguration_policy=additive needs masters of 1.5 or later, not {master}",
        "Mesos docs, Upgrading from 1.4.x to 1.5.x",
    ),
)


def _zookeeper_clients() -> Iterator[Rule]:
    """Rules about ZooKeeper clients in masters and Marathon. Servers up to 3.9 were tried with them in this project."""
    clients: tuple[tuple[Component, str, str, str], ...] = (
        ("master", "masters", "Mesos masters have", "Mesos, 3rdparty/versions.am"),
        ("marathon", "marathon", "Marathon has", "Marathon, project/Dependencies.scala"),
    )
    for subject, name, client, source in clients:
        yield Rule(
            f"zookeeper-newer-than-tried-with-{name}",
            "warning",
            subject,
            ("zookeeper",),
            lambda known: known["zookeeper"] > Release(3, 9),
            f"ZooKeeper {{zookeeper}} does not promise to work with clients before 3.5, and {client} a client of 3.4",
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
                f"The repository {{repository}} has no images after {last}",
                source,
            )


RULES: tuple[Rule, ...] = (
    *_marathon(),
    *_MASTERS_AND_AGENTS,
    *DOCKER,
    *_zookeeper_clients(),
    *_images(),
    *MESOS_DNS,
    *MARATHON_LB,
)
"""All rules. Each must have a document as its source."""
