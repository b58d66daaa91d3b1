"""Prevents Terraform from ending a machine while its sets cannot do without it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.aws.login import Login, trust
from cdktf_mesos.aws.machine import Ec2Machine
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.expressions import expression, shell_word
from cdktf_mesos.host.ssh import ssh_words
from cdktf_mesos.role.probe import OTHERS_SERVE
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.preflight import PATIENCE_SECONDS
from cdktf_mesos.security.files import source_of
from cdktf_mesos.terraform_data import TerraformData, run_here

_ASK = Path(__file__).with_name("replacement_guard.sh")

_AUTHORITY = Path(__file__).with_name("authority.sh")


class ReplacementGuard(Construct):
    """Checks, before a machine is replaced or destroyed, that every other member of its sets serves.

    So a machine may end if its own members do not run. It may not end if its loss would end a quorum. The check runs on
    another machine, because this one may be dead. The environment variable `TF_VAR_override_preflight=true` lets a
    repair pass.

    Args:
        scope: the stack of the machine, or a construct in it.
        id_: unique in the scope.
        machine: the machine to be guarded.
        roles: the roles that have a member on it.
        vantage: the machine that runs the check. It must reach the members' ports, as the bastion does.
        login: the user that logs in to that machine, and the options of ssh.
        patience_seconds: how long the other members may take to serve, in seconds; by default 60.
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
        # Only the paths of the logins: the machine that deploys reads the files. Marathon's differs from Mesos's.
        stack = TerraformStack.of(self)
        logins = [f"{each.role} {source_of(stack, each.probe.login)}" for each in roles if each.probe.login]
        secrets = {"LOGIN_FILES": "\n".join(logins)} if logins else {}
        # Terraform destroys resources that depend on a machine before the machine, and stops if that fails. A
        # provisioner that runs then gets only values that are stored in its own resource (Terraform docs, destroy-time
        # provisioners).
        TerraformData(
            self,
            "guard",
            input=stored,
            triggers_replace={"instance": machine.instance.id},
            provisioners=[
                run_here(
                    _ASK,
                    {**{name: expression(f"${{self.input.{name}}}") for name in stored}, **secrets},
                    when="destroy",
                )
            ],
            depends_on=[machine.ready],
        )


def _question(role: Role, address: str, patience: int) -> str:
    """A script for bash on the other machine, with its arguments in it.

    The questions for all sets are one stored value. With a value for each set, a destroy would fail if the program has
    a set that is not in the state yet.
    """
    files, arguments = role.probe.may_be_replaced(address, role.addresses())
    words = " ".join(map(shell_word, [role.role, str(patience), *arguments]))
    login = f"export LOGIN=$LOGIN_OF_{role.role}\n" if role.probe.login else ""
    if role.probe.ca:
        login += f"AUTHORITY={shell_word(role.probe.ca.text)}\n{scripts.joined(_AUTHORITY)}\n"
    return f"(\n{login}set -- {words}\n{scripts.joined(*files, OTHERS_SERVE)}\n) || exit 1"
