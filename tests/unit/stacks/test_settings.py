from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import (
    AgentsSettings,
    Aws,
    Cluster,
    Local,
    Machine,
    MarathonSettings,
    MastersSettings,
    Mount,
    Static,
    StaticPool,
    ZookeeperSettings,
    add_cluster,
)
from stacks.model import Settings
from tests.unit.aws_app import KEY
from tests.unit.changed import changed
from tests.unit.conftest import Synth

CLUSTER = Cluster(name="dev", zookeeper_version="3.9.4", mesos_version="1.7.1", marathon_version="v1.11.24")
AWS: dict[str, Any] = {
    "region": "eu-central-1",
    "zones": ["eu-central-1a"],
    "ssh_public_key": KEY,
    "admin_cidrs": ["198.51.100.7/32"],
}
MACHINES = [{"name": "a", "address": "10.0.0.1", "engine": "ssh://ops@10.0.0.1"}]


def said(context: Any) -> Cluster:
    """The cluster with what a context says of it."""
    return CLUSTER.overridden(context, "context.cluster")


def test_the_context_of_cdktf_json_overrides_what_main_py_says() -> None:
    context = {"platform": {"agents": 2}, "mesos_version": "1.11.0", "agents": {"version": "1.10.0", "cpus": 1.5}}
    assert said(context) == changed(
        CLUSTER,
        platform=Local(agents=2),
        mesos_version="1.11.0",
        agents=AgentsSettings(version="1.10.0", cpus=1.5),
    )
    assert said({}) == CLUSTER


def test_an_object_in_the_context_overrides_single_settings_and_another_platform_replaces_it() -> None:
    program = changed(CLUSTER, platform=Local(agents=3, address="10.0.0.1"), agents=AgentsSettings(cpus=4))
    local = program.overridden({"platform": {"kind": "local", "agents": 2}, "agents": {"mem_mib": 99}}, "x")
    assert local.platform == Local(agents=2, address="10.0.0.1")
    assert local.agents == AgentsSettings(cpus=4, mem_mib=99)
    static = program.overridden({"platform": {"kind": "static", "control_plane": MACHINES}}, "x")
    assert static.platform == Static(control_plane=[Machine("a", "10.0.0.1", "ssh://ops@10.0.0.1")])
    assert isinstance(program.overridden({"platform": {"kind": "aws", **AWS}}, "x").platform, Aws)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"agent": 2}, r"context\.cluster\.agent=2: no setting; meant: agents\?"),
        ({"platform": {"agent": 2}}, r"context\.cluster\.platform\.agent=2: no setting; meant: agents\?"),
        ({"platform": {"agents": "2"}}, r"^cdktf.json: context\.cluster\.platform\.agents='2': a whole number$"),
        ({"platform": {"agents": True}}, r"context\.cluster\.platform\.agents=True: a whole number"),
        ({"platform": {"agents": -1}}, "Local: agents=-1: 0 to 34"),
        ({"platform": {"agents": 35}}, "Local: agents=35: 0 to 34"),
        ({"platform": {"kind": "azure"}}, r"context\.cluster\.platform\.kind='azure': 'local' or 'static' or 'aws'"),
        ({"platform": "static"}, r"context\.cluster\.platform='static': an object of settings: Local\(…\), Static"),
        ({"platform": {"kind": "static"}}, r"context\.cluster\.platform={'kind': 'static'}: control_plane as well"),
        ({"agents": 2}, r"context\.cluster\.agents=2: an object of settings: .*Local\(agents=…\)"),
        (
            {"engine": "unix:///x"},
            r"context\.cluster\.engine='unix:///x': no setting; it is platform=Local\(engine=…\)",
        ),
        ({"agents": {"docker_cli_sha256": "0" * 64}}, "Cluster: agents: docker_cli_sha256='0+': docker_cli besides"),
        (
            {"agents": {"docker_cli": "/docker", "docker_cli_sha256": "0" * 64}},
            "Cluster: agents: docker_cli_sha256='0+': left out, as the platform 'local' checks no machines",
        ),
        ({"name": "a b"}, "Cluster: name='a b': up to 40 letters"),
        ({"agents": {"version": 1.11}}, r"context\.cluster\.agents\.version=1.11: text or nothing"),
        ({"agents": {"cpus": "2"}}, r"context\.cluster\.agents\.cpus='2': a number or nothing"),
        ({"agents": {"restart": "never"}}, r"agents\.restart='never': 'no' or 'on-failure' or 'always' or 'unless"),
        ({"agents": {"mounts": [{"path": "/x"}]}}, r"agents\.mounts\[0\]\.path='/x': no setting; meant: .*path\?"),
        ({"platform": {"ssh_options": "-v"}}, r"platform\.ssh_options='-v': a list"),
        ({"platform": {"pools": [{"first": 2}]}}, r"platform\.pools\[0\]={'first': 2}: name as well$"),
        ({"platform": {"pools": "canary"}}, r"platform\.pools='canary': a list"),
        ([1], r"context\.cluster=\[1\]: an object"),
    ],
)
def test_a_setting_that_is_none_or_of_the_wrong_type_is_refused(context: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        said(context)


@pytest.mark.parametrize(
    ("cls", "arguments", "message"),
    [
        (Local, {"agents": True}, "^Local: agents=True: a whole number$"),
        (Local, {"agent": 1}, r"^Local: agent=1: no setting; meant: agents\?$"),
        (Aws, {"region": "eu-central-1"}, "^Aws: zones is missing$"),
        (Cluster, {"platform": "static"}, r"^Cluster: platform='static': .*Local\(…\), Static\(…\) or Aws"),
        (Cluster, {"agents": 3}, r"^Cluster: agents=3: .*how many there are .*Local\(agents=…\)$"),
        (
            Cluster,
            {"agent_machines": []},
            r"^Cluster: agent_machines=\[\]: no setting; it is platform=Static\(agents=…\)$",
        ),
    ],
)
def test_a_program_is_told_the_same(cls: type[Settings], arguments: dict[str, Any], message: str) -> None:
    pins = {"name": "dev", "zookeeper_version": "3.9.4", "mesos_version": "1.7.1", "marathon_version": "v1.11.24"}
    with pytest.raises(ValueError, match=message):
        cls(**{**(pins if cls is Cluster else {}), **arguments})


def test_what_may_be_a_secret_is_not_shown() -> None:
    for context in (
        {"agents": {"environment": {"X": "hunter2", "Y": 1}}},
        {"marathon": {"flags": {"http_credentials": "ops:hunter2", "x": [1]}}},
        {"marathon": {"credentials": "hunter2"}},
    ):
        with pytest.raises(ValueError, match="…") as error:
            said(context)
        assert "hunter2" not in str(error.value)


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        CLUSTER.name = "other"  # type: ignore[misc]


def test_each_component_has_flags_ports_and_options_of_its_own(app: App, synth: Synth) -> None:
    options: dict[str, Any] = {"labels": {"team": "a"}, "memory_mib": 512, "mounts": [Mount("/srv")]}
    wanted = changed(
        CLUSTER,
        zookeeper=ZookeeperSettings(settings={"maxSessionTimeout": 60000}, client_port=2182, **options),
        masters=MastersSettings(port=5055, flags={"max_completed_frameworks": 20}, **options),
        agents=AgentsSettings(port=5099, environment={"LANG": "C"}, image="ours/mesos-slave", **options),
        marathon=MarathonSettings(port=8081, mesos_user="ops", flags={"failover_timeout": 86400}, **options),
        platform=Local(hostname="laptop.example"),
        mesos_family="mesosphere",
        wait_seconds=99,
    )
    add_cluster(app, wanted)
    found = synth()["containers"]
    zookeeper, master, agent, marathon = (
        found[f"dev-{name}"] for name in ("zookeeper", "master", "agent-1", "marathon")
    )
    for each in (zookeeper, master, agent, marathon):
        assert {"label": "team", "value": "a"} in each["labels"]
        assert (each["memory"], each["wait_timeout"]) == (512, 99)
        assert "/srv" in [volume["host_path"] for volume in each["volumes"]]
    assert any("maxSessionTimeout=60000" in each for each in zookeeper["env"])
    assert {"MESOS_PORT=5055", "MESOS_ZK=zk://127.0.0.1:2182/mesos", "MESOS_HOSTNAME=laptop.example"} <= set(
        master["env"]
    )
    assert "--max_completed_frameworks=20" in master["command"]
    assert {"MESOS_PORT=5099", "LANG=C"} <= set(agent["env"])
    words = " ".join(marathon["command"])
    assert "--http_port 8081" in words and "--mesos_user ops" in words and "--failover_timeout 86400" in words


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
    lists: dict[str, Any] = {"agents": agents, "pools": [StaticPool(name="pool", machines=pooled)]}
    control = [at("c1", "1", "ssh://ops@10.0.0.1")]
    if message is None:
        assert Static(control_plane=control, **lists)
        return
    with pytest.raises(ValueError, match=message):
        Static(control_plane=control, **lists)


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
    with pytest.raises(ValueError, match=f"Static: {message}"):
        Static(control_plane=[at("c1", "1", engine)], **setting)


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
    if message is None:
        assert Aws(**{**AWS, **aws})
        return
    with pytest.raises(ValueError, match=message):
        Aws(**{**AWS, **aws})
