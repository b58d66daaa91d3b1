"""The network of a cluster in an existing VPC."""

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
    """An existing VPC, and those of its subnets that the cluster uses. Every plan checks that they are as given.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        vpc_id: the id of the VPC.
        private: its subnets for the cluster's machines, which are spread over them in this order. The machines need a
            route to packages and images; this construct does not make one.
        public: its subnets for the bastion; by default none, which is enough with the Session Manager.

    Raises:
        ValueError: there are no private subnets; ranges are malformed or overlap.
    """

    def __init__(
        self, scope: Construct, id_: str, *, vpc_id: str, private: Sequence[Place], public: Sequence[Place] = ()
    ) -> None:
        super().__init__(scope, id_)
        if not private:
            raise invalid(self, "private", private, "Give one or more subnets of the VPC")
        self.vpc_id = vpc_id
        self.private = [self._found(f"private[{i}]", vpc_id, place) for i, place in enumerate(private)]
        self.public = [self._found(f"public[{i}]", vpc_id, place) for i, place in enumerate(public)]
        named = {f"private[{i}]": IPv4Network(each.cidr) for i, each in enumerate(private)}
        check_disjoint(self, named | {f"public[{i}]": IPv4Network(each.cidr) for i, each in enumerate(public)})

    def _found(self, argument: str, vpc_id: str, place: Place) -> Place:
        check_range(self, argument, place.cidr)
        given = {"vpc_id": vpc_id, "availability_zone": place.zone, "cidr_block": place.cidr}
        error = literal(f"{self.node.path}: {argument} is invalid: {place.id!r}. ")
        conditions = [
            Postcondition(
                condition=f"${{self.{attribute} == {quoted(value)}}}",
                error_message=error
                + literal(f"Use a subnet with the {attribute} {value}: this one has ")
                + f"${{self.{attribute}}}",
            )
            for attribute, value in given.items()
        ]
        data = bindings.DataAwsSubnet(
            self,
            argument.replace("[", "-").replace("]", ""),
            id=place.id,
            lifecycle=TerraformResourceLifecycle(postcondition=conditions),
        )
        return Place(data.id, place.zone, place.cidr)
