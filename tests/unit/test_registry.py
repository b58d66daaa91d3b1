from __future__ import annotations

import re
from typing import Any

import pytest
from cdktf import App, TerraformStack, TerraformVariable

from cdktf_mesos import DockerHost, Registry
from stacks import Cluster, add_cluster
from stacks.machines import Machine
from tests.unit.conftest import Synth

OWN = "registry.example.com:5000"
PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


def test_a_host_logs_in_with_the_values_of_variables(stack: TerraformStack, synth: Synth) -> None:
    name, word = (TerraformVariable(stack, each, type="string", sensitive=True) for each in ("name", "word"))
    DockerHost(stack, "host", address="10.0.0.1", registries=[Registry(OWN, name.string_value, word.string_value)])
    (provider,) = synth()["provider"]["docker"]
    assert provider["registry_auth"] == [{"address": OWN, "username": "${var.name}", "password": "${var.word}"}]


@pytest.mark.parametrize("argument", ["username", "password"])
def test_what_stands_in_clear_is_refused_and_not_repeated(stack: TerraformStack, argument: str) -> None:
    variable = TerraformVariable(stack, "word", type="string", sensitive=True).string_value
    words = {"username": variable, "password": variable, argument: "hunter2"}
    with pytest.raises(ValueError, match=f"Registry: {argument}='…': the value of a TerraformVariable") as error:
        Registry(OWN, **words)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("address", ["registry", "http://registry.example.com", "registry.example.com/path", ""])
def test_what_is_no_registry_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=f"Cluster: registry={re.escape(repr(address))}: a registry's address"):
        Cluster("prod", **PINS, registry=address)


def test_a_login_needs_a_registry() -> None:
    with pytest.raises(ValueError, match="Cluster: registry_login=True: a registry besides"):
        Cluster("prod", **PINS, registry_login=True)


@pytest.mark.parametrize("platform", ["local", "static"])
def test_all_images_come_from_the_registry_with_a_login_on_every_engine(app: App, platform: Any) -> None:
    machines = {"c1": "10.0.0.11", "a1": "10.0.0.21", "a2": "10.0.0.22"}
    control, *agents = (Machine(name, address, f"unix:///{name}.sock") for name, address in machines.items())
    lists: dict[str, Any] = {"control_plane": [control], "agent_machines": agents, "agent_batch": 2}
    more = lists if platform == "static" else {}
    add_cluster(app, Cluster("prod", **PINS, platform=platform, registry=OWN, registry_login=True, **more))
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
