"""Two clusters on the same machines: what they must not share is a setting, and what they would share is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import (
    AgentsSettings,
    Cluster,
    DnsSettings,
    LoadBalancerSettings,
    Local,
    LocalPool,
    MarathonSettings,
    MastersSettings,
    ZookeeperSettings,
    add_cluster,
)
from tests.unit.stacks.test_static import machines, small
from tests.unit.synthesised import containers, synthesised

# One setting for each thing that a second cluster needs to have of its own.
SECOND: dict[str, Any] = {
    "name": "next",
    "zookeeper": ZookeeperSettings(client_port=2182, peer_port=2889, election_port=3889),
    "masters": MastersSettings(port=6050),
    "agents": AgentsSettings(port=6051, resources={"ports": "[24000-24999]"}),
    "marathon": MarathonSettings(port=8081, libprocess_port=15102),
}


def second(**more: Any) -> Cluster:
    return small(**{**SECOND, **more})


def members(documents: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The members' containers of both clusters, by stack and name."""
    return {
        f"{stack} {name}": container
        for stack, document in documents.items()
        if stack.endswith("-members")
        for name, container in containers(document).items()
        if "preflight" not in name
    }


def variables(container: dict[str, Any]) -> dict[str, str]:
    return dict(each.split("=", 1) for each in container["env"])


def test_they_share_no_port_no_directory_no_name_and_no_cgroups() -> None:
    found = members(synthesised(small(), second()).documents)
    first, other = (
        [container for key, container in found.items() if key.startswith(f"{name}-")] for name in ("prod", "next")
    )
    assert len(first) == len(other) == 4
    assert not {each["name"] for each in first} & {each["name"] for each in other}
    paths = [
        {
            mount.get("host_path") or mount["source"]
            for each in some
            for mount in (*each.get("volumes", ()), *each.get("mounts", ()))
        }
        for some in (first, other)
    ]
    assert paths[0] & paths[1] <= {"/sys/fs/cgroup", "/var/run/docker.sock"}
    agents = [found[f"{name}-2-agent-a1-members {name}-agent-1"] for name in ("prod", "next")]
    for each, name in zip(agents, ("prod", "next"), strict=True):
        assert variables(each)["MESOS_DOCKER_KILL_ORPHANS"] == "false"
        assert f"mesos-{name}-agent-1" in each["entrypoint"]
    assert [variables(each)["MESOS_PORT"] for each in agents] == ["5051", "6051"]
    assert "ports:[24000-24999]" in variables(agents[1])["MESOS_RESOURCES"]
    marathon = found["next-3-marathon-c1-members next-marathon"]
    assert "10.0.0.11:2182" in str(marathon) and "2181" not in str(marathon["env"])


@pytest.mark.parametrize(
    ("missing", "error"),
    [
        ("zookeeper", "next/zookeeper: client_port is invalid: 2181. Use another port: prod/zookeeper has this one"),
        ("masters", "next/masters: port is invalid: 5050. Use another port: prod/masters has this one"),
        ("agents", "next/agent-1: port is invalid: 5051. Use another port: prod/agent-1 has this one"),
        ("marathon", "next/marathon: port is invalid: 8080. Use another port: prod/marathon has this one"),
    ],
)
def test_a_port_that_the_other_cluster_has_is_refused_by_name(app: App, missing: str, error: str) -> None:
    given = {name: value for name, value in SECOND.items() if name != missing}
    add_cluster(app, small())
    with pytest.raises(ValueError, match=re.escape(error)):
        add_cluster(app, small(**given))


def test_ports_of_tasks_are_refused_if_both_offer_them(app: App) -> None:
    add_cluster(app, small())
    error = "next/agent-1: resources['ports'] is invalid: '[31000-31999]'. Use other ports: prod/agent-1 offers"
    with pytest.raises(ValueError, match=re.escape(error)):
        add_cluster(app, second(agents=AgentsSettings(port=6051)))


def test_each_has_its_own_mesos_dns(app: App) -> None:
    dns: dict[str, Any] = {"version": "v0.9.6", "resolvers": ["10.0.0.2"]}
    add_cluster(app, small(dns=DnsSettings(**dns)))
    add_cluster(app, second(dns=DnsSettings(port=5353, http_port=8124, domain="next", **dns)))
    with pytest.raises(ValueError, match="third/dns: (http_)?port is invalid: .* Use another"):
        add_cluster(
            app,
            second(
                name="third",
                zookeeper=ZookeeperSettings(client_port=2183, peer_port=2890, election_port=3890),
                masters=MastersSettings(port=7050),
                agents=AgentsSettings(port=7051, resources={"ports": "[25000-25999]"}),
                marathon=MarathonSettings(port=8082, libprocess_port=15103),
                dns=DnsSettings(port=5353, http_port=8125, domain="third", **dns),
            ),
        )


def test_load_balancers_of_two_clusters_need_different_machines(app: App) -> None:
    balancer: dict[str, Any] = {"version": "v1.15.0", "groups": ["*"]}
    two = machines("a", 21, 2)
    add_cluster(app, small(machines=two, load_balancer=LoadBalancerSettings(machines=["a1"], **balancer)))
    elsewhere = LoadBalancerSettings(machines=["a2"], **balancer)
    add_cluster(app, second(machines=two, load_balancer=elsewhere))
    here = LoadBalancerSettings(machines=["a1"], http_port=81, https_port=444, **balancer)
    with pytest.raises(ValueError, match="stats_port is invalid: 9090. Use another port: prod/load-balancer"):
        add_cluster(
            app,
            second(
                name="third",
                zookeeper=ZookeeperSettings(client_port=2183, peer_port=2890, election_port=3890),
                masters=MastersSettings(port=7050),
                agents=AgentsSettings(port=7051, resources={"ports": "[25000-25999]"}),
                marathon=MarathonSettings(port=8082, libprocess_port=15103),
                load_balancer=here,
            ),
        )


def test_on_one_engine_the_second_clusters_agents_have_other_numbers() -> None:
    pins: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    first = Cluster(name="prod", platform=Local(agents=2), **pins)
    ports = {name: value for name, value in SECOND.items() if name not in ("name", "agents")}
    pools = [LocalPool(name="next", agents=2, first=11)]
    other = Cluster(name="next", platform=Local(agents=0, pools=pools), **ports, **pins)
    document = synthesised(first, other).documents["next"]
    agents = [variables(each) for name, each in containers(document).items() if "agent" in name]
    assert sorted(each["MESOS_PORT"] for each in agents) == ["5061", "5062"]
    assert sorted(re.findall(r"ports:\[(.*?)\]", str(agents))) == ["41000-41999", "42000-42999"]
