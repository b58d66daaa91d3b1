"""What Terraform plans for an existing AWS machine when its settings change."""

from __future__ import annotations

import json
import os
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.aws import Ec2Machine, Login, MachineOptions, MachineRole, Place, bindings
from cdktf_mesos.aws.cloud_init import HostSettings, user_data
from cdktf_mesos.cdk import App, LocalBackend, TerraformStack
from tests.terraform.conftest import run_terraform
from tests.terraform.moto import REGION, Moto

KEYS = [f"arn:aws:kms:{REGION}:123456789012:key/{number}" for number in (1, 2)]

PUBLISHED = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{'K' * 43}"

Plan = Callable[..., tuple[int, str]]


class Site:
    """A stack with one machine. All of it is applied, except for the wait until the machine is ready.

    Args:
        folder: a folder for the program's output and the state.
        environment: Terraform's environment.
        moto: the emulated AWS.
    """

    def __init__(self, folder: Path, environment: dict[str, str], moto: Moto) -> None:
        # Stand-ins for the commands ssh and aws: the machine is ready, and has published its host key.
        for name, says in {"aws": f"echo {PUBLISHED}", "ssh": "echo clock=$(date +%s); echo ready"}.items():
            (folder / name).write_text(f"#!/bin/sh\n{says}\n")
            (folder / name).chmod(0o755)
        own = {"PATH": f"{folder}:{os.environ['PATH']}"}
        self._folder, self._environment, self._moto = folder, {**environment, **moto.environment, **own}, moto
        api = moto.client("ec2")
        vpc = api.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        subnet = api.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24", AvailabilityZone=f"{REGION}a")["Subnet"]
        self._subnet: str = subnet["SubnetId"]
        self._ami: str = api.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        api.create_key_pair(KeyName="one")
        machine = self._synth()
        targets = (machine.instance, machine.node.find_child("attachment"))
        self._terraform("init", "-input=false")
        self._terraform(
            *("apply", "-auto-approve", "-input=false"),
            *(f"-target={each.terraform_resource_type}.{each.friendly_unique_id}" for each in targets),  # type: ignore[attr-defined]
        )

    def planned(self, **difference: Any) -> dict[str, list[str]]:
        """The planned actions for the existing AWS resources, by type, with these changes of the machine."""
        self._synth(**difference)
        self._terraform("plan", "-input=false", "-out=plan")
        changes = json.loads(self._terraform("show", "-json", "plan"))["resource_changes"]
        return {
            each["type"]: each["change"]["actions"]
            for each in changes
            if each["type"].startswith("aws_") and each["change"]["actions"] not in (["no-op"], ["read"])
        }

    def refused(self, **difference: Any) -> str:
        """The error of a plan with these changes, which must fail, on one line."""
        self._synth(**difference)
        done = run_terraform(self._stack, self._environment, "plan", "-input=false", "-no-color", check=False)
        assert done.returncode == 1, done.stdout
        return " ".join(done.stderr.replace("│", " ").split())

    def publish(self, value: str) -> None:
        """Write a value to the parameter with the machine's host key."""
        name = "/cdktf-mesos/agent-1/agent-1/1/ssh-host-key"
        self._moto.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def user_data(self) -> str:
        """What the machine's cloud-init gets."""
        api = self._moto.client("ec2")
        (instance,) = (
            instance["InstanceId"]
            for each in api.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["agent-1"]}])["Reservations"]
            for instance in each["Instances"]
        )
        answer = api.describe_instance_attribute(InstanceId=instance, Attribute="userData")
        return b64decode(answer["UserData"]["Value"]).decode()

    def apply(self) -> str:
        """Apply everything; returns Terraform's output on one line."""
        self._synth()
        words = ("apply", "-auto-approve", "-input=false", "-no-color")
        done = run_terraform(self._stack, self._environment, *words, check=False)
        return " ".join(f"{done.stdout} {done.stderr}".replace("│", " ").split())

    @property
    def _stack(self) -> Path:
        return self._folder / "out" / "stacks" / "one"

    def _terraform(self, *words: str) -> str:
        return run_terraform(self._stack, self._environment, *words, check=True).stdout

    def _synth(
        self, zone: str = f"{REGION}a", address: str = "10.8.1.10", generation: int = 1, **options: Any
    ) -> Ec2Machine:
        app = App(outdir=str(self._folder / "out"))
        stack = TerraformStack(app, "one")
        LocalBackend(stack, path=str(self._folder / "state"))
        bindings.AwsProvider(stack, "aws", region=REGION)
        machine = Ec2Machine(
            stack,
            "machine",
            name="agent-1",
            region=REGION,
            place=Place(self._subnet, zone, "10.8.1.0/24"),
            address=address,
            security_group_ids=[],
            key_name="one",
            role=MachineRole(stack, "role", name="agent-1", region=REGION),
            login=Login(),
            generation=generation,
            options=MachineOptions(**{"ami": self._ami, "kms_key_arn": KEYS[0], **options}),
        )
        app.synth()
        return machine


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str], moto: Moto) -> Site:
    return Site(tmp_path_factory.mktemp("machine"), environment, moto)


@pytest.mark.parametrize(
    "difference",
    [
        {"kms_key_arn": KEYS[1], "ami": "ami-00000001", "instance_type": "m6i.large"},
        {"kms_key_arn": None, "spot": True, "mirror": "http://mirror.example"},
        {"debian": 12, "ami": "ami-00000002"},
    ],
)
def test_other_options_replace_neither_the_machine_nor_its_volume(site: Site, difference: dict[str, Any]) -> None:
    assert not [actions for actions in site.planned(**difference).values() if "delete" in actions]


def test_the_machine_gets_the_script_as_it_is(site: Site) -> None:
    _, _, text = site.user_data().partition("\n")
    expected = user_data(HostSettings(name="agent-1", key_parameter="/key", region=REGION)).partition("\n")[2]
    script, settings = json.loads(text)["write_files"]
    assert script == json.loads(expected)["write_files"][0]
    assert re.search(
        "^DATA_DEVICE=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol[0-9a-f]+$", settings["content"], re.M
    )


def test_another_generation_replaces_the_machine_but_not_its_volume_or_interface(site: Site) -> None:
    made_anew = {
        kind for kind, actions in site.planned(generation=2, kms_key_arn=KEYS[1]).items() if "delete" in actions
    }
    assert made_anew == {"aws_instance", "aws_volume_attachment", "aws_ssm_parameter"}


def test_a_larger_data_volume_is_resized_in_place(site: Site) -> None:
    assert site.planned(data_gib=80)["aws_ebs_volume"] == ["update"]


@pytest.mark.parametrize("difference", [{"zone": f"{REGION}b"}, {"address": "10.8.1.11"}])
def test_an_existing_machine_cannot_move_to_another_zone_or_address(site: Site, difference: dict[str, str]) -> None:
    output = site.refused(**difference)
    assert "one/machine: place, address is invalid:" in output and next(iter(difference.values())) in output
    assert f"{REGION}a, 10.8.1.10, where its data are" in output


def test_only_a_well_formed_host_key_gets_into_a_command(site: Site) -> None:
    site.publish(PUBLISHED)
    assert "Apply complete" in site.apply()
    site.publish(f"{PUBLISHED}'\n-o ProxyCommand='$(id)'")
    output = site.apply()
    assert "one/machine: the parameter /cdktf-mesos/agent-1/agent-1/1/ssh-host-key does not have a host key" in output
