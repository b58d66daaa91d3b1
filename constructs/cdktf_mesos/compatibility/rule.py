"""What a rule about releases that go together is made of; the rules are in `releases` and `docker`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from cdktf_mesos.image.release import Release, parse_release

Severity = Literal["error", "warning"]
Component = Literal["zookeeper", "master", "agent", "marathon", "engine"]
"""A role by its name, or the Docker engine that tasks run on."""

# A release without a patch number (`1.2`) is taken for the newest of its patches.
_NEWEST = 1000


@dataclass(frozen=True)
class Facts:
    """What is known of a cluster; what is not known is None, and then nothing is said about it.

    Args:
        zookeeper: the servers' release.
        master: the masters' release.
        agent: the agents' release.
        marathon: Marathon's release.
        engine: the release of the Docker engine that the agents' tasks run on.
        repository: of the image of the masters or agents that are judged, as it is pulled.
        features: what is used: `docker` and `mesos` (tasks by these containerizers), `docker_cli` (a docker command of
            the host's instead of the image's), `cgroups/devices`, `reconfiguration_policy=additive`.
    """

    zookeeper: Release | None = None
    master: Release | None = None
    agent: Release | None = None
    marathon: Release | None = None
    engine: Release | None = None
    repository: str | None = None
    features: frozenset[str] = frozenset()

    @classmethod
    def of(cls, releases: Mapping[str, Release], *, repository: str, features: frozenset[str]) -> Facts:
        """The facts about these components; rules know nothing of others, which are left out."""
        known = {name: release for name, release in releases.items() if name in get_args(Component)}
        return cls(**known, repository=repository, features=features)


@dataclass(frozen=True)
class Rule:
    """One thing that does not go together.

    Args:
        id: its name.
        severity: `error` for what is impossible, `warning` for what is risky.
        subject: the component that is refused or warned of.
        others: the components whose releases it looks at besides; it says nothing where one of them is not known.
        broken: whether the facts break it.
        reason: why, for people; the names of facts in braces stand for what they are.
        source: where the component's own documentation says so.
    """

    id: str
    severity: Severity
    subject: Component
    others: tuple[Component, ...]
    broken: Callable[[Known], bool]
    reason: str
    source: str


class Known:
    """Facts of which a rule's components are known, so that a condition needs no question for None."""

    def __init__(self, facts: Facts) -> None:
        self.repository = facts.repository or ""
        self.features = facts.features
        self._facts = facts

    def __getitem__(self, component: Component) -> Release:
        release: Release | None = getattr(self._facts, component)
        if release is None:
            raise KeyError(component)
        return release

    def before(self, component: Component, release: str) -> bool:
        """Whether a component is older than a release, its patch number included."""
        limit = parse_release(release)
        return numbers(self[component]) < (limit.major, limit.minor, limit.patch or 0)


@dataclass(frozen=True)
class Finding:
    """A rule that facts break.

    Args:
        rule: the rule.
        reason: its reason, with the releases in question.
    """

    rule: Rule
    reason: str

    def __str__(self) -> str:
        """The reason and its source, in one line."""
        return f"{self.reason} ({self.rule.source}) [{self.rule.id}]"


def numbers(release: Release) -> tuple[int, int, int]:
    """A release to be compared patch by patch; releases themselves compare by their minor release alone."""
    return (release.major, release.minor, _NEWEST if release.patch is None else release.patch)
