"""Terraform's own resource `terraform_data`: keeps values in the state, and runs programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cdktf_mesos.cdk import ITerraformDependable, LocalExecProvisioner, TerraformResource, TerraformResourceLifecycle
from cdktf_mesos.expressions import literal


class TerraformData(TerraformResource):
    """A resource `terraform_data`, as the CDK's `DataResource`.

    That one has the CDK run `terraform version` at synth, once for each resource, to see whether it is 1.4 or later:
    80 ms and more for each, and there are two for a machine. This package needs 1.5 anyway.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        input: values that the state keeps; none by default. Text in them is literal.
        triggers_replace: values that replace the resource when they change; none by default.
        lifecycle: Terraform's.
        provisioners: programs that are run when the resource is made or destroyed.
        depends_on: what Terraform must have made before.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        input: Mapping[str, object] | None = None,
        triggers_replace: Mapping[str, object] | None = None,
        lifecycle: TerraformResourceLifecycle | None = None,
        provisioners: Sequence[LocalExecProvisioner] = (),
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(
            scope,
            id_,
            terraform_resource_type="terraform_data",
            lifecycle=lifecycle,
            provisioners=list(provisioners) or None,
            depends_on=list(depends_on) or None,
        )
        if input is not None:
            self.add_override("input", literal(input))
        if triggers_replace is not None:
            self.add_override("triggers_replace", literal(triggers_replace))

    def output(self, name: str) -> str:
        """A value of `input` as the state has it, as part of an expression: without `${` and `}`."""
        return f"{self.terraform_resource_type}.{self.friendly_unique_id}.output.{name}"
