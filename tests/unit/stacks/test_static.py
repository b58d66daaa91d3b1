from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, ZookeeperEnsemble
from cdktf_mesos.cdk import App, TerraformStack, TerraformVariable
from cdktf_mesos.roll.machine import NAME, Machine
from cdktf_mesos.roll.preflight import fingerprint_of
from stacks import AgentsSettings, Cluster, Static, add_cluster
from stacks.explained import setting_names
from tests.unit.answers import answering, container_words
from tests.unit.synthesised import containers, synthesised


def machines(kind: str, first: int, count: int) -> list[Machine]:
    return [Machine(f"{kind}{i + 1}", f"10.0.0.{first + i}", f"ssh://ops@10.0.0.{first + i}") for i in range(count)]


def cluster(**more: Any) -> Cluster:
    """A cluster with a control plane of three and two agents, with given settings of platform or cluster."""
    pins = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
    given = {"control_plane": machines("c", 11, 3), "machines": machines("a", 21, 2), **more}
    platform = {name: given.pop(name) for name in setting_names(Static) if name in given and name != "agents"}
    static = Static(agents=given.pop("machines"), **platform)
    return Cluster(**{"name": "prod", "platform": static, **pins, **given})


def small(**more: Any) -> Cluster:
    """A cluster with one machine of the control plane and one agent, for what does not depend on how many there are."""
    return cluster(**{"control_plane": machines("c", 11, 1), "machines": machines("a", 21, 1), **more})


def test_the_waves_are_chained_and_named_in_the_order_of_mesos() -> None:
    dependencies = synthesised(cluster()).dependencies
    roll = [
        f"prod-{wave}-{part}"
        for wave in ("1-control-c1", "1-control-c2", "1-control-c3", "2-agent-a1", "2-agent-a2")
        for part in ("machine", "members")
    ]
    roll += [f"prod-3-marathon-c{i}-{part}" for i in (1, 2, 3) for part in ("machine", "members")]
    assert sorted(dependencies) == roll
    assert dependencies == {name: [before] if before else [] for name, before in zip(roll, [None, *roll], strict=False)}


def test_agents_of_a_batch_wait_for_the_previous_batch_and_not_for_each_other() -> None:
    dependencies = synthesised(small(machines=machines("a", 21, 4), agent_batch=2)).dependencies
    first = ["prod-2-agent-a1-members", "prod-2-agent-a2-members"]
    assert dependencies["prod-2-agent-a2-machine"] == ["prod-1-control-c1-members"]
    assert sorted(dependencies["prod-2-agent-a3-machine"]) == sorted(dependencies["prod-2-agent-a4-machine"]) == first


def test_names_of_stacks_stay_when_agents_leave_and_hosts_are_added() -> None:
    before = synthesised(small(machines=machines("a", 21, 2))).documents
    agents = [*machines("a", 21, 2)[1:], Machine("a4", "10.0.0.24", "ssh://ops@10.0.0.24")]
    after = synthesised(small(machines=agents)).documents
    assert set(before) - set(after) == {"prod-2-agent-a1-machine", "prod-2-agent-a1-members"}
    assert set(after) - set(before) == {"prod-2-agent-a4-machine", "prod-2-agent-a4-members"}


def test_images_and_preflight_come_before_the_members() -> None:
    documents = synthesised(cluster()).documents
    machine, members = (documents[f"prod-1-control-c2-{part}"] for part in ("machine", "members"))
    assert set(containers(members)) == {"prod-zookeeper", "prod-master", "prod-preflight-images-zookeeper"}
    checks = machine["resource"]["docker_container"]
    assert set(checks) == {"every_other_zookeeper_is_healthy", "every_other_master_is_healthy", "machine_is_ready"}
    for check in checks.values():
        assert (check["restart"], check["must_run"], check["wait"], check["wait_timeout"]) == ("no", False, True, 80)
    images = documents["prod-2-agent-a1-machine"]["resource"]["docker_image"].values()
    pulled = {image["name"].split('["')[1].split('"')[0] for image in images}
    assert pulled == {"mesosphere/mesos-slave", "mesosphere/mesos"}


def test_each_change_of_a_machines_members_runs_its_checks_again() -> None:
    def labels(**more: Any) -> list[str]:
        checks = (
            synthesised(small(**more)).documents["prod-1-control-c1-machine"]["resource"]["docker_container"].values()
        )
        return [check["labels"][0]["value"] for check in checks]

    assert labels() == labels(agents=AgentsSettings(cpus=1))
    assert labels() != labels(wait_seconds=300)
    assert all("${var.zookeeper_version} ${var.mesos_version} " in label for label in labels())


def test_other_parts_of_the_program_do_not_run_the_checks_again(tmp_path: Path) -> None:
    def fingerprint(before: int) -> str:
        stack = TerraformStack(App(outdir=str(tmp_path)), "stack")
        # cdktf numbers each expression.
        taken = [TerraformVariable(stack, f"other-{i}", type="string").string_value for i in range(before)]
        value = TerraformVariable(stack, "text", type="string").string_value
        host = DockerHost(stack, "host", address="10.0.0.1", engine="ssh://ops@10.0.0.1")
        options = ContainerOptions(environment={"TEXT": value})
        ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=options)
        assert len(taken) == before and value in ensemble.members[0].definition
        return fingerprint_of(host, [ensemble])

    assert fingerprint(0) == fingerprint(3)


def test_tcp_engines_are_verified_with_the_certificates_in_the_directory() -> None:
    agents = [*machines("a", 21, 1), Machine("a2", "10.0.0.22", "tcp://10.0.0.22:2376")]
    documents = synthesised(small(machines=agents, tls_directory="/etc/docker/client")).documents
    for part in ("machine", "members"):
        (over_ssh,) = documents[f"prod-2-agent-a1-{part}"]["provider"]["docker"]
        assert over_ssh["cert_path"] == ""
        (over_tcp,) = documents[f"prod-2-agent-a2-{part}"]["provider"]["docker"]
        assert (over_tcp["host"], over_tcp["cert_path"]) == ("tcp://10.0.0.22:2376", "/etc/docker/client")


@pytest.mark.parametrize(("override", "passes"), [("false", False), ("true", True)])
def test_a_preflight_fails_after_its_patience_unless_it_is_overridden(override: str, passes: bool) -> None:
    # The preflight of the second agent checks the first, which does not run.
    documents = synthesised(small(machines=machines("a", 21, 2), preflight_seconds=1)).documents
    check = containers(documents["prod-2-agent-a1-machine"])["prod-preflight-agent"]
    assert "OVERRIDE=${var.override_preflight}" in check["env"]
    check = containers(documents["prod-2-agent-a2-machine"])["prod-preflight-agent"]
    # Use addresses that this machine has.
    words = [word.replace("10.0.0.2", "127.0.0.2") for word in container_words(check["entrypoint"])]
    shell, option, script, *rest = words
    # Here, a preflight that passes only prints that.
    script = f'touch() {{ echo "made $1"; }}; [ $OVERRIDE = true ] && sleep() {{ :; }}; {script}'
    environment = {**os.environ, "OVERRIDE": override}
    with answering("", "127.0.0.22", 5051):
        done = subprocess.run(
            [shell, option, script, *rest],
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert ("made /tmp/passed" in done.stdout) is passes
    assert (done.returncode == 0) is passes
    assert ("not every other agent serves: 127.0.0.21 does not serve" in done.stdout) is not passes


def test_every_stack_has_the_override() -> None:
    documents = synthesised(cluster()).documents
    assert all(document["variable"]["override_preflight"]["default"] is False for document in documents.values())


def test_members_that_leave_the_control_plane_end_before_the_others_get_the_new_list() -> None:
    five = machines("c", 11, 5)
    control = [*five[:3], *(replace(each, leaving=True) for each in five[3:])]
    found = synthesised(small(control_plane=control))
    dependencies, documents = found.dependencies, found.documents
    assert dependencies["prod-1-control-c4-machine"] == []
    assert dependencies["prod-1-control-c1-machine"] == ["prod-1-control-c5-members"]
    assert dependencies["prod-3-marathon-c1-machine"] == ["prod-3-marathon-c5-members"]
    assert not containers(documents["prod-1-control-c4-members"])
    assert set(containers(documents["prod-1-control-c4-machine"])) == {
        "prod-preflight-zookeeper",
        "prod-preflight-master",
    }
    members = containers(documents["prod-1-control-c1-members"])
    assert "MESOS_QUORUM=2" in members["prod-master"]["env"]
    assert "zookeeper_connect_string" in documents["prod-3-marathon-c1-members"]["output"]


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        (
            "1-control-c4-members",
            "control_plane: 'c4' is missing, but its members still run .*leaving=True, run cdktf deploy",
        ),
        (
            "2-agent-a9-members",
            "agents: 'a9' is missing, but its members still run .*leaving=True, drain it, run cdktf deploy",
        ),
        (
            "1-dns-c1-members",
            "Cluster: dns: 'c1' is missing, but its members still run .*its name in leaving of dns, run cdktf deploy",
        ),
        ("1-control-c1-members", None),
        ("1-control-c4-machine", None),
    ],
)
def test_a_machine_is_not_dropped_while_its_members_run(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: str, message: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    state = tmp_path / f"terraform.prod-{stack}.tfstate"
    state.write_text(json.dumps({"resources": [{"type": "docker_container", "instances": [{}]}]}))
    if message:
        with pytest.raises(ValueError, match=message):
            add_cluster(App(outdir=str(tmp_path)), small())
        state.write_text(json.dumps({"resources": []}))
    add_cluster(app, small())


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        (
            "1-control-c4-members",
            "lost for good, .* put it back at its place in the list, with the address and engine of the machine that "
            r"replaces it. Run cdktf deploy 'prod-1-control-c4-\*' --ignore-missing-stack-dependencies --parallelism 1",
        ),
        (
            "3-marathon-c4-members",
            "lost for good, .* put it back at its place in the list, with the address and engine of the machine that "
            r"replaces it. Run cdktf deploy 'prod-1-control-c4-\*' --ignore-missing-stack-dependencies --parallelism 1",
        ),
        (
            "2-agent-a9-members",
            r"lost for good, .* remove terraform.prod-2-agent-a9-machine.tfstate\* and "
            r"terraform.prod-2-agent-a9-members.tfstate\*$",
        ),
    ],
)
def test_the_error_for_a_dropped_machine_says_what_to_do_if_it_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    state = {"resources": [{"type": "docker_container", "instances": [{}]}]}
    (tmp_path / f"terraform.prod-{stack}.tfstate").write_text(json.dumps(state))
    with pytest.raises(ValueError, match=message):
        add_cluster(App(outdir=str(tmp_path)), small())


def leave(*leaving: bool) -> list[Machine]:
    return [replace(each, leaving=leaves) for each, leaves in zip(machines("c", 11, 5), leaving, strict=False)]


def leaving(stay: int, leave: int) -> list[Machine]:
    return [replace(each, leaving=i >= stay) for i, each in enumerate(machines("c", 11, stay + leave))]


@pytest.mark.parametrize(
    "control_plane", [leaving(3, 1), leaving(3, 2), leaving(5, 2), *(leaving(n, 0) for n in (1, 3, 5))]
)
def test_control_planes_have_one_three_or_five_machines_that_stay(control_plane: list[Machine]) -> None:
    assert Static(control_plane=control_plane).control_plane == control_plane


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"control_plane": leave(False, True, False)},
            "leaving is invalid: .* only the last machines of the list leave",
        ),
        (
            {"control_plane": leave(False, True, True)},
            "leaving is invalid: .* the last machines of the list leave, .* 3 or more",
        ),
        ({"control_plane": []}, r"Static: control_plane is invalid: \[\]. Use 1, 3 or 5 machines"),
        (
            {"control_plane": machines("c", 11, 2)},
            r"Static: control_plane is invalid: \['c1', 'c2'\]. Use 1, 3 or 5 .* not 2",
        ),
        (
            {"control_plane": machines("c", 11, 7)},
            r"Static: control_plane is invalid: \['c1', .*\]. Use 1, 3 or 5 .* not 7",
        ),
        ({"control_plane": leaving(4, 1)}, r"Static: control_plane is invalid: \['c1', .*\]. Use 1, 3 or 5 .* not 4"),
        ({"control_plane": leaving(3, 3)}, "Static: control_plane: leaving is invalid: .* at most 2 machines leave"),
        (
            {"machines": machines("c", 21, 1)},
            "Static: control_plane, agents, pools is invalid: 'c1'. Use each name once",
        ),
        ({"agent_batch": 0}, "Static: agent_batch is invalid: 0. Use 1 or more"),
    ],
)
def test_bad_input_is_refused(app: App, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        add_cluster(app, cluster(**more))


def test_a_machine_cannot_have_the_name_of_another_construct_in_its_stacks(app: App) -> None:
    add_cluster(app, small())
    app.synth()
    ids = {
        child.node.id
        for stack in app.node.children
        if isinstance(stack, TerraformStack)
        for child in stack.node.children
    }
    others = {each for each in ids if re.fullmatch(NAME, each)} - {"c1", "a1"}
    assert others == {"backend", "machine-check", "old-images", "preflight"}
    for name in others:
        with pytest.raises(ValueError, match=f"Machine: name is invalid: '{name}'. Use another one"):
            Machine(name, "10.0.0.31", "ssh://ops@10.0.0.31")


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        ([{"name": "c1", "address": "10.0.0.1"}], r"platform\.control_plane\[0\] is invalid: .* Set engine as well"),
        ([{"name": "c 1", "address": "10.0.0.1", "engine": "x"}], "Machine: name is invalid: 'c 1'"),
        (
            [{"name": "c1", "address": 1, "engine": "x"}],
            r"platform\.control_plane\[0\]\.address is invalid: 1. Use text",
        ),
        (
            [{"name": "c1", "address": "10.0.0.1", "engine": "x", "host_name": "c1.example"}],
            r"control_plane\[0\]\.host_name is invalid: 'c1.example'. There is no setting .* 'hostname'",
        ),
    ],
)
def test_machines_in_the_context_are_checked(machine: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cluster().overridden({"platform": {"control_plane": machine}}, "context.cluster")


def test_other_ssh_options_change_the_connection_and_no_container() -> None:
    found = []
    for words in (["-F", "/home/ops/a"], ["-F", "/home/ops/b"]):
        documents = synthesised(small(ssh_options=words)).documents
        providers = [document.pop("provider")["docker"][0] for document in documents.values()]
        found.append((documents, {each["ssh_opts"][-1] for each in providers}))
    assert found[0][0] == found[1][0]
    # There is one for each of the two machines, for all stacks of the machine.
    assert len(found[0][1]) == len(found[1][1]) == 2 and not found[0][1] & found[1][1]


def test_a_machine_may_have_its_own_host_name_and_ssh_options() -> None:
    own = replace(machines("a", 21, 1)[0], hostname="a1.example", ssh_options=("-p", "2222"))
    documents = synthesised(small(machines=[own], ssh_options=["-i", "key"])).documents
    document = documents["prod-2-agent-a1-members"]
    assert "MESOS_HOSTNAME=a1.example" in containers(document)["prod-agent-1"]["env"]
    (provider,) = document["provider"]["docker"]
    assert provider["ssh_opts"][:4] == ["-p", "2222", "-i", "key"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"address": 1}, "Machine: address is invalid: 1. Use a string"),
        ({"leaving": "no"}, "Machine: leaving is invalid: 'no'. Use True or False"),
        ({"hostname": 1}, "Machine: hostname is invalid: 1. Use a string"),
        ({"ssh_options": "-v"}, "Machine: ssh_options is invalid: '-v'. Use a list of words"),
        ({"ssh_options": [1]}, "Machine: ssh_options is invalid: 1. Use a string"),
    ],
)
def test_a_machine_is_checked_in_a_program_too(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Machine(**{"name": "c1", "address": "10.0.0.1", "engine": "ssh://ops@10.0.0.1", **arguments})


def test_backups_by_a_timer_are_on_each_machine_of_the_control_plane() -> None:
    settings = cluster(machines=machines("a", 21, 1), backup={"directory": "/srv/backups", "keep": 7})
    documents = synthesised(settings).documents
    assert {name for name, each in documents.items() if "prod-backups" in containers(each)} == {
        f"prod-1-control-c{number}-members" for number in (1, 2, 3)
    }


def steps(**more: Any) -> dict[str, str]:
    """The fingerprints of the backups before a roll, by the stacks that they are in."""
    documents = synthesised(cluster(**{"backup": {"directory": "/srv/backups"}, **more})).documents
    found = {name: containers(each).get("prod-preflight-backup") for name, each in documents.items()}
    return {name: each["labels"][0]["value"] for name, each in found.items() if each}


def test_a_backup_is_made_before_the_first_member_of_zookeeper_or_marathon_changes() -> None:
    before = steps()
    assert list(before) == [f"prod-1-control-c{number}-machine" for number in (1, 2, 3)]
    # All machines of a roll have the same one.
    (fingerprint,) = {*before.values()}
    assert fingerprint.startswith("${var.zookeeper_version} ${var.marathon_version} ")
    same = {"masters": {"flags": {"offer_timeout": "5mins"}}, "machines": machines("a", 21, 3)}
    assert steps(**same) == before
    changes: list[dict[str, Any]] = [
        {"zookeeper": {"settings": {"maxSessionTimeout": 60000}}},
        {"marathon": {"flags": {"task_launch_timeout": 600000}}},
        {"control_plane": machines("c", 11, 5)},
    ]
    for change in changes:
        assert fingerprint not in steps(**change).values()


def test_the_backup_before_a_roll_can_be_switched_off() -> None:
    assert steps(backup={"directory": "/srv/backups", "before_roll": False}) == {}
    assert steps(backup=None) == {}
