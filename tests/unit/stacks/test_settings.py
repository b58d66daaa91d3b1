from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from stacks import Cluster, Pool
from stacks.machines import Machine
from tests.unit.aws_app import KEY

CLUSTER = Cluster(name="dev", zookeeper_version="3.9.4", mesos_version="1.7.1", marathon_version="v1.11.24")


def test_the_context_of_cdktf_json_overrides_what_main_py_says() -> None:
    changed = CLUSTER.overridden({"agents": 2, "mesos_version": "1.11.0", "mesos_agent_version": "1.10.0"})
    assert (changed.agents, changed.mesos_version, changed.mesos_agent_version) == (2, "1.11.0", "1.10.0")
    assert changed.zookeeper_version == "3.9.4"
    assert CLUSTER.overridden(None) is CLUSTER


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"agent": 2}, r"context\.cluster\.agent=2: no setting; meant: agents\?"),
        ({"agents": "2"}, "Cluster: agents='2': a whole number"),
        ({"agents": True}, "Cluster: agents=True: a whole number"),
        ({"agents": -1}, "Cluster: agents=-1: 0 to 34"),
        ({"agents": 35}, "Cluster: agents=35: 0 to 34"),
        (
            {"platform": "static", "agent_docker_cli_sha256": "0" * 64},
            "agent_docker_cli_sha256='0+': agent_docker_cli besides",
        ),
        ({"name": "a b"}, "Cluster: name='a b': up to 40 letters"),
        (
            {"platform": "aws", "agent_machines": [{"name": "a", "address": "10.0.0.1", "engine": "ssh://a@10.0.0.1"}]},
            r"Cluster: agent_machines=\[Machine.*: left out, or platform='static' besides, as .* 'aws' does not use it",
        ),
        ({"platform": "azure"}, "Cluster: platform='azure': 'local'"),
        ({"mesos_agent_version": 1.11}, "Cluster: mesos_agent_version=1.11: text or nothing"),
        ({"agent_cpus": "2"}, "Cluster: agent_cpus='2': a number"),
        ({"ssh_options": "-v"}, "Cluster: ssh_options='-v': a list, each text"),
        ({"pools": [{"first": 2}]}, r"context\.cluster\.pools={'first': 2}: an object with name$"),
        ({"pools": "canary"}, "Cluster: pools='canary': a list, each an object with name$"),
        ([1], r"context\.cluster=\[1\]: an object"),
    ],
)
def test_a_setting_that_is_none_or_of_the_wrong_type_is_refused(context: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CLUSTER.overridden(context)


AWS = {"region": "eu-central-1", "zones": ["eu-central-1a"], "ssh_public_key": KEY, "admin_cidrs": ["198.51.100.7/32"]}
MACHINES = [{"name": "a", "address": "10.0.0.1", "engine": "ssh://ops@10.0.0.1"}]
SEVERAL = "platform='static' or platform='aws'"


@pytest.mark.parametrize(
    ("platform", "setting", "platforms"),
    [
        ("local", {"aws": AWS}, "platform='aws'"),
        ("local", {"control_plane": MACHINES}, "platform='static'"),
        ("local", {"agent_machines": MACHINES}, "platform='static'"),
        ("local", {"agent_batch": 2}, SEVERAL),
        ("local", {"preflight_seconds": 30}, SEVERAL),
        ("local", {"min_free_mib": 0}, SEVERAL),
        ("local", {"agent_docker_cli": "/docker", "agent_docker_cli_sha256": "0" * 64}, SEVERAL),
        ("static", {"aws": AWS}, "platform='aws'"),
        ("static", {"engine": "unix:///other.sock"}, "platform='local'"),
        ("static", {"address": "10.0.0.1"}, "platform='local'"),
        ("static", {"agents": 0}, "platform='local'"),
        ("aws", {"control_plane": MACHINES}, "platform='static'"),
        ("aws", {"engine": "ssh://ops@10.0.0.1"}, "platform='local'"),
        ("aws", {"address": "10.0.0.1"}, "platform='local'"),
        ("aws", {"agents": 3}, "platform='local'"),
        ("aws", {"tls_directory": "/tls"}, "platform='local' or platform='static'"),
        ("aws", {"data_dir": "/data"}, "platform='local' or platform='static'"),
    ],
)
def test_a_setting_that_the_platform_does_not_use_is_refused_with_the_platforms_that_do(
    platform: str, setting: dict[str, Any], platforms: str
) -> None:
    (*_, name) = setting
    right = f"left out, or {platforms} besides, as the platform '{platform}' does not use it"
    with pytest.raises(ValueError, match=f"Cluster: {name}=.*: {right}$"):
        CLUSTER.overridden({"platform": platform, **setting})
    # As it is by default it may be said everywhere.
    default = getattr(CLUSTER, name)
    assert getattr(CLUSTER.overridden({"platform": platform, name: default}), name) == default


def at(name: str, address: str, engine: str) -> Machine:
    return Machine(name, f"10.0.0.{address}", engine)


@pytest.mark.parametrize(
    ("agents", "pooled", "message"),
    [
        (
            [at("a1", "2", "ssh://ops@10.0.0.2"), at("a2", "3", "ssh://ops@10.0.0.2")],
            [],
            "Machine a2: engine='ssh://ops@10.0.0.2': another one, as a1 has it and another address, '10.0.0.2'",
        ),
        (
            [at("a1", "1", "ssh://ops@10.0.0.2")],
            [],
            "Machine a1: address='10.0.0.1': another one, as c1 has it and another engine, 'ssh://ops@10.0.0.1'",
        ),
        (
            [at("a1", "2", "ssh://ops@10.0.0.2")],
            [at("p1", "2", "ssh://ops@10.0.0.3")],
            "Machine p1: address='10.0.0.2'",
        ),
        (
            [at("a1", "2", "unix:///var/run/docker.sock"), at("a2", "3", "unix:///var/run/docker.sock")],
            [],
            "Machine a2: engine='unix:///var/run/docker.sock': another one, as a1 has it",
        ),
        ([at("a1", "1", "ssh://ops@10.0.0.1")], [], None),
    ],
)
def test_two_machines_have_one_engine_if_and_only_if_they_have_one_address(
    agents: list[Machine], pooled: list[Machine], message: str | None
) -> None:
    lists: dict[str, Any] = {"agent_machines": agents, "pools": [Pool("pool", pooled)]}
    control = [at("c1", "1", "ssh://ops@10.0.0.1")]
    if message is None:
        assert replace(CLUSTER, platform="static", control_plane=control, **lists)
        return
    with pytest.raises(ValueError, match=message):
        replace(CLUSTER, platform="static", control_plane=control, **lists)


@pytest.mark.parametrize(
    ("engine", "setting", "message"),
    [
        ("unix:///docker.sock", {"ssh_options": ["-v"]}, r"ssh_options=\['-v'\]: left out, as no machine has a ssh://"),
        ("ssh://a@10.0.0.1", {"tls_directory": "/tls"}, "tls_directory='/tls': left out, as no machine has a tcp://"),
        ("tcp://10.0.0.1:2376", {}, "tls_directory=None: the directory with ca.pem, .* as c1 has a tcp://"),
    ],
)
def test_what_the_engines_of_the_machines_do_not_take_or_lack_is_refused(
    engine: str, setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"Cluster: {message}"):
        replace(CLUSTER, platform="static", control_plane=[at("c1", "1", engine)], **setting)


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        ({"control_plane": 7}, "Aws: control_plane=7: 1, 3 or 5 machines that stay; 7 do"),
        ({"control_plane": 7, "left": ["control-7"]}, "Aws: control_plane=7: 1, 3 or 5 machines that stay; 6 do"),
        (
            {"control_plane": 7, "leaving": [f"control-{number}" for number in (4, 5, 6, 7)]},
            "Aws: leaving=.*: at most 2 of the control plane at a time",
        ),
        ({"control_plane": 7, "left": ["control-7", "control-6"]}, None),
        ({"control_plane": 7, "left": ["control-7", "control-6"], "leaving": ["control-5", "control-4"]}, None),
        ({"agents": 3, "leaving": ["agent-1", "agent-2", "agent-3"]}, None),
    ],
)
def test_the_control_plane_on_aws_has_five_machines_that_stay_at_the_most(
    aws: dict[str, Any], message: str | None
) -> None:
    settings = {"platform": "aws", "aws": {**AWS, **aws}}
    if message is None:
        assert CLUSTER.overridden(settings)
        return
    with pytest.raises(ValueError, match=message):
        CLUSTER.overridden(settings)
