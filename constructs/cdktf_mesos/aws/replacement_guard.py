"""Refuses to end a machine that its sets cannot do without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.aws.login import Login, trust
from cdktf_mesos.aws.machine import Ec2Machine
from cdktf_mesos.aws.readiness import run_here
from cdktf_mesos.aws.terraform_data import TerraformData
from cdktf_mesos.expressions import expression, shell_word
from cdktf_mesos.host.ssh import ssh_words
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import PATIENCE_SECONDS

_HERE = Path(__file__).parent
_ASK, _OTHERS_SERVE = _HERE / "replacement_guard.sh", _HERE / "others_serve.sh"


class ReplacementGuard(Construct):
    """Asks, before a machine is replaced or destroyed, whether every other member of its sets serves.

    So a machine whose own members do not run may go, and one without which there is no quorum may not. The question is
    asked from another machine, since this one may be dead. The environment variable `TF_VAR_override_preflight=true`
    lets a repair pass.

    Args:
        scope: the stack of the machine, or a construct in it.
        id_: unique in the scope.
        machine: the one to be guarded.
        roles: those with a member on it.
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
        roles: Sequence[Role],
        vantage: Ec2Machine,
        login: Login,
        patience_seconds: int = PATIENCE_SECONDS,
    ) -> None:
        super().__init__(scope, id_)
        options = [*trust(vantage.reached_at, vantage.host_key), *login.route()]
        destination = f"{login.user}@{vantage.reached_at}"
        stored = {
            "OPTIONS": "\n".join(ssh_words(destination, options)),
            "VANTAGE": destination,
            "QUESTION": "\n".join(_question(each, machine.address, patience_seconds) for each in roles),
            "NAME": machine.name,
        }
        # Terraform ends what depends on a machine before the machine, and goes no further where that fails. It then
        # gives nothing but what was stored with it (Terraform docs, destroy-time provisioners).
        TerraformData(
            self,
            "guard",
            input=stored,
            triggers_replace={"instance": machine.instance.id},
            provisioners=[
                run_here(_ASK, {name: expression(f"${{self.input.{name}}}") for name in stored}, when="destroy")
            ],
            depends_on=[machine.ready],
        )


def _question(role: Role, address: str, patience: int) -> str:
    """A script for the other machine's bash, with its arguments in it.

    All sets' are one value: a destroy fails where the program reads a name that the state does not have yet.
    """
    files, arguments = role.probe.may_be_replaced(address, role.addresses())
    words = " ".join(map(shell_word, [role.role, str(patience), *arguments]))
    return f"(\nset -- {words}\n{scripts.joined(*files, _OTHERS_SERVE)}\n) || exit 1"
