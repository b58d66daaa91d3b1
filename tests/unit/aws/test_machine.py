from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.aws import Ec2Machine, Login, MachineOptions, MachineRole, Place, bindings
from cdktf_mesos.cdk import App, TerraformStack
from tests.unit.conftest import Synth
from tests.unit.synthesised import Document, Synthesised, resources

PLACE = Place("subnet-1", "eu-central-1a", "10.20.0.0/20")


def machine(stack: TerraformStack, **more: Any) -> Ec2Machine:
    settings: dict[str, Any] = {
        "name": "prod-agent-1",
        "region": "eu-central-1",
        "place": PLACE,
        "address": "10.20.0.20",
        "security_group_ids": ["sg-1"],
        "key_name": "prod",
        "role": MachineRole(stack, "role", name="prod-agent-1", region="eu-central-1"),
        "login": Login(),
    }
    return Ec2Machine(stack, "machine", **{**settings, **more})


def by_kind(document: Document) -> dict[str, Document]:
    """The resources of a stack with one machine, by type; those of type `terraform_data` by their ids."""
    found = [(kind, path.rpartition("/")[2], body) for kind, path, body in resources(document)]
    return {name if kind == "terraform_data" else kind: body for kind, name, body in found}


def test_only_the_instances_own_processes_get_its_credentials_and_its_disks_are_encrypted(
    aws_default: Synthesised,
) -> None:
    instances = aws_default.of("aws_instance")
    assert len(instances) == 6
    for each in instances.values():
        assert each["metadata_options"] == {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        }
        assert each["root_block_device"]["encrypted"] and each["root_block_device"]["tags"] == each["tags"]
    assert all(each["encrypted"] for each in aws_default.of("aws_ebs_volume").values())


def test_a_given_key_encrypts_all_volumes(aws_others: Synthesised) -> None:
    key = "arn:aws:kms:eu-central-1:111122223333:key/1"
    documents = [document for name, document in aws_others.documents.items() if name.startswith("green-")]
    bodies = [(kind, body) for document in documents for kind, _, body in resources(document)]
    assert {body["root_block_device"]["kms_key_id"] for kind, body in bodies if kind == "aws_instance"} == {key}
    assert {body["kms_key_id"] for kind, body in bodies if kind == "aws_ebs_volume"} == {key}


def test_data_and_address_stay_when_the_instance_is_replaced(aws_stack: TerraformStack, synth: Synth) -> None:
    machine(aws_stack, options=MachineOptions(data_gib=70))
    found = by_kind(synth())
    volume, instance = found["aws_ebs_volume"], found["aws_instance"]
    assert (volume["size"], volume["final_snapshot"], volume["availability_zone"]) == (70, True, "eu-central-1a")
    assert not {"ebs_block_device", "private_ip", "subnet_id", "vpc_security_group_ids"} & set(instance)
    assert found["aws_volume_attachment"]["stop_instance_before_detaching"] is True
    assert found["aws_network_interface"]["private_ips"] == ["10.20.0.20"]
    # Another key would replace the volume, and the data would be lost.
    assert volume["lifecycle"] == {"ignore_changes": ["kms_key_id"]}
    # Neither refers to the instance, so that no change of it replaces them.
    assert "aws_instance" not in str(volume) + str(found["aws_network_interface"])


def test_only_another_generation_replaces_an_instance(aws_stack: TerraformStack, synth: Synth) -> None:
    machine(aws_stack, generation=3)
    found = by_kind(synth())
    assert found["generation"]["input"] == {"generation": 3}
    assert found["aws_instance"]["lifecycle"] == {
        "ignore_changes": [
            *("ami", "user_data", "instance_type", "instance_market_options"),
            "root_block_device[0].kms_key_id",
        ],
        "replace_triggered_by": [f"terraform_data.{found['generation']['//']['metadata']['uniqueId']}"],
    }
    # The key of the one before must not be taken for this one's.
    assert found["aws_ssm_parameter"]["name"] == "/cdktf-mesos/prod-agent-1/prod-agent-1/3/ssh-host-key"
    assert found["aws_ssm_parameter"]["lifecycle"] == {"ignore_changes": ["insecure_value"]}


def test_the_control_plane_is_protected_from_termination_and_agents_are_not(aws_default: Synthesised) -> None:
    protected = {path: each["disable_api_termination"] for path, each in aws_default.of("aws_instance").items()}
    assert protected == {path: "-control-" in path for path in protected}


def test_only_agents_are_spot_instances_and_these_are_never_stopped(aws_others: Synthesised) -> None:
    spot = {path: each.get("instance_market_options") for path, each in aws_others.of("aws_instance").items()}
    assert spot == {path: {"market_type": "spot"} if path.startswith("green-2-agent") else None for path in spot}
    for path, each in aws_others.of("aws_volume_attachment").items():
        assert (each["stop_instance_before_detaching"], each["skip_destroy"]) == (
            (False, True) if path.startswith("green-2-agent") else (True, False)
        )


def test_a_machine_without_a_way_in_has_a_public_address_of_its_own(aws_stack: TerraformStack, synth: Synth) -> None:
    made = machine(aws_stack, engine=False, options=MachineOptions(data_gib=0))
    assert made.reached_at != "10.20.0.20"
    found = by_kind(synth())
    assert found["aws_eip"]["network_interface"].startswith("${aws_network_interface.")
    assert "aws_ebs_volume" not in found and "ENGINE=no" in found["aws_instance"]["user_data"]


def test_only_another_instance_is_checked_again(aws_stack: TerraformStack, synth: Synth) -> None:
    machine(aws_stack, options=MachineOptions(ami="ami-1", ready_seconds=30))
    document = synth()
    found = by_kind(document)
    ready = found["ready"]
    assert ready["triggers_replace"] == {
        "instance": found["ready"]["provisioner"][0]["local-exec"]["environment"]["INSTANCE"]
    }
    assert ready["depends_on"] == [
        f"aws_volume_attachment.{found['aws_volume_attachment']['//']['metadata']['uniqueId']}"
    ]
    assert ready["provisioner"][0]["local-exec"]["environment"]["SECONDS_AT_MOST"] == "30"
    # A login trusts the published key only after that.
    (published,) = document["data"]["aws_ssm_parameter"].values()
    assert published["depends_on"] == [f"terraform_data.{ready['//']['metadata']['uniqueId']}"]


def test_a_stack_looks_the_newest_image_up_once(aws_others: Synthesised) -> None:
    bastion = aws_others.documents["blue-0-network-bastion"]["data"]["aws_ssm_parameter"]
    assert bastion["debian-13"]["name"] == "/aws/service/debian/release/13/latest/amd64"
    assert "debian-13" not in aws_others.documents["green-1-control-1-host"]["data"]["aws_ssm_parameter"]


def test_another_release_of_debian_changes_only_the_image_which_a_machine_keeps(tmp_path: Path) -> None:
    found: list[dict[str, Any]] = []
    for options in (MachineOptions(debian=12), MachineOptions(debian=13), MachineOptions()):
        app = App(outdir=str(tmp_path / str(len(found))))
        stack = TerraformStack(app, "stack")
        bindings.AwsProvider(stack, "aws", region="eu-central-1")
        machine(stack, options=options)
        app.synth()
        text = (Path(app.outdir) / "stacks/stack/cdk.tf.json").read_text()
        found.append(json.loads(text.replace(str(app.outdir), "")))
    instances = [next(iter(each["resource"]["aws_instance"].values())) for each in found]
    images = [instance.pop("ami") for instance in instances]
    assert "ami" in instances[0]["lifecycle"]["ignore_changes"]
    assert found[0]["resource"] == found[1]["resource"] == found[2]["resource"]
    assert images[0] != images[1] == images[2]
    names = [{each["name"] for each in document["data"]["aws_ssm_parameter"].values()} for document in found]
    for release, name in zip((12, 13, 13), names, strict=True):
        assert f"/aws/service/debian/release/{release}/latest/amd64" in name


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"address": "10.20.0.0"}, "address is invalid: '10.20.0.0'. Use an address from 10.20.0.4 to 10.20.15.254"),
        ({"address": "10.20.16.4"}, "stack/machine: address is invalid: '10.20.16.4'. Use an address from"),
        ({"generation": 0}, "stack/machine: generation is invalid: 0. Use a whole number, 1 or more"),
        ({"options": MachineOptions(root_gib=0)}, "stack/machine: root_gib is invalid: 0. Use a whole number"),
        ({"options": MachineOptions(data_gib=-1)}, "stack/machine: data_gib is invalid: -1. Use a whole number"),
        ({"options": MachineOptions(debian=11)}, "stack/machine: debian is invalid: 11. Use 12 or 13"),  # type: ignore[arg-type]
        ({"options": MachineOptions(ready_seconds=0)}, "stack/machine: ready_seconds is invalid: 0. Use a whole"),
        ({"options": MachineOptions(mirror="ftp://x")}, "HostSettings: mirror is invalid: 'ftp://x'. Use an http"),
        ({"login": Login("not me")}, "HostSettings: login_user is invalid: 'not me'. Use the name of a user"),
    ],
)
def test_an_invalid_machine_is_refused(stack: TerraformStack, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        machine(stack, **more)
