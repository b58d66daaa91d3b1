from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.aws import StateBucket, keep_state
from cdktf_mesos.cdk import App, TerraformStack, Testing
from stacks import add_cluster
from stacks.state import new_stack
from tests.unit.aws_app import cluster

KEY = "arn:aws:kms:eu-central-1:123456789012:key/12345678"


def resources(**arguments: Any) -> dict[str, Any]:
    stack = TerraformStack(App(), "bootstrap")
    StateBucket(stack, "states", **{"name": "our-states", "region": "eu-central-1", **arguments})
    found: dict[str, Any] = json.loads(Testing.synth(stack))["resource"]
    return {kind: next(iter(named.values())) for kind, named in found.items()}


@pytest.mark.parametrize("name", ["abc", "our.states", "our-.states", "1-of-2", "1.2.3", "a" * 63])
def test_a_name_that_s3_accepts_is_accepted(name: str) -> None:
    assert resources(name=name)["aws_s3_bucket"]["bucket"] == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "ab", "a" * 64, "Our-states", "our_states", "-states", "states-", ".states", "our..states"),
        *("10.20.30.40", "xn--states", "amzn-s3-demo-states", "states-s3alias", "states--x-s3", "states.mrap"),
        "${var.name}",
    ],
)
def test_a_name_that_s3_refuses_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="bootstrap/states: name is invalid: '") as error:
        resources(name=name)
    assert repr(name) in str(error.value)


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ValueError, match="region is invalid: 'eu-centrall-1'. Use a region of AWS: eu-central-1"):
        resources(region="eu-centrall-1")


def test_the_policy_names_the_bucket_in_its_partition_of_aws() -> None:
    statement = json.loads(resources(region="cn-north-1")["aws_s3_bucket_policy"]["policy"])["Statement"][0]
    assert statement["Resource"] == ["arn:aws-cn:s3:::our-states", "arn:aws-cn:s3:::our-states/*"]


def test_the_bucket_is_encrypted_with_the_given_key() -> None:
    rule = resources(kms_key_arn=KEY)["aws_s3_bucket_server_side_encryption_configuration"]["rule"][0]
    default = {"sse_algorithm": "aws:kms", "kms_master_key_id": KEY}
    assert rule == {"apply_server_side_encryption_by_default": default, "bucket_key_enabled": True}


def test_no_plan_destroys_the_bucket() -> None:
    assert resources()["aws_s3_bucket"]["lifecycle"] == {"prevent_destroy": True}


@pytest.mark.parametrize("key", ["", "/network.tfstate", "network/"])
def test_a_state_needs_a_key(key: str) -> None:
    with pytest.raises(ValueError, match="network: key is invalid: .*'cluster7/0-network.tfstate'"):
        keep_state(TerraformStack(App(), "network"), bucket="our-states", key=key, region="eu-central-1")


def test_each_stack_of_the_application_has_a_state_in_the_bucket() -> None:
    stack = new_stack(App(), cluster(state_bucket="our-states"), "0-network")
    backend = json.loads(Testing.synth(stack))["terraform"]["backend"]
    where = {"bucket": "our-states", "key": "prod/0-network.tfstate", "region": "eu-central-1"}
    assert backend == {"s3": {**where, "use_lockfile": True}}


def test_files_that_stay_after_a_move_to_the_bucket_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = {"type": "docker_container", "instances": [{}], "provider": 'provider["docker"].agent-9'}
    (tmp_path / "terraform.prod-2-agent-0009-members.tfstate").write_text(json.dumps({"resources": [container]}))
    monkeypatch.chdir(tmp_path)
    smallest: dict[str, Any] = {"control_plane": 1, "agents": 0}
    with pytest.raises(ValueError, match="'agent-9' is missing, but its members still run"):
        add_cluster(App(outdir=str(tmp_path / "here")), cluster(**smallest))
    add_cluster(App(outdir=str(tmp_path / "bucket")), cluster(state_bucket="our-states", **smallest))


def test_a_machine_is_not_dropped_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    machine = {"type": "aws_instance", "instances": [{}]}
    for name in ("prod", "prod-eu"):
        path = tmp_path / f"terraform.{name}-2-agent-0001-host.tfstate"
        path.write_text(json.dumps({"resources": [machine]}))
    add_cluster(App(outdir=str(tmp_path / "there")), cluster(control_plane=1, agents=1))
    message = "Aws: prod-2-agent-0001-host is missing, but its machines still run .*with their names in left"
    with pytest.raises(ValueError, match=message):
        add_cluster(App(outdir=str(tmp_path / "gone")), cluster(control_plane=1, agents=0))
    (tmp_path / "terraform.prod-2-agent-0001-host.tfstate").write_text(json.dumps({"resources": []}))
    add_cluster(App(outdir=str(tmp_path / "ended")), cluster(control_plane=1, agents=0))
