"""The wait of a deploy until a new machine is ready for a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos.aws.login import HOST_KEY, Login, WayIn
from cdktf_mesos.cdk import ITerraformDependable
from cdktf_mesos.host.ssh import ssh_words
from cdktf_mesos.terraform_data import TerraformData, run_here

_SCRIPT = Path(__file__).with_name("readiness.sh")


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
