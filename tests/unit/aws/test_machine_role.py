from __future__ import annotations

import json

import pytest

from cdktf_mesos.aws import MachineRole
from cdktf_mesos.cdk import TerraformStack
from tests.unit.conftest import Synth
from tests.unit.synthesised import Synthesised, resources


def test_a_role_may_only_publish_host_keys_below_its_own_path(aws_default: Synthesised) -> None:
    policies = aws_default.of("aws_iam_role_policy")
    names = {path.rpartition("/")[0]: each["name"] for path, each in aws_default.of("aws_iam_role").items()}
    assert len(policies) == len(names) == 6
    for path, each in policies.items():
        (statement,) = json.loads(each["policy"])["Statement"]
        name = names[path.rpartition("/")[0]]
        assert statement == {
            "Effect": "Allow",
            "Action": "ssm:PutParameter",
            "Resource": f"arn:aws:ssm:eu-central-1:*:parameter/cdktf-mesos/{name}/*",
        }
    assert not aws_default.of("aws_iam_role_policy_attachment")


def test_the_parameter_of_a_machine_is_one_that_its_own_role_may_write(aws_default: Synthesised) -> None:
    for path, each in aws_default.of("aws_ssm_parameter").items():
        stack = path.partition("/")[0]
        (role,) = aws_default.of("aws_iam_role", stack).values()
        assert each["name"].startswith(f"/cdktf-mesos/{role['name']}/")


def test_only_ec2_may_assume_a_role(aws_default: Synthesised) -> None:
    for each in aws_default.of("aws_iam_role").values():
        (statement,) = json.loads(each["assume_role_policy"])["Statement"]
        assert (statement["Action"], statement["Principal"]) == ("sts:AssumeRole", {"Service": "ec2.amazonaws.com"})


def test_the_session_manager_is_allowed_only_if_it_is_the_way_in(aws_others: Synthesised) -> None:
    attached = aws_others.of("aws_iam_role_policy_attachment")
    assert len(attached) == 4 and all(path.startswith("green-") for path in attached)
    assert {each["policy_arn"] for each in attached.values()} == {
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    }


def test_an_arn_has_the_partition_of_its_region(aws_stack: TerraformStack, synth: Synth) -> None:
    MachineRole(aws_stack, "role", name="m1", region="cn-north-1")
    (policy,) = [body["policy"] for kind, _, body in resources(synth()) if kind == "aws_iam_role_policy"]
    assert '"arn:aws-cn:ssm:cn-north-1:*:parameter/cdktf-mesos/m1/*"' in policy


@pytest.mark.parametrize(
    ("name", "region", "message"),
    [
        ("n" * 65, "eu-central-1", "stack/role: name is invalid: 'n+'. Use 1 to 64 letters"),
        ("a b", "eu-central-1", "stack/role: name is invalid: 'a b'. Use 1 to 64 letters"),
        ("m1", "mars-1", "stack/role: region is invalid: 'mars-1'. Use a region of AWS"),
    ],
)
def test_an_invalid_role_is_refused(stack: TerraformStack, name: str, region: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MachineRole(stack, "role", name=name, region=region)
