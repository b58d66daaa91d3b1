"""The parts of a rule about releases that cannot run together. The rules are in `releases` and `docker`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from cdktf_mesos.image.release import Release, parse_release

Severity = Literal["error", "warning"]
Component = Literal[
    "zookeeper", "master", "agent", "marathon", "mesos_dns", "marathon_lb", "engine", "least_api", "cgroup"
]
"""A role by its name, or what is known of the machine that tasks run on: `Facts` has the names."""

# A release without a patch number (`1.2`) counts as the newest patch release.
_NEWEST = 1000


@dataclass(frozen=True)
class Facts:
    """What is known of a cluster. None means not known: rules about such a component are skipped.

    Args:
        zookeeper: the servers' release.
        master: the masters' release.
        agent: the agents' release.
        marathon: Marathon's release.
        marathon_lb: marathon-lb's release.
        mesos_dns: the release of Mesos-DNS.
        engine: the release of the Docker engine that the agents' tasks run on.
        least_api: the oldest version of the API that this engine accepts.
        cgroup: the version of cgroups on the machine, 1 or 2.
        repository: repository of the image of the masters or agents that are checked, as it is pulled.
        features: the features that agents use: `docker` and `mesos` (tasks in these containerizers), `docker_cli` (a
            docker command from the host instead of the image's), `image_docker` and `executor_docker` (the docker
            command in a public image, for agents and for their executors), `cgroups/devices` (the isolator),
            `needs_cgroup_v1` (something that the user has set needs it), `cgroup_v2` (the program knows it by itself),
            `reconfiguration_policy=additive`.
    """

    zookeeper: Release | None = None
    master: Release | None = None
    agent: Release | None = None
    marathon: Release | None = None
    marathon_lb: Release | None = None
    mesos_dns: Release | None = None
    engine: Release | None = None
    least_api: Release | None = None
    cgroup: Release | None = None
    repository: str | None = None
    features: frozenset[str] = frozenset()

    @classmethod
    def of(cls, releases: Mapping[str, Release], *, repository: str, features: frozenset[str]) -> Facts:
        """The facts about these components. Components that no rule is about are left out."""
        known = {name: release for name, release in releases.items() if name in get_args(Component)}
        return cls(**known, repository=repository, features=features)


@dataclass(frozen=True)
class Rule:
    """A rule about releases that cannot, or should not, run together.

    Args:
        id: the rule's name.
        severity: `error` if the combination is impossible, `warning` if it is risky.
        subject: the component that the error or warning is about.
        others: further components whose releases the rule compares. It is skipped if one of them is not known.
        broken: whether the facts break the rule.
        reason: why, as a sentence without its full stop. Names of facts in braces are replaced by their values.
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
    """The facts for a rule's condition. The releases of the rule's components are known, so none of them is None."""

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
        """Whether a component is older than a release, compared with the patch number."""
        limit = parse_release(release)
        return numbers(self[component]) < (limit.major, limit.minor, limit.patch or 0)


@dataclass(frozen=True)
class Finding:
    """A rule that the facts break.

    Args:
        rule: the rule.
        reason: the rule's reason, with the cluster's values in place of the names.
    """

    rule: Rule
    reason: str

    def __str__(self) -> str:
        """The reason, its source and the rule's id, in one line."""
        return f"{self.reason} ({self.rule.source}) [{self.rule.id}]"


def numbers(release: Release) -> tuple[int, int, int]:
    """A release as numbers, to compare with the patch number. Two `Release`s compare by their minor release only."""
    return (release.major, release.minor, _NEWEST if release.patch is None else release.patch)
