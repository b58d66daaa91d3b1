from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest

from stacks import AgentsSettings, AwsPool, Cluster, MarathonSettings, MastersSettings, ZookeeperSettings
from tests.unit import aws_app
from tests.unit.aws_app import cluster, stacks
from tests.unit.changed import changed
from tests.unit.synthesised import Synthesised, synthesise, synthesised


def test_the_stacks_sort_in_the_order_of_the_roll_and_each_waits_for_the_previous_one(aws_default: Synthesised) -> None:
    parts = ("host", "machine", "members")
    waves = ("1-control-1", "1-control-2", "1-control-3", "2-agent-0001", "2-agent-0002")
    roll = ["0-network", "0-network-bastion", *(f"{wave}-{part}" for wave in waves for part in parts)]
    roll += [f"3-marathon-{i}-{part}" for i in (1, 2, 3) for part in ("machine", "members")]
    names = [f"prod-{name}" for name in roll]
    assert sorted(aws_default.documents) == names
    for before, name in pairwise(names):
        waits = aws_default.dependencies[name]
        assert before in waits and all(each < name for each in waits)
    assert aws_default.dependencies[names[0]] == []


def agent_stacks(directory: Path, batch: int, **aws: Any) -> set[str]:
    found = stacks(directory, cluster(agent_batch=batch, control_plane=1, zones=["eu-central-1a"], **aws))
    return {name.removeprefix("prod-2-agent-") for name in found if "-2-agent-" in name}


def waves(*names: str) -> set[str]:
    return {f"{name}-{part}" for name in names for part in ("host", "machine", "members")}


def test_a_batch_is_one_wave_and_its_name_stays_when_machines_are_added_or_leave(tmp_path: Path) -> None:
    assert agent_stacks(tmp_path, 2, agents=3) == waves("0001-0002", "0003-0004")
    assert agent_stacks(tmp_path, 2, agents=5, left=["agent-1"]) == waves("0001-0002", "0003-0004", "0005-0006")
    # A stack without machines ends those that it had. If the stack were dropped, they would keep running.
    left = {"0001-0002-host"}
    assert agent_stacks(tmp_path, 2, agents=5, left=["agent-1", "agent-2"]) == waves("0003-0004", "0005-0006") | left
    assert agent_stacks(tmp_path, 1, agents=3, left=["agent-2"]) == waves("0001", "0003") | {"0002-host"}


def test_members_that_leave_the_control_plane_end_before_the_others_get_the_new_list(tmp_path: Path) -> None:
    found = stacks(tmp_path, cluster(control_plane=5, agents=0, leaving=["control-4", "control-5"]))
    assert found["prod-1-control-4-host"] == ["prod-0-network-bastion"]
    assert found["prod-1-control-1-host"] == ["prod-1-control-5-members"]
    assert found["prod-3-marathon-4-machine"] == ["prod-1-control-3-members"]
    assert found["prod-3-marathon-1-machine"] == ["prod-3-marathon-5-members"]


def test_a_pool_has_its_own_kind_of_machines_and_is_rolled_before_the_other_agents() -> None:
    canary = AwsPool(name="canary", agents=2, first=200, instance_type="m6i.2xlarge", data_gib=400, spot=True)
    pools = [changed(canary, version="1.11.1-rc2")]
    found = synthesised(cluster(control_plane=1, agents=1, pools=pools))
    waits = found.dependencies
    assert "prod-1-control-1-members" in waits["prod-2-agent-canary-0001-host"]
    assert "prod-2-agent-canary-0002-members" in waits["prod-2-agent-0001-host"]
    (machine,) = found.of("aws_instance", "prod-2-agent-canary-0001-host").values()
    assert machine["instance_type"] == "m6i.2xlarge"
    (interface,) = found.of("aws_network_interface", "prod-2-agent-canary-0001-host").values()
    assert interface["private_ips"] == ["10.20.0.200"]
    assert machine["instance_market_options"]["market_type"] == "spot"
    (volume,) = found.of("aws_ebs_volume", "prod-2-agent-canary-0001-host").values()
    assert volume["size"] == 400
    (other,) = found.of("aws_instance", "prod-2-agent-0001-host").values()
    assert other["instance_type"] == "m6i.xlarge" and "instance_market_options" not in other
    members = found.documents["prod-2-agent-canary-0001-members"]
    assert members["variable"]["mesos_agent_version_canary"]["default"] == "1.11.1-rc2"
    assert "mesos_agent_version_canary" not in found.documents["prod-2-agent-0001-members"]["variable"]


def test_an_agent_that_leaves_is_checked_for_tasks_and_the_others_of_its_batch_stay() -> None:
    found = synthesised(cluster(agent_batch=2, control_plane=1, agents=2, leaving=["agent-2"]))
    (asked,) = found.of("docker_container", "prod-2-agent-0001-0002-machine-agent-2").values()
    assert "drain it first" in asked["entrypoint"][2]
    assert "prod-2-agent-0001-0002-machine-agent-2" in found.dependencies["prod-2-agent-0001-0002-members"]
    # The stack that the others are made ready in could not be planned without its machine otherwise.
    ready = found.of("docker_container", "prod-2-agent-0001-0002-machine")
    assert {path.split("/")[1] for path in ready} == {"agent-1"}
    members = found.of("docker_container", "prod-2-agent-0001-0002-members")
    assert {path.split("/")[1] for path in members} == {"agent-1"}
    # Its machine, and what reaches it, stay until it is in `left`.
    assert len(found.of("aws_instance", "prod-2-agent-0001-0002-host")) == 2
    assert len(found.documents["prod-2-agent-0001-0002-members"]["provider"]["docker"]) == 2


def test_stacks_of_machines_have_no_docker_provider_so_that_a_dead_machine_can_be_replaced(
    aws_default: Synthesised,
) -> None:
    for name, document in aws_default.documents.items():
        assert ("docker" in document["provider"]) is name.endswith(("-machine", "-members"))
        assert ("aws" in document["provider"]) is not name.endswith(("-machine", "-members"))


def test_clusters_in_one_account_and_vpc_share_no_name_tag_path_or_state(
    aws_default: Synthesised, aws_others: Synthesised
) -> None:
    documents = {**aws_default.documents, **aws_others.documents}
    taken: dict[str, set[str]] = {"prod": set(), "blue": set(), "green": set()}
    for stack, document in documents.items():
        mine = taken[stack.partition("-")[0]]
        for kind, resources in document.get("resource", {}).items():
            for body in resources.values():
                if kind.startswith("aws_"):
                    mine |= {f"tag {body['tags']['Name']}"} if "tags" in body else set()
                    mine |= {f"{kind} {body[key]}" for key in ("name", "key_name") if key in body}
        mine |= {f"bucket {key}" for key in re.findall(r"[a-z0-9/-]+\.tfstate", str(document["terraform"]))}
    # Policies inside of a role have one name.
    for each in taken.values():
        each.discard("aws_iam_role_policy publish")
    assert all(len(each) > 30 for each in taken.values())
    assert not taken["prod"] & taken["blue"] and not taken["prod"] & taken["green"]
    assert not taken["blue"] & taken["green"]


def test_the_tags_of_a_cluster_are_on_all_resources_that_can_have_tags(aws_others: Synthesised) -> None:
    tagged = 0
    for stack, path, _, body in aws_others.resources():
        for tags in [each["tags"] for each in (body, body.get("root_block_device", {})) if "tags" in each]:
            assert tags.get("Team") == ("Data" if stack.startswith("green-") else None), path
            tagged += 1
    assert tagged > 60


def test_nothing_is_written_if_a_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Aws: control_plane is invalid: 2. Use an odd number"):
        synthesise(tmp_path / "out", cluster(control_plane=2))
    assert not list((tmp_path / "out").rglob("*.json"))


def test_aws_accepts_all_names_even_with_the_longest_name_of_a_cluster(tmp_path: Path) -> None:
    name = "n" * 40
    found = stacks(tmp_path, cluster(name, agent_batch=1000, control_plane=1, agents=1, zones=["eu-central-1a"]))
    assert f"{name}-2-agent-0001-1000-members" in found


def test_other_ports_are_opened_and_balanced_instead_of_the_default_ones() -> None:
    settings = changed(
        cluster(control_plane=1, agents=1, load_balancer_cidrs=["10.0.0.0/8"]),
        masters=MastersSettings(port=5055),
        zookeeper=ZookeeperSettings(client_port=2182),
        marathon=MarathonSettings(libprocess_port=15102),
        agents=AgentsSettings(port=5099),
    )
    network = synthesised(settings).documents["prod-0-network"]["resource"]
    opened = {rule["from_port"] for rule in network["aws_vpc_security_group_ingress_rule"].values()}
    assert {5055, 2182, 15102, 5099} <= opened
    assert opened.isdisjoint({5050, 2181, 15101, 5051})
    assert sorted(group["port"] for group in network["aws_lb_target_group"].values()) == [5055, 8080]


def test_what_does_not_run_on_the_release_of_debian_is_refused(tmp_path: Path) -> None:
    def isolated(debian: Literal[12, 13], pool: Literal[12, 13] | None) -> Cluster:
        pools = [AwsPool(name="more", first=200, agents=1, debian=pool)] if pool else []
        found = cluster(debian=debian, pools=pools, control_plane=1, agents=1)
        return changed(found, agents=AgentsSettings(isolation="cgroups/mem"))

    stacks(tmp_path / "12", isolated(12, 12))
    for debian, pool in ((13, None), (12, 13), (13, 12)):
        with pytest.raises(ValueError, match="The host has cgroup v2, and an isolator"):
            stacks(tmp_path / f"{debian}-{pool}", isolated(debian, pool))  # type: ignore[arg-type]


def test_a_pool_may_have_another_release_of_debian() -> None:
    pools = [AwsPool(name="new", first=200, agents=1, debian=12)]
    found = synthesised(cluster(control_plane=1, agents=1, pools=pools))
    images = {
        stack: each["name"].split("/")[5]
        for stack, document in found.documents.items()
        for name, each in document.get("data", {}).get("aws_ssm_parameter", {}).items()
        if name.startswith("debian")
    }
    assert images.pop("prod-2-agent-new-0001-host") == "12"
    assert set(images.values()) == {"13"} and len(images) == 3


RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAABBEiM0Q= eve"


def test_keys_of_further_operators_are_for_new_machines_and_a_change_of_keys_replaces_none(
    aws_default: Synthesised,
) -> None:
    keys: dict[str, Any] = {"ssh_public_key": RSA, "further_ssh_public_keys": [aws_app.KEY]}
    after = synthesised(cluster(**keys))
    ((_, pair),) = after.of("aws_key_pair", "prod-0-network").items()
    # The name stays, so machines, which only know the name, stay, too.
    assert (pair["key_name"], pair["public_key"]) == ("prod", RSA)
    for name in ("0-network-bastion", "1-control-1-host", "2-agent-0001-host"):
        ((_, machine),) = after.of("aws_instance", f"prod-{name}").items()
        ((_, before),) = aws_default.of("aws_instance", f"prod-{name}").items()
        assert machine["user_data"].startswith(f'#cloud-config\n{{"ssh_authorized_keys": ["{aws_app.KEY}"], ')
        assert "ssh_authorized_keys" not in before["user_data"]
        assert "user_data" in machine["lifecycle"]["ignore_changes"]
        assert {**machine, "user_data": ""} == {**before, "user_data": ""}
