from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from cdktf_mesos.image.release import parse_release
from cdktf_mesos.mesos.agent.info import AgentInfo, judge_change
from stacks import AgentsSettings, StaticPool, add_cluster
from tests.unit.changed import changed as changed_pool
from tests.unit.stacks.test_static import machines, small
from tests.unit.synthesised import containers, synthesise, synthesised

OLD = {
    "MESOS_ATTRIBUTES": "rack:a",
    "MESOS_RESOURCES": "cpus:4;ports:[31000-31999];gpus:{a,b}",
    "MESOS_PORT": "5051",
    "MESOS_HOSTNAME": "10.0.0.21",
    "MESOS_WORK_DIR": "/w",
    "MESOS_MASTER": "zk://a/mesos",
}


@pytest.mark.parametrize(
    ("changed", "additive", "release", "problem"),
    [
        ({}, False, "1.11.0", None),
        ({"MESOS_MASTER": "zk://b/mesos"}, False, "1.11.0", None),
        ({"MESOS_ATTRIBUTES": "rack:b"}, False, "1.11.0", "MESOS_ATTRIBUTES: 'rack:a' -> 'rack:b'"),
        ({"MESOS_ATTRIBUTES": "rack:a;level:1"}, False, "1.11.0", "MESOS_ATTRIBUTES"),
        ({"MESOS_ATTRIBUTES": "rack:a;level:1"}, True, "1.11.0", None),
        ({"MESOS_ATTRIBUTES": "rack:a;level:1"}, True, "1.4.3", "MESOS_ATTRIBUTES"),
        ({"MESOS_ATTRIBUTES": "level:1"}, True, "1.11.0", "MESOS_ATTRIBUTES"),
        ({"MESOS_RESOURCES": "cpus:8;ports:[31000-32999];gpus:{b,a,c}"}, True, "1.11.0", None),
        ({"MESOS_RESOURCES": "cpus:4;ports:[30000-31499,31500-31999];gpus:{a,b}"}, True, "1.11.0", None),
        ({"MESOS_RESOURCES": "cpus:4;ports:[31000-31499,31501-31999];gpus:{a,b}"}, True, "1.11.0", "MESOS_RESOURCES"),
        ({"MESOS_RESOURCES": "cpus:2;ports:[31000-31999];gpus:{a,b}"}, True, "1.11.0", "MESOS_RESOURCES"),
        ({"MESOS_RESOURCES": "cpus:4;ports:[31000-31999];gpus:{a}"}, True, "1.11.0", "MESOS_RESOURCES"),
        ({"MESOS_RESOURCES": "cpus:4;ports:[31000-31999]"}, True, "1.11.0", "MESOS_RESOURCES"),
        ({"MESOS_PORT": "5052"}, True, "1.11.0", "MESOS_PORT: '5051' -> '5052'"),
        ({"MESOS_HOSTNAME": "a.example"}, True, "1.11.0", "MESOS_HOSTNAME"),
        ({"MESOS_HOSTNAME": "a.example", "MESOS_WORK_DIR": "/w-2"}, False, "1.11.0", None),
    ],
)
def test_a_change_that_an_agent_would_exit_for_is_named(
    changed: dict[str, str], additive: bool, release: str, problem: str | None
) -> None:
    found = judge_change(
        AgentInfo(OLD, additive=False), AgentInfo({**OLD, **changed}, additive), parse_release(release)
    )
    assert (found is None) if problem is None else (found is not None and problem in found)


def test_the_policy_additive_cannot_be_removed_again() -> None:
    found = judge_change(AgentInfo(OLD, additive=True), AgentInfo(OLD, additive=False), parse_release("1.11.0"))
    assert found is not None
    assert "reconfiguration_policy=additive was removed" in found


POOL = StaticPool(name="big", machines=machines("n", 31, 1), attributes={"rack": "a"})


def deploy(folder: Path, **more: Any) -> None:
    """Write the Terraform states that a deploy would leave."""
    for stack, document in synthesised(small(**more)).documents.items():
        resources = [
            {
                "type": "docker_container",
                "instances": [{"attributes": {name: each.get(name) for name in ("name", "env", "command", "labels")}}],
            }
            for each in containers(document).values()
        ]
        (folder / f"terraform.{stack}.tfstate").write_text(json.dumps({"resources": resources}))


def test_a_changed_agent_that_would_exit_at_once_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    deploy(tmp_path, pools=[POOL])
    other = changed_pool(POOL, attributes={"rack": "b"})
    changed = "MESOS_ATTRIBUTES: 'rack:a' -> 'rack:b'"
    message = f"prod/agent-big: the agent 10.0.0.31 would exit at once: {changed}.*another incarnation"
    with pytest.raises(ValueError, match=message):
        add_cluster(App(outdir=str(tmp_path / "other")), small(pools=[other]))
    add_cluster(App(outdir=str(tmp_path / "same")), small(pools=[POOL]))
    more = changed_pool(POOL, attributes={"rack": "a", "x": 1}, additive=True)
    add_cluster(App(outdir=str(tmp_path / "more")), small(pools=[more]))
    documents = synthesise(tmp_path / "new", small(pools=[changed_pool(other, incarnation=2)])).documents
    agent = containers(documents["prod-2-agent-n1-members"])["prod-agent-big"]
    assert "MESOS_WORK_DIR=/var/lib/cdktf-mesos/prod/prod-agent-big/work-2" in agent["env"]
    preflight = containers(documents["prod-2-agent-n1-machine"])["prod-preflight-agent"]
    assert "$directory has $count executors: drain the agent first" in preflight["entrypoint"][2]
    directory = "/var/lib/cdktf-mesos/prod/prod-agent-big"
    assert f"WORK_DIR={directory}/work-2" in preflight["env"]
    assert [each["host_path"] for each in preflight["volumes"]] == [directory]


def test_an_incarnation_below_1_is_refused(app: App) -> None:
    with pytest.raises(ValueError, match=r"prod/agent-big: incarnation is invalid: 0\. Use a whole number, 1 or more"):
        add_cluster(app, small(pools=[changed_pool(POOL, incarnation=0)]))


def test_changed_agents_that_are_in_no_pool_are_refused_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    deploy(tmp_path)
    with pytest.raises(ValueError, match="prod/agent-1: the agent 10.0.0.21 would exit at once: MESOS_RESOURCES"):
        add_cluster(App(outdir=str(tmp_path / "other")), small(agents=AgentsSettings(cpus=3)))
