from __future__ import annotations

import re
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Registry
from cdktf_mesos.cdk import App, TerraformStack, TerraformVariable
from stacks import Cluster, Local, Machine, Static, add_cluster
from tests.unit.conftest import Synth

OWN = "registry.example.com:5000"
PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


def test_a_host_logs_in_with_the_values_of_variables(stack: TerraformStack, synth: Synth) -> None:
    name, word = (TerraformVariable(stack, each, type="string", sensitive=True) for each in ("name", "word"))
    DockerHost(stack, "host", address="10.0.0.1", registries=[Registry(OWN, name.string_value, word.string_value)])
    (provider,) = synth()["provider"]["docker"]
    assert provider["registry_auth"] == [{"address": OWN, "username": "${var.name}", "password": "${var.word}"}]


@pytest.mark.parametrize("argument", ["username", "password"])
def test_a_login_in_clear_is_refused_and_not_shown(stack: TerraformStack, argument: str) -> None:
    variable = TerraformVariable(stack, "word", type="string", sensitive=True).string_value
    words = {"username": variable, "password": variable, argument: "hunter2"}
    with pytest.raises(ValueError, match=f"Registry: {argument} is invalid: '…'. Use a sensitive") as error:
        Registry(OWN, **words)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("address", ["registry", "http://registry.example.com", "registry.example.com/path", ""])
def test_an_invalid_registry_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=f"Cluster: registry is invalid: {re.escape(repr(address))}. Use"):
        Cluster(name="prod", **PINS, registry=address)


def pair(stack: TerraformStack, *, sensitive: bool = True) -> tuple[TerraformVariable, TerraformVariable]:
    name, word = (TerraformVariable(stack, each, type="string", sensitive=sensitive) for each in ("name", "word"))
    return name, word


def test_a_registry_takes_variables(stack: TerraformStack, synth: Synth) -> None:
    DockerHost(stack, "host", address="10.0.0.1", registries=[Registry(OWN, *pair(stack))])
    (provider,) = synth()["provider"]["docker"]
    assert provider["registry_auth"] == [{"address": OWN, "username": "${var.name}", "password": "${var.word}"}]


def test_a_password_that_a_plan_would_show_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match="Registry: password is invalid: 'stack/word'. Use a variable with sens"):
        Registry(OWN, *pair(stack, sensitive=False))


def test_a_variable_of_another_stack_is_refused_since_its_state_would_show_it(app: App, stack: TerraformStack) -> None:
    registry = Registry(OWN, *pair(TerraformStack(app, "other")))
    with pytest.raises(ValueError, match="stack/host: registries is invalid: 'other/name'. .*of stack: .*in clear"):
        DockerHost(stack, "host", address="10.0.0.1", registries=[registry])


def test_the_provider_reads_the_file_of_docker_login(
    stack: TerraformStack, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(OWN, config_file="/home/ops/.docker/config.json")
    DockerHost(stack, "host", address="10.0.0.1", registries=[registry])
    (provider,) = synth()["provider"]["docker"]
    none = {"username": "", "password": ""}
    assert provider["registry_auth"] == [{"address": OWN, "config_file": "/home/ops/.docker/config.json", **none}]
    monkeypatch.setenv("DOCKER_REGISTRY_USER", "x")
    with pytest.raises(ValueError, match="stack/other: registries is invalid: '/home/ops.*'. Unset DOCKER_"):
        DockerHost(stack, "other", address="10.0.0.2", registries=[registry])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"address": "docker.io"}, "address is invalid: 'docker.io'. Use 'registry-1.docker.io'"),
        ({}, "username is invalid: None. Pass username and password, or config_file"),
        ({"username": ""}, "username is invalid: ''. "),
        ({"config_file": "config.json"}, "config_file is invalid: 'config.json'. Use an absolute path"),
        ({"config_file": "/x", "username": "${var.x}"}, "config_file is invalid: '/x'. Use a file, or"),
    ],
)
def test_an_incomplete_or_contradictory_registry_is_refused(more: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=f"Registry: {message}"):
        Registry(**{"address": OWN, **more})


def test_a_registry_twice_is_refused(stack: TerraformStack) -> None:
    registry = Registry(OWN, *pair(stack))
    with pytest.raises(ValueError, match=f"stack/host: registries is invalid: '{OWN}'. Pass each registry once"):
        DockerHost(stack, "host", address="10.0.0.1", registries=[registry, registry])


@pytest.mark.parametrize("ephemeral", [True, False])
def test_plans_omit_the_variables_if_terraform_supports_that(app: App, synth: Synth, ephemeral: bool) -> None:
    add_cluster(
        app, Cluster(name="prod", **PINS, registry=OWN, registry_login=True, registry_login_ephemeral=ephemeral)
    )
    declared = synth()["variable"]
    assert [declared[f"registry_{word}"].get("ephemeral", False) for word in ("username", "password")] == [
        ephemeral
    ] * 2


def test_a_login_needs_a_registry() -> None:
    with pytest.raises(ValueError, match="Cluster: registry_login is invalid: True. Set registry"):
        Cluster(name="prod", **PINS, registry_login=True)


@pytest.mark.parametrize("platform", ["local", "static"])
def test_all_images_come_from_the_registry_with_a_login_on_every_engine(app: App, platform: str) -> None:
    machines = {"c1": "10.0.0.11", "a1": "10.0.0.21", "a2": "10.0.0.22"}
    control, *agents = (Machine(name, address, f"unix:///{name}.sock") for name, address in machines.items())
    static = Static(control_plane=[control], agents=agents, agent_batch=2)
    where = static if platform == "static" else Local()
    add_cluster(app, Cluster(name="prod", **PINS, platform=where, registry=OWN, registry_login=True))
    stacks = [each for each in app.node.children if isinstance(each, TerraformStack)]
    assert stacks
    for document in (each.to_terraform() for each in stacks):
        assert {name: each["sensitive"] for name, each in document["variable"].items() if "registry" in name} == {
            "registry_username": True,
            "registry_password": True,
        }
        assert not any("default" in document["variable"][f"registry_{word}"] for word in ("username", "password"))
        login = {"address": OWN, "username": "${var.registry_username}", "password": "${var.registry_password}"}
        assert all(each["registry_auth"] == [login] for each in document["provider"]["docker"])
        names = [each["name"] for each in document["resource"].get("docker_image", {}).values()]
        assert all(f"{OWN}/" in name for name in names)
