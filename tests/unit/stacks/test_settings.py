from __future__ import annotations

from pathlib import Path
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
    Security,
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


def overridden(context: Any) -> Cluster:
    """The cluster, with settings overridden by a context."""
    return CLUSTER.overridden(context, "context.cluster")


def test_the_context_of_cdktf_json_overrides_settings_of_main_py() -> None:
    context = {"platform": {"agents": 2}, "mesos_version": "1.11.0", "agents": {"version": "1.10.0", "cpus": 1.5}}
    assert overridden(context) == changed(
        CLUSTER,
        platform=Local(agents=2),
        mesos_version="1.11.0",
        agents=AgentsSettings(version="1.10.0", cpus=1.5),
    )
    assert overridden({}) == CLUSTER


def test_security_is_an_object_with_a_stage_and_a_directory(secrets: Path) -> None:
    given = {"stage": "used", "secrets": str(secrets)}
    assert overridden({"security": given}).security == Security("used", str(secrets))
    with pytest.raises(ValueError, match=r"context\.cluster\.security\.stage is invalid: 'closed'\. Use 'prepared'"):
        overridden({"security": {**given, "stage": "closed"}})
    with pytest.raises(ValueError, match="Security: secrets is invalid: '/nowhere'. There is no such directory"):
        overridden({"security": {**given, "secrets": "/nowhere"}})


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
        (
            {"agent": 2},
            r"^cdktf.json: context\.cluster\.agent is invalid: 2. There is no setting 'agent'. Did you mean 'agents'\?",
        ),
        ({"platform": {"agent": 2}}, r"context\.cluster\.platform\.agent is invalid: 2. There is no setting 'agent'"),
        (
            {"platform": {"agents": "2"}},
            r"^cdktf.json: context\.cluster\.platform\.agents is invalid: '2'. Use a whole number$",
        ),
        ({"platform": {"agents": True}}, r"context\.cluster\.platform\.agents is invalid: True. Use a whole number"),
        ({"platform": {"agents": -1}}, "Local: agents is invalid: -1. Use 0 to 34"),
        ({"platform": {"agents": 35}}, "Local: agents is invalid: 35. Use 0 to 34"),
        ({"platform": {"kind": "azure"}}, r"platform\.kind is invalid: 'azure'. Use 'local' or 'static' or 'aws'$"),
        ({"platform": "static"}, r"platform is invalid: 'static'. Use an object of settings: Local\(…\), Static"),
        ({"platform": {"kind": "static"}}, r"platform is invalid: {'kind': 'static'}. Set control_plane as well: it"),
        ({"agents": 2}, r"cluster\.agents is invalid: 2. Use an object of settings: .*Local\(agents=…\)"),
        (
            {"engine": "unix:///x"},
            r"cluster\.engine is invalid: 'unix:///x'. Use platform=Local\(engine=…\): there is no setting 'engine'",
        ),
        (
            {"agents": {"docker_cli_sha256": "0" * 64}},
            "Cluster: agents: docker_cli_sha256 is invalid: '0+'. Set docker_cli as",
        ),
        (
            {"agents": {"docker_cli": "/docker", "docker_cli_sha256": "0" * 64}},
            "Cluster: agents: docker_cli_sha256 is invalid: '0+'. Remove it: the platform 'local'",
        ),
        ({"name": "a b"}, "Cluster: name is invalid: 'a b'. Use up to 40 letters"),
        ({"agents": {"version": 1.11}}, r"context\.cluster\.agents\.version is invalid: 1.11. Use text or null"),
        ({"agents": {"cpus": "2"}}, r"context\.cluster\.agents\.cpus is invalid: '2'. Use a number or null"),
        (
            {"agents": {"restart": "never"}},
            r"agents\.restart is invalid: 'never'. Use 'no' or 'on-failure' or 'always'",
        ),
        (
            {"agents": {"mounts": [{"path": "/x"}]}},
            r"agents\.mounts\[0\]\.path is invalid: '/x'. There is no setting 'path'. Did you mean '.*path'",
        ),
        ({"platform": {"ssh_options": "-v"}}, r"platform\.ssh_options is invalid: '-v'. Use a list"),
        (
            {"platform": {"pools": [{"first": 2}]}},
            r"pools\[0\] is invalid: {'first': 2}. Set name as well: it has no default$",
        ),
        ({"platform": {"pools": "canary"}}, r"platform\.pools is invalid: 'canary'. Use a list"),
        ([1], r"context\.cluster is invalid: \[1\]. Use an object of settings"),
    ],
)
def test_an_unknown_setting_or_one_of_the_wrong_type_is_refused(context: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        overridden(context)


@pytest.mark.parametrize(
    ("cls", "arguments", "message"),
    [
        (Local, {"agents": True}, "^Local: agents is invalid: True. Use a whole number$"),
        (Local, {"agent": 1}, r"^Local: agent is invalid: 1. There is no setting 'agent'. Did you mean 'agents'\?$"),
        (Aws, {"region": "eu-central-1"}, "^Aws: zones is invalid: None. Set it: it has no default$"),
        (Cluster, {"platform": "static"}, r"^Cluster: platform is invalid: 'static'. .*Local\(…\), Static\(…\) or Aws"),
        (Cluster, {"agents": 3}, r"^Cluster: agents is invalid: 3. .*how many there are .*Local\(agents=…\)$"),
        (
            Cluster,
            {"agent_machines": []},
            r"^Cluster: agent_machines is invalid: \[\]. Use platform=Static\(agents=…\): there is no setting 'agent_m",
        ),
    ],
)
def test_a_program_gets_the_same_errors(cls: type[Settings], arguments: dict[str, Any], message: str) -> None:
    pins = {"name": "dev", "zookeeper_version": "3.9.4", "mesos_version": "1.7.1", "marathon_version": "v1.11.24"}
    with pytest.raises(ValueError, match=message):
        cls(**{**(pins if cls is Cluster else {}), **arguments})


def test_a_possible_secret_is_not_shown() -> None:
    for context in (
        {"agents": {"environment": {"X": "hunter2", "Y": 1}}},
        {"marathon": {"flags": {"http_credentials": "ops:hunter2", "x": [1]}}},
        {"marathon": {"credentials": "hunter2"}},
    ):
        with pytest.raises(ValueError, match="…") as error:
            overridden(context)
        assert "hunter2" not in str(error.value)


def test_settings_are_immutable() -> None:
    with pytest.raises(AttributeError):
        CLUSTER.name = "other"  # type: ignore[misc]


def test_each_component_has_its_own_flags_ports_and_options(app: App, synth: Synth) -> None:
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
            "Machine a2: engine is invalid: 'ssh://ops@10.0.0.2'. .* a1 has it with the address '10.0.0.2'",
        ),
        (
            [at("a1", "1", "ssh://ops@10.0.0.2")],
            [],
            "Machine a1: address is invalid: '10.0.0.1'. .* c1 has it with the engine 'ssh://ops@10.0.0.1'",
        ),
        (
            [at("a1", "2", "ssh://ops@10.0.0.2")],
            [at("p1", "2", "ssh://ops@10.0.0.3")],
            "Machine p1: address is invalid: '10.0.0.2'",
        ),
        (
            [at("a1", "2", "unix:///var/run/docker.sock"), at("a2", "3", "unix:///var/run/docker.sock")],
            [],
            "Machine a2: engine is invalid: 'unix:///var/run/docker.sock'. .* a1 has it",
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
        (
            "unix:///docker.sock",
            {"ssh_options": ["-v"]},
            r"ssh_options is invalid: \['-v'\]. Remove it: no machine has a ssh",
        ),
        (
            "ssh://a@10.0.0.1",
            {"tls_directory": "/tls"},
            "tls_directory is invalid: '/tls'. Remove it: no machine has a tcp",
        ),
        ("tcp://10.0.0.1:2376", {}, "tls_directory is invalid: None. Set the directory .* c1 has a tcp://"),
    ],
)
def test_settings_that_do_not_fit_the_engines_of_the_machines_are_refused(
    engine: str, setting: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"Static: {message}"):
        Static(control_plane=[at("c1", "1", engine)], **setting)


@pytest.mark.parametrize(
    ("aws", "message"),
    [
        ({"control_plane": 7}, "Aws: control_plane is invalid: 7. Use 1, 3 or 5 machines that stay, not 7"),
        ({"control_plane": 7, "left": ["control-7"]}, "Aws: control_plane is invalid: 7. Use 1, 3 or 5 .*, not 6"),
        (
            {"control_plane": 7, "leaving": [f"control-{number}" for number in (4, 5, 6, 7)]},
            "Aws: leaving is invalid: .* at most 2 machines of the control plane",
        ),
        ({"control_plane": 7, "left": ["control-7", "control-6"]}, None),
        ({"control_plane": 7, "left": ["control-7", "control-6"], "leaving": ["control-5", "control-4"]}, None),
        ({"agents": 3, "leaving": ["agent-1", "agent-2", "agent-3"]}, None),
    ],
)
def test_at_most_five_machines_stay_in_the_control_plane_on_aws(aws: dict[str, Any], message: str | None) -> None:
    if message is None:
        assert Aws(**{**AWS, **aws})
        return
    with pytest.raises(ValueError, match=message):
        Aws(**{**AWS, **aws})
