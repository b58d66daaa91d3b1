"""The IAM role of a machine: what the machine itself may do on AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import check_region, partition
from cdktf_mesos.errors import invalid


class MachineRole(Construct):
    """An instance role that may only publish the ssh host keys of its machines.

    A machine could publish a key for another machine with the same role. So give each machine its own role if one must
    not be able to impersonate another.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        name: the role's name, unique in the account; also part of the names of the machines' parameters.
        region: the region of the parameters.
        session_manager: whether the machines can be reached by AWS's Session Manager; by default False.
        tags: tags of the role; by default there are none.

    Raises:
        ValueError: IAM does not accept the name; the region is unknown.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        region: str,
        session_manager: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, id_)
        if not re.fullmatch("[A-Za-z0-9_.-]{1,64}", name):
            remedy = "Use 1 to 64 letters, digits, '_', '.' and '-', which IAM accepts"
            raise invalid(self, "name", name, remedy)
        arn = f"arn:{partition(check_region(self, region))}"
        self.path = f"/cdktf-mesos/{name}"
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
        publish = {
            "Effect": "Allow",
            "Action": "ssm:PutParameter",
            "Resource": f"{arn}:ssm:{region}:*:parameter{self.path}/*",
        }
        named = {**(tags or {}), "Name": name}
        role = bindings.IamRole(self, "role", name=name, assume_role_policy=_policy(trust), tags=named)
        self.policy = bindings.IamRolePolicy(self, "publish", name="publish", role=role.id, policy=_policy(publish))
        if session_manager:
            bindings.IamRolePolicyAttachment(
                self,
                "session-manager",
                role=role.name,
                policy_arn=f"{arn}:iam::aws:policy/AmazonSSMManagedInstanceCore",
            )
        self.profile = bindings.IamInstanceProfile(self, "profile", name=name, role=role.name, tags=named)


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
