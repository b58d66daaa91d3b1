from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cdktf_mesos import Disk, Mount
from cdktf_mesos.cdk import App
from stacks import AgentsSettings, AwsPool, Cluster, Local, LocalPool, StaticPool, add_cluster
from tests.unit.changed import changed
from tests.unit.stacks.test_static import cluster, machines, small
from tests.unit.synthesised import containers, synthesised

CANARY = StaticPool(
    name="canary",
    machines=machines("n", 31, 2),
    version="1.11.0-rc3",
    cpus=8,
    attributes={"rack": "b", "level": 3},
    resources={"cpus(web)": 2},
    default_role="slave_public",
    mounts=[Mount("/srv/cache")],
)


def test_a_pool_is_rolled_before_the_other_agents_and_has_its_own_settings() -> None:
    found = synthesised(small(pools=[CANARY]))
    dependencies, documents = found.dependencies, found.documents
    assert dependencies["prod-2-agent-n1-machine"] == ["prod-1-control-c1-members"]
    assert dependencies["prod-2-agent-n2-machine"] == ["prod-2-agent-n1-members"]
    assert dependencies["prod-2-agent-a1-machine"] == ["prod-2-agent-n2-members"]
    document = documents["prod-2-agent-n1-members"]
    assert document["variable"]["mesos_agent_version_canary"]["default"] == "1.11.0-rc3"
    canary = containers(document)["prod-agent-canary"]
    environment = set(canary["env"])
    assert environment >= {
        "MESOS_ATTRIBUTES=rack:b;level:3",
        "MESOS_RESOURCES=cpus:8;mem:2048;disk:10240;ports:[31000-31999];cpus(web):2",
        "MESOS_WORK_DIR=/var/lib/cdktf-mesos/prod/prod-agent-canary/work",
    }
    assert "--default_role=slave_public" in canary["command"]
    assert "/srv/cache" in [each["host_path"] for each in canary["volumes"]]
    stable = containers(documents["prod-2-agent-a1-members"])["prod-agent-1"]
    assert not [each for each in stable["env"] if each.startswith("MESOS_ATTRIBUTES")]
    assert "mesos_agent_version_canary" not in documents["prod-2-agent-a1-members"]["variable"]


def test_a_pool_may_have_disks_which_its_agents_see() -> None:
    documents = synthesised(small(pools=[changed(CANARY, disks=[Disk("/mnt/a", 100, kind="MOUNT")])])).documents
    agent = containers(documents["prod-2-agent-n1-members"])["prod-agent-canary"]
    (resources,) = (each for each in agent["env"] if each.startswith("MESOS_RESOURCES="))
    assert '"disk":{"source":{"type":"MOUNT","mount":{"root":"/mnt/a"}}}' in resources
    assert "/mnt/a" in [each["host_path"] for each in agent["volumes"]]


def test_preflights_of_a_pool_check_only_agents_of_the_pool() -> None:
    documents = synthesised(small(pools=[CANARY])).documents
    entrypoint = containers(documents["prod-2-agent-n1-machine"])["prod-preflight-agent"]["entrypoint"]
    assert "10.0.0.32" in entrypoint and "10.0.0.21" not in entrypoint


def test_a_pool_without_a_version_has_that_of_the_other_agents() -> None:
    documents = synthesised(small(pools=[StaticPool(name="big", machines=machines("n", 31, 1))])).documents
    assert "mesos_version" in documents["prod-2-agent-n1-members"]["variable"]


def test_a_pool_may_have_its_own_image() -> None:
    pool = changed(CANARY, image="ourselves/mesos-slave", docker_mesos_image="ourselves/mesos")
    documents = synthesised(small(pools=[pool], mesos_family="mesosphere")).documents
    agent = containers(documents["prod-2-agent-n1-members"])["prod-agent-canary"]
    (executor,) = (each for each in agent["env"] if each.startswith("MESOS_DOCKER_MESOS_IMAGE="))
    images = documents["prod-2-agent-n1-members"]["resource"]["docker_image"].values()
    assert any('"ourselves/mesos-slave", var.mesos_agent_version_canary' in image["name"] for image in images)
    assert '"ourselves/mesos", split("@", var.mesos_agent_version_canary)[0]' in executor


def test_the_digest_of_the_agents_cannot_pin_the_image_of_executors(app: App) -> None:
    digest = "sha256:" + "0" * 64
    pool = changed(CANARY, version=digest, release="1.11.0", docker_mesos_image="ourselves/mesos")
    with pytest.raises(ValueError, match="Pool canary: docker_mesos_image: Image .* is invalid: .* tag@digest"):
        add_cluster(app, small(pools=[pool]))


@pytest.mark.parametrize("left", [0, 1])
def test_an_agent_leaves_when_it_has_no_tasks_and_its_stacks_stay_until_then(left: int) -> None:
    leaving = [replace(each, leaving=True) for each in machines("a", 21, 2)[left:]]
    agents = [*machines("a", 21, 2)[:left], *leaving]
    found = synthesised(small(machines=agents))
    dependencies, documents = found.dependencies, found.documents
    assert dependencies["prod-2-agent-a2-members"] == ["prod-2-agent-a2-machine"]
    assert not containers(documents["prod-2-agent-a2-members"])
    assert documents["prod-2-agent-a2-members"]["provider"]["docker"]
    asked = containers(documents["prod-2-agent-a2-machine"])["prod-preflight-agent"]
    assert "has $written executors with tasks: drain it first" in asked["entrypoint"][2]
    assert asked["rm"]
    assert asked["volumes"] == [
        {
            "container_path": "/var/lib/cdktf-mesos/prod/prod-agent-1/work",
            "host_path": "/var/lib/cdktf-mesos/prod/prod-agent-1/work",
            "read_only": True,
        }
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"pools": [StaticPool(name="x", machines=machines("c", 31, 1))]},
            "control_plane, agents, pools is invalid: 'c1'. Use each name once",
        ),
        (
            {"pools": [CANARY, changed(CANARY, machines=machines("m", 41, 1))]},
            "Cluster: pools is invalid: 'canary'. Use each name once",
        ),
        ({"pools": [changed(CANARY, attributes={"rack": "a b"})]}, r"attributes\['rack'\] is invalid: 'a b'"),
        ({"pools": [changed(CANARY, resources={"gpus": 0.5})]}, r"resources\['gpus'\] is invalid: 0.5"),
    ],
)
def test_bad_input_is_refused(app: App, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        add_cluster(app, small(**more))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "1"}, "Pool: name is invalid: '1'. Use up to 40 letters"),
        ({"batch": 0}, "Pool canary: batch is invalid: 0. Use 1 or more"),
        ({"version": None, "release": "1.9.0"}, "Pool canary: release is invalid: '1.9.0'. Set version as well"),
        ({"image": "a/b", "version": None}, "Pool canary: image is invalid: 'a/b'. Set version as well"),
        ({"attributes": ["x"]}, "StaticPool: attributes is invalid: .* Use an object"),
        ({"agents": 2}, "StaticPool: agents is invalid: 2. Remove it: the settings here are"),
        ({"spot": True}, "StaticPool: spot is invalid: True. There is no setting"),
    ],
)
def test_a_bad_pool_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        changed(CANARY, **arguments)


def test_the_context_may_have_pools() -> None:
    machine = {"name": "n1", "address": "10.0.0.31", "engine": "ssh://ops@10.0.0.31"}
    pool = {"name": "canary", "machines": [machine], "attributes": {"rack": "b"}, "mounts": [{"host_path": "/srv"}]}
    assert cluster().overridden({"platform": {"pools": [pool]}}, "context.cluster").platform.pools == [
        StaticPool(name="canary", machines=machines("n", 31, 1), attributes={"rack": "b"}, mounts=[Mount("/srv")])
    ]


def test_a_pool_has_the_other_settings_of_all_agents() -> None:
    agents = AgentsSettings(
        version="1.10.0",
        cpus=4,
        mem_mib=1000,
        attributes={"site": "x", "rack": "a"},
        flags={"max_completed_executors_per_framework": 50},
        environment={"LANG": "C"},
        memory_mib=4096,
        mounts=[Mount("/srv/all")],
    )
    documents = synthesised(small(pools=[changed(CANARY, flags={"strict": False})], agents=agents)).documents
    pooled = containers(documents["prod-2-agent-n1-members"])["prod-agent-canary"]
    assert {
        "LANG=C",
        "MESOS_ATTRIBUTES=site:x;rack:b;level:3",
        "MESOS_RESOURCES=cpus:8;mem:1000;disk:10240;ports:[31000-31999];cpus(web):2",
    } <= set(pooled["env"])
    assert {"--max_completed_executors_per_framework=50", "--strict=false"} <= set(pooled["command"])
    assert pooled["memory"] == 4096
    assert {"/srv/all", "/srv/cache"} <= {each["host_path"] for each in pooled["volumes"]}
    other = containers(documents["prod-2-agent-a1-members"])["prod-agent-1"]
    assert "MESOS_ATTRIBUTES=site:x;rack:a" in other["env"]
    assert "--strict=false" not in other["command"]
    assert documents["prod-2-agent-a1-members"]["variable"]["mesos_agent_version"]["default"] == "1.10.0"


LAPTOP = LocalPool(name="canary", agents=2, first=11, version="1.11.0-rc3", public=True, attributes={"rack": "b"})
PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


def test_one_engine_may_have_pools_with_numbered_agents() -> None:
    document = synthesised(Cluster(name="prod", platform=Local(pools=[LAPTOP]), **PINS)).documents["prod"]
    found = containers(document)
    assert {"prod-agent-1", "prod-agent-canary-11", "prod-agent-canary-12"} <= set(found)
    environment = set(found["prod-agent-canary-12"]["env"])
    assert environment >= {
        "MESOS_PORT=5062",
        "MESOS_RESOURCES=cpus:2;mem:2048;disk:10240;ports:[42000-42999]",
        "MESOS_ATTRIBUTES=public_ip:true;rack:b",
        "MESOS_WORK_DIR=/var/lib/cdktf-mesos/prod/prod-agent-canary-12/work",
    }
    assert "--default_role=slave_public" in found["prod-agent-canary-12"]["command"]
    assert document["variable"]["mesos_agent_version_canary"]["default"] == "1.11.0-rc3"


@pytest.mark.parametrize(
    ("pools", "message"),
    [
        ([{"first": 1}], "Pool canary: first is invalid: 1. .* an agent in no pool has 1. These are free: 2,"),
        ([{"first": 34}], "Pool canary: first is invalid: 34. .* the largest is 34. These are free: 2, 3"),
        ([{}, {"name": "b", "first": 12}], "Pool b: first is invalid: 12. .* the pool canary has 12"),
        ([{"agents": -1}], "Pool canary: agents is invalid: -1. Use 0 or more"),
        ([{"first": 0}], "Pool canary: first is invalid: 0. Use 1 or more"),
        ([{"first": None}], "LocalPool: first is invalid: None. Use a whole number"),
        ([{"batch": 2}], "LocalPool: batch is invalid: 2. .*setting"),
        ([{"machines": []}], r"LocalPool: machines is invalid: \[\]. .*setting"),
    ],
)
def test_invalid_pools_on_one_engine_are_refused(pools: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Local(pools=[changed(LAPTOP, **each) for each in pools])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "agent"}, "Pool agent: name is invalid: 'agent'. Use another name: other machines"),
        ({"data_gib": 0}, "Pool canary: data_gib is invalid: 0. Use 1 or more"),
        ({"machines": []}, r"AwsPool: machines is invalid: \[\]. .*setting"),
    ],
)
def test_invalid_pools_on_aws_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AwsPool(**{"name": "canary", "first": 40, **arguments})


def test_a_pool_without_a_first_number_is_refused() -> None:
    with pytest.raises(ValueError, match="AwsPool: first is invalid: None. Set it: it has no default"):
        AwsPool(name="canary")  # type: ignore[call-arg]


def test_two_pools_with_the_same_variable_are_refused(app: App) -> None:
    with pytest.raises(ValueError, match="Pool Canary: name is invalid: 'Canary'. Use another name: its variable"):
        add_cluster(app, small(pools=[CANARY, StaticPool(name="Canary")]))
