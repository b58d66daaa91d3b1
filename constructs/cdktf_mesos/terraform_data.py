"""Terraform's built-in resource `terraform_data`, which keeps values in the state and runs programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.cdk import ITerraformDependable, LocalExecProvisioner, TerraformResource, TerraformResourceLifecycle
from cdktf_mesos.expressions import literal


class TerraformData(TerraformResource):
    """A resource `terraform_data`. It does the same as the CDK's `DataResource`, but faster.

    For each `DataResource`, the CDK runs `terraform version` at synth, to check that it is 1.4 or later. That takes 80
    ms or more each time, and a machine has two such resources. This package needs Terraform 1.5 anyway.

    Args:
        scope: the stack, or a construct in it.
        id_: unique in the scope.
        input: values that the state keeps; text in them is literal. By default there are none.
        triggers_replace: values whose change replaces the resource; by default there are none.
        lifecycle: Terraform's `lifecycle` of the resource.
        provisioners: programs that Terraform runs when it makes or destroys the resource.
        depends_on: what Terraform must make before.
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
        """A reference to a value of `input` in the state, to be part of an expression: without `${` and `}`."""
        return f"{self.terraform_resource_type}.{self.friendly_unique_id}.output.{name}"


def run_here(script: Path, environment: Mapping[str, str], *, when: str | None = None) -> LocalExecProvisioner:
    """A provisioner that runs a bash script on the machine that deploys; by default when the resource is made."""
    return LocalExecProvisioner(
        type="local-exec",
        interpreter=["bash", "-c"],
        # If the script fails, Terraform shows this command before the script's output. So it is short.
        command='bash -c "$SCRIPT"',
        environment=literal({**environment, "SCRIPT": scripts.text_of(script)}),
        when=when,
    )
