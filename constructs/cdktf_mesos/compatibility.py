"""Which releases go together, by what the projects say themselves.

A rule is true of a combination that does not. What is impossible is an error, what is risky a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from cdktf import Annotations
from constructs import Construct

from cdktf_mesos.errors import invalid
from cdktf_mesos.image import Image
from cdktf_mesos.release import Release, parse_release


@dataclass(frozen=True)
class Together:
    """What is to run together; None for what is not known or not there.

    Args:
        zookeeper: release of ZooKeeper.
        master: of the masters.
        agent: of the agents.
        marathon: of Marathon.
        engine: of the Docker engine below an agent.
        docker_tasks: whether the agents have the Docker containerizer.
        isolation: the agents' isolators.
    """

    zookeeper: Release | None = None
    master: Release | None = None
    agent: Release | None = None
    marathon: Release | None = None
    engine: Release | None = None
    docker_tasks: bool = True
    isolation: str = ""


@dataclass(frozen=True)
class Rule:
    """One thing that does not go together.

    Args:
        name: of the rule.
        parts: of `Together`, those that must be known.
        broken: whether a combination, of which the parts are known, is one that does not go.
        severity: `error` for what cannot work, `warning` for what may not.
        why: the reason.
        source: which of the projects' own documents says so.
    """

    name: str
    parts: tuple[str, ...]
    broken: Callable[[Together], bool]
    severity: Literal["error", "warning"]
    why: str
    source: str


def _r(text: str) -> Release:
    return parse_release(text)


# What Marathon's changelog calls the recommended Mesos of a release, newest first.
_RECOMMENDED = (("1.6", "1.5"), ("1.5", "1.3"), ("1.0", "0.28"), ("0.9", "0.22"))


def _below_recommended(each: Together) -> bool:
    if each.marathon is None or each.master is None:
        return False
    wanted = next((mesos for marathon, mesos in _RECOMMENDED if each.marathon >= _r(marathon)), None)
    return wanted is not None and each.master < _r(wanted)


def _between(release: Release | None, first: str, last: str) -> bool:
    return release is not None and _r(first) <= release <= _r(last)


def _older(release: Release | None, than: str) -> bool:
    return release is not None and release < _r(than)


RULES = (
    Rule(
        "agents-before-1.0",
        ("master", "agent"),
        lambda t: not _older(t.master, "1.1") and _older(t.agent, "1.0"),
        "error",
        "masters from 1.1 never supported agents before 1.0, and from 1.2.1 ignore them",
        "Mesos CHANGELOG, 1.2.1",
    ),
    Rule(
        "agents-newer-than-masters",
        ("master", "agent"),
        lambda t: t.agent is not None and t.master is not None and t.agent > t.master,
        "warning",
        "masters are upgraded before agents; newer agents go only as long as none of their new features is used",
        "Mesos docs, upgrades; Mesos docs, downgrades",
    ),
    Rule(
        "skew-before-1.0",
        ("master", "agent"),
        lambda t: _older(t.agent, "1.0") and _steps(t) > 1,
        "warning",
        "before 1.0 masters and agents are upgraded one minor release at a time, so no others are tried together",
        "Mesos docs, upgrades",
    ),
    Rule(
        "marathon-1.4-needs-mesos-1.1",
        ("marathon", "master"),
        lambda t: _between(t.marathon, "1.4", "1.6") and _older(t.master, "1.1"),
        "error",
        "Marathon 1.4 to 1.6 refuse masters before 1.1.0",
        "Marathon changelog, 1.4.0",
    ),
    Rule(
        "marathon-1.7-needs-mesos-1.5",
        ("marathon", "master"),
        lambda t: not _older(t.marathon, "1.7") and _older(t.master, "1.5"),
        "error",
        "Marathon from 1.7 needs Mesos 1.5.0",
        "Marathon changelog, 1.7.174",
    ),
    Rule(
        "marathon-recommended-mesos",
        ("marathon", "master"),
        _below_recommended,
        "warning",
        "the masters are older than the Mesos that this Marathon recommends",
        "Marathon changelog, 'Recommended Mesos version' of each release",
    ),
    Rule(
        "marathon-reads-no-json",
        ("marathon", "master"),
        lambda t: _older(t.marathon, "0.11") and not _older(t.master, "0.24"),
        "error",
        "masters from 0.24 write JSON into ZooKeeper; Marathon before 0.11, with a libmesos of 0.22, cannot read it",
        "Mesos docs, upgrades, 0.23 to 0.24; Marathon changelog, 0.10.0",
    ),
    Rule(
        "engine-26",
        ("agent", "engine"),
        lambda t: t.docker_tasks and t.engine is not None and t.engine.major >= 26,
        "error",
        "Mesos up to 1.11 reads ContainerConfig of an image, which engines from 26 no longer have: Docker tasks fail",
        "Docker Engine API version history, v1.45",
    ),
    Rule(
        "engine-28.2-schema-1",
        ("agent", "engine"),
        lambda t: _older(t.agent, "0.26") and t.engine is not None and t.engine >= _r("28.2"),
        "error",
        "images of 2015 and before may be of manifest schema 1, which engines from 28.2 do not pull",
        "Docker Engine release notes, 28.2",
    ),
    Rule(
        "tasks-end-with-agent",
        ("agent",),
        lambda t: t.docker_tasks and _older(t.agent, "0.23"),
        "warning",
        "before 0.23 there is no docker_mesos_image, so Docker tasks end with their agent's container",
        "Mesos CHANGELOG, 0.23.0",
    ),
    Rule(
        "devices-isolator",
        ("agent",),
        lambda t: "cgroups/devices" in t.isolation.split(",") and _older(t.agent, "1.0"),
        "error",
        "the isolator cgroups/devices is there from 1.0",
        "Mesos CHANGELOG, 1.0.0",
    ),
)


def _steps(each: Together) -> int:
    """How many minor releases lie from the agents to the masters; 0.28 is followed by 1.0."""
    if each.agent is None or each.master is None:
        return 0
    return each.master.minor + 29 * each.master.major - each.agent.minor


def judge(together: Together) -> Iterator[Rule]:
    """The rules that a combination breaks."""
    for rule in RULES:
        if all(getattr(together, part) is not None for part in rule.parts) and rule.broken(together):
            yield rule


def check_together(role: Construct, image: Image, together: Together) -> None:
    """Refuse what cannot work together, and warn of what may not.

    Args:
        role: the construct that brings the parts together.
        image: its own.
        together: the parts, its own among them.

    Raises:
        ValueError: with the parts, the reason and its source.
    """
    for rule in judge(together):
        parts = " with ".join(f"{part} {getattr(together, part)}" for part in rule.parts)
        said = f"{rule.why} ({rule.source})"
        if rule.severity == "error":
            raise invalid(role, "image", str(image), f"not {parts}: {said}")
        Annotations.of(role).add_warning(f"{role.node.path}: {parts}: {said}")
