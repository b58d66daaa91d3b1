"""The wait of a deploy until a new machine is ready for a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.aws.login import HOST_KEY, Login, WayIn
from cdktf_mesos.aws.terraform_data import TerraformData
from cdktf_mesos.cdk import ITerraformDependable, LocalExecProvisioner
from cdktf_mesos.expressions import literal
from cdktf_mesos.host.ssh import ssh_words

_SCRIPT = Path(__file__).with_name("readiness.sh")


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


def wait_until_ready(
    scope: Construct,
    *,
    name: str,
    address: str,
    login: Login,
    way_in: WayIn | None,
    instance_id: str,
    parameter: str,
    region: str,
    seconds: int,
    after: Sequence[ITerraformDependable],
) -> TerraformData:
    """A resource that is complete once the machine has published its host key and reports that it is ready.

    The check runs once for each instance. Later failures of the machine are left to the members' health checks.
    """
    environment = {
        "NAME": name,
        "ADDRESS": address,
        "LOGIN": login.user,
        "OPTIONS": "\n".join(ssh_words(f"{login.user}@{address}", login.route(way_in, instance_id))),
        "INSTANCE": instance_id,
        "PARAMETER": parameter,
        "REGION": region,
        "HOST_KEY": HOST_KEY,
        "SECONDS_AT_MOST": str(seconds),
    }
    return TerraformData(
        scope,
        "ready",
        triggers_replace={"instance": instance_id},
        provisioners=[run_here(_SCRIPT, environment)],
        depends_on=after,
    )
