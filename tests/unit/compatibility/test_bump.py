"""The objections of each role to changes of its release."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cdktf_mesos import Marathon, MesosAgentPool, MesosMasterSet, Role, ZookeeperEnsemble
from cdktf_mesos.image.release import parse_release

ROLES: dict[str, type[Role]] = {
    each.role: each for each in (ZookeeperEnsemble, MesosMasterSet, MesosAgentPool, Marathon)
}

# Role, deployed release, wanted release, severity of the objection, words of its reason, its path.
CASES: list[tuple[str, str, str, str | None, str, tuple[str, ...]]] = [
    ("zookeeper", "3.4.14", "3.4.14", None, "", ()),
    ("zookeeper", "3.4.5", "3.4.14", None, "", ()),
    ("zookeeper", "3.4.5", "3.5.10", "error", "before 3.4.6", ("3.4.14", "3.5.10")),
    ("zookeeper", "3.4.14", "3.5.5", "error", "snapshot", ("3.5.10",)),
    ("zookeeper", "3.4.14", "3.5.4-beta", "error", "snapshot", ("3.5.10",)),
    ("zookeeper", "3.4.14", "3.5.9", "error", "snapshot", ()),
    ("zookeeper", "3.4.14", "3.9.4", "error", "snapshot", ("3.5.10", "3.9.4")),
    ("zookeeper", "3.5.10", "3.4.14", "error", "cannot go back", ()),
    ("zookeeper", "3.9.4", "3.4.14", "error", "cannot go back", ()),
    ("zookeeper", "3.8.4", "3.9.4", None, "", ()),
    ("zookeeper", "3.9.4", "3.8.4", None, "", ()),
    ("master", "0.22.1-1.0.ubuntu1404", "0.23.0", None, "", ()),
    ("master", "0.22.1", "0.24.1", "error", "one minor", ("0.23.x", "0.24.1")),
    ("master", "0.25.0", "1.0.1", "error", "one minor", ("0.26.x", "0.27.x", "0.28.x", "1.0.1")),
    ("master", "0.28.2", "1.0.1", None, "", ()),
    ("master", "0.28.2", "1.0.0-rc4", None, "", ()),
    ("master", "0.28.2", "1.11.0", "error", "one minor", ("1.0.x", "1.11.0")),
    ("master", "1.0.1", "1.11.0", None, "", ()),
    ("master", "1.11.0", "1.10.0", None, "", ()),
    ("master", "1.9.0", "1.8.1", "warning", "registry", ()),
    ("master", "1.0.1", "0.28.2", "error", "Only releases of 1.x", ()),
    ("master", "0.24.1", "0.23.0", "warning", "no downgrade", ()),
    ("agent", "1.11.0", "1.10.0", None, "", ()),
    ("agent", "1.9.0", "1.8.1", None, "", ()),
    ("agent", "1.10.0-rc1", "1.10.0", None, "", ()),
    ("agent", "1.7.0", "1.7.1", None, "", ()),
    ("agent", "0.27.1", "1.0.0", "error", "one minor", ("0.28.x", "1.0.0")),
    ("agent", "1.4.0", "0.28.1", "error", "Only releases of 1.x", ()),
    ("marathon", "v0.8.2", "v0.9.1", None, "", ()),
    ("marathon", "v0.10.0", "v0.8.2", None, "", ()),
    ("marathon", "v0.11.1", "v0.13.0", None, "", ()),
    ("marathon", "v0.16.0", "v1.1.1", "warning", "skipped", ()),
    ("marathon", "v0.13.0", "v0.10.0", "error", "backup", ()),
    ("marathon", "v1.1.1", "v1.3.6", "error", "Stop all instances", ()),
    ("marathon", "v1.3.6", "v1.4.9", None, "", ()),
    ("marathon", "v1.3.6", "v1.5.1", "error", "1.4 has written", ("the last 1.4.x", "v1.5.1")),
    ("marathon", "v1.1.1", "v1.11.24", "error", "1.4 has", ("the last 1.4.x", "the last 1.5.x", "v1.11.24")),
    ("marathon", "v1.4.9", "v1.5.1", None, "", ()),
    ("marathon", "v1.4.9", "v1.6.352", "error", "1.5 first", ("the last 1.5.x", "v1.6.352")),
    ("marathon", "v1.5.1", "v1.7.174", "warning", "skipped", ()),
    ("marathon", "v1.10.17", "v1.11.24", None, "", ()),
    ("marathon", "v1.5.1", "v1.4.9", "error", "backup", ()),
    ("marathon", "v1.11.24", "v1.10.17", "error", "backup", ()),
    ("marathon", "v1.5.8", "v1.5.1", "error", "patch release", ()),
    ("marathon", "v1.11.24", "v1.11.17", None, "", ()),
]


@pytest.mark.parametrize(("role", "deployed", "wanted", "severity", "words", "path"), CASES)
def test_a_change_of_release_has_the_expected_objection(
    role: str, deployed: str, wanted: str, severity: str | None, words: str, path: tuple[str, ...]
) -> None:
    found = ROLES[role].judge_bump(parse_release(deployed), parse_release(wanted))
    if found is None:
        assert severity is None
    else:
        assert (found.severity, found.path) == (severity, path)
        assert words in found.reason
        assert found.source.startswith(("Mesos", "Marathon", "ZooKeeper"))


def test_no_step_of_a_path_is_forbidden_itself() -> None:
    for role, deployed, _, severity, _, path in CASES:
        steps = [deployed, *(step.removeprefix("the last ").replace(".x", ".99") for step in path)]
        # ZooKeeper's paths have a step that needs a manual check, so that step is still an error.
        for first, second in pairwise(steps) if severity and role != "zookeeper" else ():
            found = ROLES[role].judge_bump(parse_release(first), parse_release(second), rolling=False)
            assert found is None or found.severity == "warning", (role, first, second)


@pytest.mark.parametrize(
    ("role", "deployed", "wanted", "words"),
    [("marathon", "v1.1.1", "v1.3.6", None), ("zookeeper", "3.4.5", "3.5.10", "snapshot")],
)
def test_objections_about_two_releases_at_once_do_not_hold_for_a_single_member(
    role: str, deployed: str, wanted: str, words: str | None
) -> None:
    found = ROLES[role].judge_bump(parse_release(deployed), parse_release(wanted), rolling=False)
    assert (found is None) if words is None else (found is not None and words in found.reason)
