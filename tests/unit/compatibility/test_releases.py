"""The rules about releases that cannot run together: for each rule, facts that break it and facts that do not."""

from __future__ import annotations

import pytest

from cdktf_mesos.compatibility.check import judge, judge_engine
from cdktf_mesos.compatibility.host_facts import HostFacts
from cdktf_mesos.compatibility.releases import RULES
from cdktf_mesos.compatibility.rule import Facts
from cdktf_mesos.image.release import parse_release

DOCKER = frozenset({"docker"})
COMMANDS = frozenset({"mesos"})
OWN_CLI = frozenset({"docker", "docker_cli"})
IMAGE_DOCKER = frozenset({"docker", "image_docker"})
STATISTICS = "no-statistics-with-cgroup-v2"


def facts(features: frozenset[str] = frozenset(), repository: str | None = None, **releases: str) -> Facts:
    parsed = {component: parse_release(release) for component, release in releases.items()}
    return Facts(features=features, repository=repository, **parsed)


# Facts, and the ids of the rules that they break.
CASES: list[tuple[Facts, set[str]]] = [
    (facts(marathon="v1.3.6", master="0.28.2"), {"marathon-1.3-needs-mesos-1.0.0"}),
    (facts(marathon="v1.3.6", master="1.0.0"), set()),
    (facts(marathon="v1.4.0-RC9", master="1.0.1"), {"marathon-1.4-needs-mesos-1.1.0"}),
    (facts(marathon="v1.4.9", master="1.1.0"), {"marathon-1.4-recommends-mesos-1.2.0"}),
    (facts(marathon="v1.4.9", master="1.2.0"), set()),
    (facts(marathon="v1.5.1", master="0.28.1"), {"marathon-1.4-needs-mesos-1.1.0"}),
    (facts(marathon="v1.5.1", master="1.2.3"), {"marathon-1.5-recommends-mesos-1.3.0"}),
    (facts(marathon="v1.5.1", master="1.3.0"), set()),
    (facts(marathon="v1.6.352", master="1.4.1"), {"marathon-1.6-recommends-mesos-1.5.0"}),
    (facts(marathon="v1.6.352", master="1.5.0-rc1"), set()),
    (facts(marathon="v1.7.174", master="1.4.3"), {"marathon-1.7-needs-mesos-1.5.0"}),
    (facts(marathon="v1.11.24", master="1.4.3"), {"marathon-1.7-needs-mesos-1.5.0"}),
    (facts(marathon="v1.11.24", master="1.5.0"), set()),
    (facts(marathon="v1.11.24", master="1.11.0"), set()),
    (facts(marathon="v0.9.1", master="0.22.0"), {"marathon-0.9-recommends-mesos-0.22.1"}),
    (facts(marathon="v0.10.0", master="0.22.1-1.0.ubuntu1404"), set()),
    (facts(marathon="v0.15.3", master="0.25.0"), {"marathon-0.15-recommends-mesos-0.26.0"}),
    (facts(marathon="v0.15.3", master="0.26.0"), set()),
    (facts(marathon="v1.1.1", master="0.27.2"), {"marathon-1.0-recommends-mesos-0.28.0"}),
    (facts(marathon="v1.1.1", master="0.28.0"), set()),
    (facts(marathon="v0.8.2", master="0.24.0"), {"marathon-libmesos-reads-no-json"}),
    (facts(marathon="v0.10.0", master="1.11.0"), {"marathon-libmesos-reads-no-json"}),
    (facts(marathon="v0.8.2", master="0.23.1"), set()),
    (facts(marathon="v0.11.0", master="0.24.0"), set()),
    (facts(master="1.2.1", agent="0.28.3"), {"masters-ignore-0.x-agents"}),
    (facts(master="1.11.0", agent="0.28.3"), {"masters-ignore-0.x-agents"}),
    (facts(master="1.2.0", agent="0.28.3"), {"0.x-agents-with-1.1-masters"}),
    (facts(master="1.1.01.1.0-2.0.107.ubuntu1404", agent="0.28.3"), {"0.x-agents-with-1.1-masters"}),
    (facts(master="1.0.4", agent="0.28.3"), set()),
    (facts(master="1.0.4", agent="0.27.3"), {"0.x-agents-far-behind"}),
    (facts(master="0.25.0", agent="0.23.0"), {"0.x-agents-far-behind"}),
    (facts(master="0.24.0", agent="0.23.0"), set()),
    (facts(master="1.10.0", agent="1.11.0"), {"agents-newer-than-masters"}),
    (facts(master="0.28.0", agent="1.0.0"), {"agents-newer-than-masters"}),
    (facts(master="1.11.0", agent="1.0.0"), set()),
    (facts(master="1.10.0", agent="1.10.0-rc2"), set()),
    (
        facts(frozenset({"reconfiguration_policy=additive"}), master="1.4.1", agent="1.5.0"),
        {"additive-needs-masters-1.5", "agents-newer-than-masters"},
    ),
    (facts(frozenset({"reconfiguration_policy=additive"}), master="1.5.0", agent="1.5.0"), set()),
    (facts(zookeeper="3.10.0", master="1.11.0"), {"zookeeper-newer-than-tried-with-masters"}),
    (facts(zookeeper="3.9.4", master="1.11.0"), set()),
    (facts(zookeeper="4.0.0", marathon="v1.11.24"), {"zookeeper-newer-than-tried-with-marathon"}),
    (facts(zookeeper="3.4.14", marathon="v1.11.24"), set()),
    (facts(IMAGE_DOCKER, agent="1.11.0", least_api="1.44"), {"docker-command-too-old"}),
    (facts(IMAGE_DOCKER, agent="1.11.0", least_api="1.40"), {"docker-command-too-old"}),
    (facts(IMAGE_DOCKER, agent="1.11.0", least_api="1.24"), set()),
    (facts(OWN_CLI, agent="1.11.0", least_api="1.44"), set()),
    (facts(OWN_CLI | {"executor_docker"}, agent="1.11.0", least_api="1.44"), {"docker-command-too-old"}),
    (facts(COMMANDS | {"image_docker", "cgroups/devices"}, agent="1.11.0", least_api="1.44"), set()),
    (facts(DOCKER, agent="1.11.0", engine="28.1.1"), set()),
    (facts(DOCKER, agent="1.11.0", engine="20.10.24+dfsg1"), set()),
    (facts(DOCKER, agent="1.2.2", cgroup="2.0"), {"docker-tasks-need-cgroup-v1", STATISTICS}),
    (facts(DOCKER, agent="1.2.3", cgroup="2.0"), {STATISTICS}),
    (facts(DOCKER, agent="1.3.1", cgroup="2.0"), {"docker-tasks-need-cgroup-v1", STATISTICS}),
    (facts(DOCKER, agent="1.3.2-rc1", cgroup="2.0"), {STATISTICS}),
    (facts(DOCKER, agent="1.4.0-rc5", cgroup="2.0"), {"docker-tasks-need-cgroup-v1", STATISTICS}),
    (facts(DOCKER, agent="1.4.1", cgroup="2.0"), {STATISTICS}),
    (facts(DOCKER, agent="1.4", cgroup="2.0"), {STATISTICS}),
    (facts(DOCKER, agent="0.28.3", cgroup="2.0"), {"docker-tasks-need-cgroup-v1", STATISTICS}),
    (facts(DOCKER, agent="0.28.3", cgroup="1.0"), set()),
    (facts(COMMANDS | {"cgroups/devices"}, agent="1.0.1", cgroup="2.0"), {"no-limits-with-cgroup-v2"}),
    (facts(COMMANDS | {"cgroups/devices"}, agent="1.0.1", cgroup="1.0"), set()),
    (facts(DOCKER | {"needs_cgroup_v1"}, agent="1.11.0", cgroup="2.0"), {"settings-need-cgroup-v1", STATISTICS}),
    (facts(DOCKER | {"needs_cgroup_v1"}, agent="1.11.0", cgroup="1.0"), set()),
    (facts(DOCKER | {"cgroup_v2"}, agent="1.11.0-0.9.0", cgroup="2.0"), set()),
    (facts(DOCKER | {"cgroup_v2"}, agent="1.11.0-0.9.0", cgroup="1.0"), {"clusterd-needs-cgroup-v2"}),
    (facts(agent="1.11.0", engine="29.0.1"), set()),
    (facts(agent="0.26.0", engine="28.2.0"), {"docker-28.2-pulls-no-schema-1"}),
    (facts(agent="0.26.0", engine="28.1.1"), set()),
    (facts(agent="0.28.0", engine="28.2.0"), set()),
    (facts(OWN_CLI, agent="0.22.1"), {"docker-cli-before-1.8", "docker-tasks-end-with-their-agent"}),
    (facts(OWN_CLI, agent="0.22.2"), {"docker-tasks-end-with-their-agent"}),
    (facts(OWN_CLI, agent="0.23.0"), {"docker-cli-before-1.8"}),
    (facts(OWN_CLI, agent="0.23.1"), set()),
    (facts(agent="0.22.1"), set()),
    (facts(COMMANDS, agent="0.28.2"), {"command-tasks-end-with-their-agent"}),
    (facts(COMMANDS, agent="1.11.0"), {"command-tasks-end-with-their-agent"}),
    (facts(COMMANDS | {"cgroups/devices"}, agent="1.11.0"), set()),
    (facts(repository="mesoscloud/mesos-master", master="1.0.0"), {"mesoscloud-masters-end-with-0.28"}),
    (facts(repository="mesoscloud/mesos-master", master="0.28.1-ubuntu-14.04"), set()),
    (facts(repository="registry.example.com/mesoscloud/mesos-master", master="1.0.0"), set()),
    (facts(repository="mesoscloud/mesos-slave", agent="1.0.0"), {"mesoscloud-agents-end-with-0.28"}),
    (facts(repository="mesoscloud/mesos-slave", agent="0.28.0"), set()),
    (facts(marathon_lb="v1.12.1", marathon="v1.7.174"), {"marathon-lb-follows-no-redirect"}),
    (facts(marathon_lb="v1.12.1", marathon="v1.6.352"), set()),
    (facts(marathon_lb="v1.12.3", marathon="v1.11.24"), set()),
    (facts(mesos_dns="v0.6.0", master="1.8.0"), {"mesos-dns-before-0.7-needs-masters-before-1.8"}),
    (facts(mesos_dns="v0.6.0", master="1.7.3"), set()),
    (facts(mesos_dns="v0.6.0", master="0.24.1"), set()),
    (facts(mesos_dns="v0.7.0-rc1", master="0.24.1"), {"mesos-dns-0.7-needs-masters-0.25"}),
    (facts(mesos_dns="v0.9.4", master="0.25.0"), set()),
    (facts(mesos_dns="v0.9.4", master="1.11.0"), set()),
    (facts(), set()),
]


@pytest.mark.parametrize(("known", "broken"), CASES)
def test_facts_break_exactly_the_expected_rules(known: Facts, broken: set[str]) -> None:
    assert {finding.rule.id for finding in judge(known)} == broken


def test_for_every_rule_there_is_a_case_that_breaks_it_and_one_that_does_not() -> None:
    for rule in RULES:
        relevant = [broken for known, broken in CASES if _known(known, rule.subject, *rule.others)]
        assert {rule.id in broken for broken in relevant} == {True, False}, rule.id


def _known(known: Facts, *components: str) -> bool:
    return all(getattr(known, component) is not None for component in components)


def test_every_rule_has_a_unique_id_a_reason_and_a_source() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.source.split()[0].strip(",") in (
            "Mesos",
            "Marathon",
            "ZooKeeper",
            "Docker",
            "Dockerfiles",
            "Clusterd",
            "marathon-lb",
        ), rule.id
        assert rule.reason and rule.reason[0] not in " {"


def test_a_finding_names_the_releases() -> None:
    (finding,) = judge(facts(marathon="v1.7.174", master="1.4.3"))
    assert str(finding) == (
        "Marathon v1.7.174 needs masters of Mesos 1.5.0 or later, not 1.4.3 (Marathon changelog, 1.7.174) "
        "[marathon-1.7-needs-mesos-1.5.0]"
    )


@pytest.mark.parametrize(
    ("engine", "least_api", "shown"),
    [
        ("24.0.9", None, "1.12"),
        ("25.0.0", None, "1.24"),
        ("28.5.2", None, "1.24"),
        ("29.0.1", None, "1.44"),
        ("29.2.1", None, "1.44"),
        ("29.3.0", None, "1.40"),
        ("30.0.0", None, "1.40"),
        ("29.3.0", "1.24", "1.24"),
        (None, "1.44", "1.44"),
        (None, None, "None"),
    ],
)
def test_the_oldest_accepted_api_is_known_by_the_version_of_an_engine(
    engine: str | None, least_api: str | None, shown: str
) -> None:
    known = (None if each is None else parse_release(each) for each in (engine, least_api))
    assert str(HostFacts(*known).accepted_from()) == shown


def test_agents_are_judged_by_what_is_known_of_a_host() -> None:
    def severities(features: frozenset[str], **known: str) -> list[str]:
        host = HostFacts(**{name: parse_release(each) for name, each in known.items()})
        return [finding.rule.severity for finding in judge_engine(parse_release("1.11.0"), features, host)]

    assert severities(IMAGE_DOCKER) == []
    assert severities(IMAGE_DOCKER, engine="20.10.24", cgroup="1.0") == []
    assert severities(IMAGE_DOCKER, engine="29.1.2") == ["error"]
    assert severities(IMAGE_DOCKER, engine="29.1.2", least_api="1.24") == []
    assert severities(OWN_CLI, engine="29.1.2") == []
    assert severities(IMAGE_DOCKER, engine="29.1.2", cgroup="2.0") == ["error", "warning"]
    assert severities(COMMANDS, cgroup="2.0") == ["warning"]
