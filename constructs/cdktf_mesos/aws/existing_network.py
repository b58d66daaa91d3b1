"""The network of a cluster: the part of an existing VPC that is given."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

from constructs import Construct

from cdktf_mesos.aws import bindings
from cdktf_mesos.aws.places import Place, check_disjoint, check_range
from cdktf_mesos.cdk import Postcondition, TerraformResourceLifecycle
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import literal, quoted


class ExistingNetwork(Construct):
    """A VPC that exists, and the subnets of it that are given; checked by every plan.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        vpc_id: of the VPC.
        private: its subnets for the cluster's machines, in the order in which these are spread over them. They need a
            way to packages and images, which is not this construct's.
        public: its subnets for the bastion; none are needed with the Session Manager.

    Raises:
        ValueError: no private subnets; ranges that are none or overlap.
    """

    def __init__(
        self, scope: Construct, id_: str, *, vpc_id: str, private: Sequence[Place], public: Sequence[Place] = ()
    ) -> None:
        super().__init__(scope, id_)
        if not private:
            raise invalid(self, "private", private, "one or more subnets of the VPC")
        self.vpc_id = vpc_id
        self.private = [self._found(f"private[{i}]", vpc_id, place) for i, place in enumerate(private)]
        self.public = [self._found(f"public[{i}]", vpc_id, place) for i, place in enumerate(public)]
        named = {f"private[{i}]": IPv4Network(each.cidr) for i, each in enumerate(private)}
        check_disjoint(self, named | {f"public[{i}]": IPv4Network(each.cidr) for i, each in enumerate(public)})

    def _found(self, argument: str, vpc_id: str, place: Place) -> Place:
        check_range(self, argument, place.cidr)
        said = {"vpc_id": vpc_id, "availability_zone": place.zone, "cidr_block": place.cidr}
        path = literal(f"{self.node.path}: {argument}={place.id!r}")
        conditions = [
            Postcondition(
                condition=f"${{self.{attribute} == {quoted(value)}}}",
                error_message=f"{path}: its {attribute} is ${{self.{attribute}}}, and "
                + literal(f"{value} is what was given"),
            )
            for attribute, value in said.items()
        ]
        data = bindings.DataAwsSubnet(
            self,
            argument.replace("[", "-").replace("]", ""),
            id=place.id,
            lifecycle=TerraformResourceLifecycle(postcondition=conditions),
        )
        return Place(data.id, place.zone, place.cidr)
