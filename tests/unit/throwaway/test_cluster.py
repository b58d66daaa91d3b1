from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.throwaway.cluster import MAX_AGENTS, check_name
from cdktf_mesos.throwaway.information import exports, information
from tests.unit.throwaway.conftest import NewCluster


@pytest.mark.parametrize("name", ["", "-a", "A", "a.b", "a_b", "a/b", "mesos", "mesos-1", "a" * 31])
def test_a_name_that_cannot_begin_a_containers_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cluster: name is invalid: .* Use up to 30 lower-case letters"):
        check_name(name)


@pytest.mark.parametrize("name", ["a", "pr-17", "mesos2", "a" * 30])
def test_other_names_are_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("agents", [0, -1, MAX_AGENTS + 1])
def test_the_number_of_agents_has_limits(new: NewCluster, agents: int) -> None:
    with pytest.raises(ValueError, match=f"cluster: agents is invalid: {agents}. Use 1 to 30"):
        new(agents=agents)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"attributes": ["rack:a", "rack"]}, "attributes is invalid: 'rack'. Use each name once, with a value"),
        ({"attributes": ["rack:a;rack:b"]}, "attributes is invalid: 'rack:a;rack:b'. Use each name once"),
        ({"agent_flags": {"cgroups_root": "x"}}, r"agent_flags\['cgroups_root'\] is invalid: 'x'. Remove it"),
    ],
)
def test_attributes_and_flags_that_cannot_be_are_refused(new: NewCluster, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"cluster: {message}"):
        new(agents=2, blocks=(20000, 20100, 20200), **more)


def test_all_ports_of_the_members_are_in_the_first_block_and_differ(new: NewCluster) -> None:
    cluster = new(agents=MAX_AGENTS, marathon="v1.11.24", blocks=tuple(range(20000, 20000 + 100 * 31, 100)))
    ports = set(cluster.ports.values())
    assert len(ports) == len(cluster.ports) == MAX_AGENTS + 6
    assert min(ports) >= 20000 and max(ports) < 20100


def test_an_unknown_member_is_named_with_those_that_there_are(new: NewCluster) -> None:
    with pytest.raises(ValueError, match="one has no member 'agent-2': it has zookeeper, master, agent-1"):
        new().container("agent-2")
    assert new(marathon="v1.11.24").container("marathon") == "one-marathon"


def test_a_shell_gets_a_variable_for_each_address(new: NewCluster) -> None:
    lines = exports(information(new(agents=2, mesos="1.11.0 rc", blocks=(20000, 20100, 20200))))
    assert lines == [
        "export CDKTF_MESOS_NAME=one",
        "export CDKTF_MESOS_MESOS='1.11.0 rc'",
        "export CDKTF_MESOS_ZK=zk://127.0.0.1:20000/mesos",
        "export CDKTF_MESOS_MASTER=http://127.0.0.1:20003",
        "export CDKTF_MESOS_AGENTS='http://127.0.0.1:20006 http://127.0.0.1:20007'",
        "export CDKTF_MESOS_ZOOKEEPER=127.0.0.1:20000",
    ]
