"""Refuses to end a machine that its sets cannot do without."""

from __future__ import annotations

from collections.abc import Sequence

from constructs import Construct

from cdktf_mesos.aws.login import Login, trust
from cdktf_mesos.aws.machine import Ec2Machine
from cdktf_mesos.aws.readiness import run_here
from cdktf_mesos.cdk import DataResource
from cdktf_mesos.host.host import SSH_OPTIONS
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import OVERRIDE, PATIENCE_SECONDS

# Terraform ends what depends on a machine before the machine, and goes no further where that fails. It then gives
# nothing but what was stored with it (Terraform docs, destroy-time provisioners).
_ASK = f"""
if [ "$(printenv TF_VAR_{OVERRIDE})" = true ]; then exit 0; fi
options=()
while IFS= read -r word; do options+=("$word"); done <<< "$OPTIONS"
ssh "${{options[@]}}" "$VANTAGE" bash -s <<< "$QUESTION" >&2 && exit 0
echo "$NAME stays: not every other member of its sets is known to be healthy. Mend them first;" \\
    "TF_VAR_{OVERRIDE}=true in the environment ends it all the same" >&2
exit 1
"""


class ReplacementGuard(Construct):
    """Asks, before a machine is replaced or destroyed, whether every other member of its sets serves.

    So a machine whose own members do not run may go, and one without which there is no quorum may not. The question is
    asked from another machine, since this one may be dead. The environment variable `TF_VAR_override_preflight=true`
    lets a repair pass.

    Args:
        scope: the stack of the machine, or a construct in it.
        id_: unique in the scope.
        machine: the one to be guarded.
        sets: the roles with a member on it.
        vantage: the machine that asks: one that reaches the members' ports, as the bastion does.
        login: who logs in there.
        patience_seconds: how long the other members may take to serve; by default 60.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        machine: Ec2Machine,
        sets: Sequence[Role],
        vantage: Ec2Machine,
        login: Login,
        patience_seconds: int = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(scope, id_)
        options = [*trust(vantage.reached_at, vantage.host_key), *login.route(), *SSH_OPTIONS]
        DataResource(
            self,
            "guard",
            input={
                "OPTIONS": "\n".join(options),
                "VANTAGE": f"{login.user}@{vantage.reached_at}",
                "QUESTION": "\n".join(_question(each, machine.address, patience_seconds) for each in sets),
                "NAME": machine.name,
            },
            triggers_replace={"instance": machine.instance.id},
            provisioners=[
                run_here(
                    _ASK,
                    {name: f"${{self.input.{name}}}" for name in ("OPTIONS", "VANTAGE", "QUESTION", "NAME")},
                    when="destroy",
                )
            ],
            depends_on=[machine.ready],
        )


def _question(role: Role, address: str, patience: int) -> str:
    ready = role.probe.may_be_touched(address, role.addresses())
    return (
        f"(\n{ready}\nuntil why=$(ready); do [ $SECONDS -lt {patience} ] || "
        f'{{ echo "not every other {role.role} serves: $why"; exit 1; }}; sleep 1; done\n) || exit 1'
    )
