from __future__ import annotations

from typing import Any

import pytest
from cdktf import TerraformStack

from cdktf_mesos import DockerHost, Marathon, MesosAgentPool, MesosMasterSet, ZookeeperEnsemble
from cdktf_mesos.bump import Component, judge_bump
from cdktf_mesos.compatibility import RULES, Together, judge
from cdktf_mesos.release import parse_release

# What goes together, and the rules that it breaks.
COMBINATIONS: list[tuple[dict[str, Any], set[str]]] = [
    # masters and agents
    ({"master": "1.11.0", "agent": "1.11.0"}, set()),
    ({"master": "1.11.0", "agent": "1.10.0"}, set()),
    ({"master": "1.11.0", "agent": "1.0.0"}, set()),
    ({"master": "1.5.0-rc1", "agent": "1.4.1"}, set()),
    ({"master": "1.10.0", "agent": "1.11.0"}, {"agents-newer-than-masters"}),
    ({"master": "1.4.1", "agent": "1.4.0-rc5"}, set()),
    ({"master": "1.4.0", "agent": "1.5.0-rc1"}, {"agents-newer-than-masters"}),
    ({"master": "1.2.1", "agent": "0.28.2"}, {"agents-before-1.0", "skew-before-1.0"}),
    ({"master": "1.1.0", "agent": "0.28.2"}, {"agents-before-1.0", "skew-before-1.0"}),
    ({"master": "1.0.1", "agent": "0.28.2"}, set()),
    ({"master": "1.0.1", "agent": "0.27.0"}, {"skew-before-1.0"}),
    ({"master": "0.28.0-2.0.16.ubuntu1404", "agent": "0.27.0"}, set()),
    ({"master": "0.28.0", "agent": "0.26.0"}, {"skew-before-1.0"}),
    ({"master": "0.24.0", "agent": "0.24.0"}, set()),
    ({"master": "0.23.0", "agent": "0.24.0"}, {"agents-newer-than-masters"}),
    ({"master": "0.22.1-1.0.ubuntu1404", "agent": "0.22.1-1.0.ubuntu1404"}, {"tasks-end-with-agent"}),
    ({"master": "0.22.1", "agent": "0.22.1", "docker_tasks": False}, set()),
    # Marathon and masters
    ({"marathon": "v1.11.24", "master": "1.11.0"}, set()),
    ({"marathon": "v1.11.24", "master": "1.5.0"}, set()),
    ({"marathon": "v1.11.24", "master": "1.4.3"}, {"marathon-1.7-needs-mesos-1.5", "marathon-recommended-mesos"}),
    ({"marathon": "v1.7.174", "master": "1.4.3"}, {"marathon-1.7-needs-mesos-1.5", "marathon-recommended-mesos"}),
    ({"marathon": "v1.6.352", "master": "1.5.0"}, set()),
    ({"marathon": "v1.6.352", "master": "1.4.3"}, {"marathon-recommended-mesos"}),
    ({"marathon": "v1.6.352", "master": "1.0.1"}, {"marathon-1.4-needs-mesos-1.1", "marathon-recommended-mesos"}),
    ({"marathon": "v1.5.0", "master": "1.3.0"}, set()),
    ({"marathon": "v1.5.0", "master": "1.1.0"}, {"marathon-recommended-mesos"}),
    ({"marathon": "v1.4.0-RC9", "master": "1.1.0"}, set()),
    ({"marathon": "v1.4.0-RC9", "master": "1.0.1"}, {"marathon-1.4-needs-mesos-1.1"}),
    ({"marathon": "v1.4.5", "master": "0.28.0"}, {"marathon-1.4-needs-mesos-1.1"}),
    ({"marathon": "v1.3.0", "master": "0.28.0"}, set()),
    ({"marathon": "v1.1.1", "master": "0.27.0"}, {"marathon-recommended-mesos"}),
    ({"marathon": "v0.15.3", "master": "0.26.0"}, set()),
    ({"marathon": "v0.11.0", "master": "0.24.0"}, set()),
    ({"marathon": "v0.10.0", "master": "0.23.0"}, set()),
    ({"marathon": "v0.10.0", "master": "0.24.0"}, {"marathon-reads-no-json"}),
    ({"marathon": "v0.8.2", "master": "0.22.1"}, set()),
    ({"marathon": "v0.8.2", "master": "1.0.0"}, {"marathon-reads-no-json"}),
    # agents and engines
    ({"agent": "1.11.0", "engine": "20.10.24"}, set()),
    ({"agent": "1.11.0", "engine": "25.0.3"}, set()),
    ({"agent": "1.11.0", "engine": "26.0.0"}, {"engine-26"}),
    ({"agent": "1.4.3", "engine": "29.0.1"}, {"engine-26"}),
    ({"agent": "1.11.0", "engine": "29.0.1", "docker_tasks": False}, set()),
    ({"agent": "0.25.0", "engine": "28.1.0", "docker_tasks": False}, set()),
    ({"agent": "0.25.0", "engine": "28.2.0", "docker_tasks": False}, {"engine-28.2-schema-1"}),
    ({"agent": "0.26.0", "engine": "28.2.0", "docker_tasks": False}, set()),
    # agents and their isolators
    ({"agent": "1.0.0", "isolation": "cgroups/cpu,cgroups/devices"}, set()),
    ({"agent": "0.28.2", "isolation": "cgroups/cpu,cgroups/devices"}, {"devices-isolator"}),
    ({"agent": "0.28.2", "isolation": "cgroups/cpu,cgroups/mem"}, set()),
]


def together(parts: dict[str, Any]) -> Together:
    releases = ("zookeeper", "master", "agent", "marathon", "engine")
    read: dict[str, Any] = {name: parse_release(value) for name, value in parts.items() if name in releases}
    return Together(**{**parts, **read})


@pytest.mark.parametrize(("parts", "broken"), COMBINATIONS)
def test_a_combination_breaks_these_rules(parts: dict[str, Any], broken: set[str]) -> None:
    assert {rule.name for rule in judge(together(parts))} == broken


def test_every_rule_has_a_source_and_cases_for_and_against_it() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.source and rule.why
        known = [broken for parts, broken in COMBINATIONS if set(rule.parts) <= set(parts)]
        assert {rule.name in broken for broken in known} == {True, False}, rule.name


def cluster(stack: TerraformStack, mesos: str, agent: str, marathon: str, engine: str | None = None) -> None:
    hosts = [DockerHost(stack, "one", address="10.0.0.1", engine_version=engine)]
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts, image="zookeeper:3.9.4")
    masters = MesosMasterSet(
        stack, "masters", hosts=hosts, zookeeper=zookeeper, cluster="c", image=f"mesosphere/mesos-master:{mesos}"
    )
    docker_cli = None if parse_release(agent) >= parse_release("1.0") else "/usr/local/bin/docker"
    MesosAgentPool(
        stack, "pool", hosts=hosts, masters=masters, image=f"mesosphere/mesos-slave:{agent}", docker_cli=docker_cli
    )
    Marathon(stack, "marathon", hosts=hosts, masters=masters, image=f"mesosphere/marathon:{marathon}")


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        (
            ("1.2.1", "0.28.2", "v1.4.5"),
            r"stack/pool: image='mesosphere/mesos-slave:0.28.2': not master 1.2.1 with agent 0.28.2: .*LOG, 1.2.1",
        ),
        (
            ("1.4.1", "1.4.1", "v1.7.174"),
            r"stack/marathon: image='mesosphere/marathon:v1.7.174': not marathon v1.7.174 with master 1.4.1: .*1.5.0",
        ),
        (("1.11.0", "1.11.0", "v1.11.24", "26.1.3"), "stack/pool: image=.*: not agent 1.11.0 with engine 26.1.3: "),
        (("1.11.0", "1.11.0", "v1.11.24", "new"), "stack/one: engine_version='new': a version such as"),
    ],
)
def test_what_cannot_work_is_refused_by_the_construct_that_brings_it_together(
    stack: TerraformStack, versions: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        cluster(stack, *versions)


def test_what_may_not_work_is_a_warning_once_for_a_pool(stack: TerraformStack) -> None:
    cluster(stack, "1.10.0", "1.11.0", "v1.11.24")
    pool = stack.node.find_child("pool")
    assert [entry.data for entry in pool.node.metadata] == [
        "stack/pool: master 1.10.0 with agent 1.11.0: masters are upgraded before agents; newer agents go only as long "
        "as none of their new features is used (Mesos docs, upgrades; Mesos docs, downgrades)"
    ]


BUMPS: list[tuple[Component, str, str, list[str] | None]] = [
    ("zookeeper", "3.8.4", "3.9.4", None),
    ("zookeeper", "3.9.4", "3.8.4", None),
    ("zookeeper", "3.5.10", "3.9.4", None),
    ("zookeeper", "3.4.14", "3.5.10", None),
    ("zookeeper", "3.4.14", "3.5.5", ["3.5.10"]),
    ("zookeeper", "3.4.14", "3.9.4", ["3.5.10", "3.9.4"]),
    ("zookeeper", "3.4.5", "3.5.10", ["3.4.14", "3.5.10"]),
    ("zookeeper", "3.5.10", "3.4.14", ["keep 3.5 or later"]),
    ("zookeeper", "3.4.14", "3.4.13", None),
    ("master", "1.10.0", "1.11.0", None),
    ("master", "1.0.1", "1.11.0", None),
    ("agent", "1.11.0", "1.10.0", None),
    ("master", "1.11.0", "1.4.0-rc5", None),
    ("master", "0.22.1", "0.23.0", None),
    ("master", "0.28.0-2.0.16.ubuntu1404", "1.0.1-2.0.93.ubuntu1404", None),
    ("master", "0.28.2", "1.4.1", ["1.0", "1.4.1"]),
    ("agent", "0.25.0", "1.11.0", ["0.26", "0.27", "0.28", "1.0", "1.11.0"]),
    ("agent", "0.22.1", "0.24.0", ["0.23", "0.24.0"]),
    ("master", "1.0.1", "0.28.2", ["keep the release, or begin a new cluster"]),
    ("agent", "0.28.2", "0.27.0", ["keep the release, or begin a new cluster"]),
    ("agent", "0.28.2", "0.28.0", None),
    ("marathon", "v1.11.23", "v1.11.24", None),
    ("marathon", "v1.11.24", "v1.11.23", None),
    ("marathon", "v1.4.0-RC9", "v1.5.0", None),
    ("marathon", "v1.3.0", "v1.4.5", None),
    ("marathon", "v1.3.0", "v1.5.0", ["the last 1.4", "v1.5.0"]),
    ("marathon", "v1.3.0", "v1.7.174", ["the last 1.4", "1.5", "1.6", "v1.7.174"]),
    ("marathon", "v1.4.5", "v1.6.352", ["1.5", "v1.6.352"]),
    ("marathon", "v1.1.1", "v1.2.0", ["destroy the stacks of Marathon", "deploy v1.2.0"]),
    ("marathon", "v0.15.3", "v1.11.24", ["destroy the stacks of Marathon", "deploy 1.4"]),
    ("marathon", "v0.8.2", "v0.10.0", None),
    ("marathon", "v0.10.0", "v0.8.2", None),
    ("marathon", "v1.5.0", "v1.4.5", ["stop Marathon", "restore the backup", "start v1.4.5"]),
]


@pytest.mark.parametrize(("component", "deployed", "wanted", "path"), BUMPS)
def test_a_bump_is_allowed_or_refused_with_the_path_to_take(
    component: Component, deployed: str, wanted: str, path: list[str] | None
) -> None:
    refusal = judge_bump(component, parse_release(deployed), parse_release(wanted))
    assert (refusal and list(refusal.path)) == path
    assert refusal is None or (refusal.why and refusal.source)
