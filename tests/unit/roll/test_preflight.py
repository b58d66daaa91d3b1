"""Preflights and machine checks: which are made, their names, and when they run again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Marathon,
    MesosAgentPool,
    MesosMasterSet,
    Preflight,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.container.one_shot import SHOWN_SECONDS
from cdktf_mesos.roll.machine_check import MachineCheck
from stacks import AgentsSettings
from tests.unit.stacks.test_static import machines, small
from tests.unit.synthesised import containers, synthesise, synthesised

Synth = Callable[[], dict[str, Any]]
RESOURCES = {"cpus": 1, "mem": 512, "disk": 1024}


@pytest.fixture
def pools(stack: TerraformStack, host: DockerHost, masters: MesosMasterSet) -> list[MesosAgentPool]:
    """Two pools with an agent on the same machine."""
    return [
        MesosAgentPool(
            stack,
            f"pool-{number}",
            hosts=[host],
            masters=masters,
            port=5050 + number,
            resources={**RESOURCES, "ports": f"[{30000 + 1000 * number}-{30999 + 1000 * number}]"},
            shares_engine=True,
        )
        for number in (1, 2)
    ]


def test_two_sets_of_the_same_role_on_a_machine_have_their_own_checks(
    stack: TerraformStack, host: DockerHost, synth: Synth, pools: list[MesosAgentPool]
) -> None:
    for number, pool in enumerate(pools, start=1):
        Preflight(stack, f"preflight-{number}", host=host, roles=[pool], name=f"asks-{number}")
        MachineCheck(stack, f"check-{number}", host=host, roles=[pool], name=f"check-{number}")
    named = {name: each["name"] for name, each in synth()["resource"]["docker_container"].items()}
    assert named["every_other_agent_is_healthy"] == "asks-1-agent"
    assert named["every_other_agent_is_healthy_by_asks-2-agent"] == "asks-2-agent"
    assert (named["machine_is_ready"], named["machine_is_ready_by_check-2"]) == ("check-1", "check-2")


def test_two_containers_of_one_name_on_a_machine_are_refused(
    stack: TerraformStack, host: DockerHost, pools: list[MesosAgentPool]
) -> None:
    with pytest.raises(ValueError, match="stack/both: name is invalid: 'asks-agent'. Use another container name"):
        Preflight(stack, "both", host=host, roles=pools, name="asks")
    with pytest.raises(ValueError, match="stack/check: name is invalid: 'pool-1'. Use another container name"):
        MachineCheck(stack, "check", host=host, roles=pools, name="pool-1")


@pytest.mark.parametrize("made", [Preflight, MachineCheck])
def test_bad_input_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, made: Callable[..., object]
) -> None:
    with pytest.raises(ValueError, match=r"stack/none: roles is invalid: \[\]. Pass the roles"):
        made(stack, "none", host=host, roles=[], name="asks")
    with pytest.raises(ValueError, match="stack/name: name is invalid: 'mesos-check'. Use a name that does not begin"):
        made(stack, "name", host=host, roles=[zookeeper], name="mesos-check")


def test_a_given_host_check_replaces_that_of_the_member(
    stack: TerraformStack, host: DockerHost, synth: Synth, zookeeper: ZookeeperEnsemble
) -> None:
    check = HostCheck("settled() { [ -e $READY ] || echo wait; }", [], {"READY": "/srv/ready"})
    Preflight(stack, "preflight", host=host, roles=[zookeeper], name="asks", host_check=check)
    asks = synth()["containers"]["asks-zookeeper"]
    assert check.script in asks["entrypoint"][2]
    assert "READY=/srv/ready" in asks["env"]


def test_another_agent_does_not_run_the_checks_of_the_others_again() -> None:
    def checks(agents: int) -> dict[str, Any]:
        documents = synthesised(small(machines=machines("a", 21, agents))).documents
        resources: dict[str, Any] = documents["prod-2-agent-a1-machine"]["resource"]["docker_container"]
        return resources

    def compared(resources: dict[str, Any]) -> dict[str, Any]:
        """The arguments that Terraform compares."""
        return {
            name: {key: value for key, value in each.items() if key not in each["lifecycle"]["ignore_changes"]}
            for name, each in resources.items()
        }

    two, three = checks(2), checks(3)
    assert two["every_other_agent_is_healthy"]["entrypoint"] != three["every_other_agent_is_healthy"]["entrypoint"]
    assert compared(two) == compared(three)
    assert {"labels", "image", "name"} <= set(compared(two)["machine_is_ready"])


@pytest.mark.parametrize(
    "more", [{"min_free_mib": 1}, {"agents": AgentsSettings(docker_cli="/opt/docker", docker_cli_sha256="0" * 64)}]
)
def test_a_machine_is_checked_again_when_its_conditions_change(more: dict[str, Any]) -> None:
    def label(more: dict[str, Any]) -> str:
        documents = synthesised(small(**more)).documents
        check = documents["prod-2-agent-a1-machine"]["resource"]["docker_container"]["machine_is_ready"]
        return str(check["labels"][0]["value"])

    assert label({}) != label(more)


@pytest.mark.parametrize(("all_up_to", "others"), [(5, {21, 22, 25}), (4, {21, 22})])
def test_agents_that_may_be_replaced_at_the_same_time_do_not_check_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, all_up_to: int, others: set[int]
) -> None:
    monkeypatch.setattr("cdktf_mesos.roll.preflight._ALL_CHECKED_UP_TO", all_up_to)
    documents = synthesise(tmp_path, small(machines=machines("a", 21, 5), agent_batch=2)).documents
    entrypoint = containers(documents["prod-2-agent-a4-machine"])["prod-preflight-agent"]["entrypoint"]
    # The first address is the agent's own.
    own, *asked = [word for word in entrypoint[3:] if word.startswith("10.0.0.")]
    assert own == "10.0.0.24"
    assert set(asked) == {f"10.0.0.{each}" for each in (*others, 24)}


@pytest.mark.parametrize("gate", ["debian:12-slim", "debian:12.5"])
def test_a_member_without_a_shell_has_a_gate(stack: TerraformStack, host: DockerHost, synth: Synth, gate: str) -> None:
    options = ContainerOptions(gate_image=gate, wait_seconds=60)
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=options)
    masters = MesosMasterSet(
        stack, "masters", hosts=[host], zookeeper=zookeeper, cluster="c", image="mesosphere/mesos-master:1.7.1"
    )
    Preflight(stack, "preflight", host=host, roles=[zookeeper, masters], name="asks")
    MachineCheck(stack, "check", host=host, roles=[zookeeper, masters], name="check")
    resources = synth()["resource"]["docker_container"]
    (server,) = (name for name, each in resources.items() if each["name"] == "zookeeper")
    (gate,) = (name for name, each in resources.items() if each["name"] == "zookeeper-gate")
    assert resources[server]["healthcheck"] == {"test": ["NONE"]}
    assert "wait" not in resources[server]
    assert resources[gate]["lifecycle"]["replace_triggered_by"] == [f"docker_container.{server}.id"]
    assert resources[gate]["wait_timeout"] == 60 + SHOWN_SECONDS
    assert ("debian" in resources[gate]["image"]) and (
        "four_letter_word" in " ".join(resources[gate]["entrypoint"][4:])
    )
    # Members that need this one wait for its gate.
    (master,) = (each for each in resources.values() if each["name"] == "masters")
    assert master["depends_on"] == [f"docker_container.{gate}"]
    asking = {each["name"]: each["image"] for each in resources.values() if each["name"].startswith(("asks", "check"))}
    assert {name for name, image in asking.items() if "debian" in image} == {"asks-zookeeper", "check"}


def test_a_gate_image_of_an_agent_and_a_malformed_one_are_refused(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    options = ContainerOptions(gate_image="debian:12-slim")
    with pytest.raises(
        ValueError, match="stack/agents: options.gate_image is invalid: 'debian:12-slim'. .*agents need bash"
    ):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters, options=options)
    options = ContainerOptions(gate_image="debian")
    with pytest.raises(
        ValueError, match="stack/marathon: options.gate_image: Image: image is invalid: 'debian'. .*repository"
    ):
        Marathon(
            stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24", options=options
        )
