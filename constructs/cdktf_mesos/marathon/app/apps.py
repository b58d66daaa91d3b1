"""The apps that a program keeps on Marathon: where its scripts run, and the removal of apps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import scripts
from cdktf_mesos.cdk import ITerraformDependable, TerraformStack
from cdktf_mesos.errors import invalid
from cdktf_mesos.expressions import expression, shell_word
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.marathon.marathon import Marathon
from cdktf_mesos.mesos.agent.pool import MesosAgentPool
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.role.role import Role
from cdktf_mesos.security.files import source_of
from cdktf_mesos.terraform_data import TerraformData, run_here

_HERE = Path(__file__).parent
REQUESTS, VALUES = _HERE / "requests.sh", _HERE / "values.sh"
RUN, _REMOVE = _HERE / "run.sh", _HERE / "remove.sh"

# How long the removal of an app may take, in seconds.
_REMOVE_SECONDS = 120


class MarathonApps(Construct):
    """The apps of one stack. `MarathonApp` and `MarathonFramework` take it as their scope.

    It removes an app from Marathon when the app is no longer in the program, or when the stack is destroyed. So keep
    it in the program, even without apps, until the apps are gone: Terraform runs nothing for a resource that is no
    longer in the program at all (Terraform docs, destroy-time provisioners).

    The apps need one machine of Marathon. A script there changes and removes apps: over ssh, if the engine is an
    `ssh://` one. So it works through a bastion. With another engine the script runs on the machine that deploys, which
    must reach Marathon.

    Args:
        scope: the stack of `host`, or a construct in it.
        id_: unique in the scope.
        marathon: Marathon. If it is on other stacks, these must be deployed first.
        host: a machine of Marathon, as a `DockerHost` of this stack. By default the first host of `marathon`.
        pools: the agents that run the apps. Give those in this stack: they must not end before the apps are removed.
            By default there are none.

    Raises:
        ValueError: the host is in another stack, or is no machine of Marathon.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        marathon: Marathon,
        host: DockerHost | None = None,
        pools: Sequence[MesosAgentPool] = (),
    ) -> None:
        super().__init__(scope, id_)
        self.marathon = marathon
        self.host = host or marathon.hosts[0]
        self.stack = TerraformStack.of(self)
        if self.host.stack is not self.stack:
            remedy = "Use a DockerHost of the stack that the apps are in, for a machine of Marathon"
            raise invalid(self, "host", self.host.node.path, remedy)
        if self.host.address not in marathon.addresses():
            remedy = f"Use a machine of Marathon: {', '.join(marathon.addresses())}"
            raise invalid(self, "host", self.host.address, remedy)
        self.ids: dict[str, str] = {}
        # An id has no character that a shell would interpret.
        stored = self.way(f"{expression('${each.key}')} {_REMOVE_SECONDS}")
        # One resource for all apps: so it is still in the program when an app is not, and its provisioner runs.
        # No app's id has `_`.
        self.removal = TerraformData(
            self,
            "removal_of_apps",
            input=stored,
            provisioners=[
                run_here(
                    RUN,
                    {
                        **{name: expression(f"${{self.input.{name}}}") for name in stored},
                        "SCRIPT_THERE": scripts.joined(ASK, REQUESTS, _REMOVE),
                    },
                    when="destroy",
                )
            ],
            depends_on=self._after([marathon, *pools]),
        )
        self.removal.add_override("for_each", self.ids)

    @property
    def instances(self) -> str:
        """The `host:port` of each instance of Marathon."""
        return " ".join(f"{address}:{self.marathon.probe.port}" for address in self.marathon.addresses())

    @property
    def authority(self) -> str | None:
        """The certificate of the authority, in PEM, if Marathon has https; else None."""
        return self.marathon.https.tls.ca.text if self.marathon.https else None

    def add(self, app: Construct, id_: str, service_ports: Sequence[int]) -> None:
        """Note an app, so that it is removed when it is no longer in the program.

        Raises:
            ValueError: another app has the id or a service port, or one that a machine with a load balancer uses.
        """
        marathon = self.marathon
        if id_ in marathon.app_ids:
            raise invalid(app, "app['id']", id_, "Use another id: another app of the program has this one")
        for port in service_ports:
            if user := marathon.user_of_service_port(port):
                remedy = f"Use another service port: {user}, on a machine with a load balancer"
                raise invalid(app, "app: service port", port, remedy)
            if other := marathon.service_ports_of_apps.get(port):
                remedy = f"Use another service port: the app {other} has this one"
                raise invalid(app, "app: service port", port, remedy)
            marathon.service_ports_of_apps[port] = id_
        marathon.app_ids.add(id_)
        self.ids[id_] = id_
        self.removal.add_override("for_each", self.ids)

    def way(self, arguments: str) -> dict[str, str]:
        """What `run.sh` needs: how the machine is reached, and the variables and arguments of the script there.

        Args:
            arguments: the script's arguments, as words of a shell.
        """
        over_ssh = self.host.engine.startswith("ssh://")
        # The login is not in here, because Terraform keeps this in its state: `run.sh` reads it from a file.
        exports = f"INSTANCES={shell_word(self.instances)} AUTHORIZATION=''"
        if self.authority:
            exports += f" AUTHORITY={shell_word(self.authority)}"
        login = self.marathon.login
        return {
            "DESTINATION": self.host.engine if over_ssh else "",
            "OPTIONS": "\n".join(self.host.ssh_words),
            "SETTINGS": f"export {exports}\nset -- {arguments}",
            **({"LOGIN_FILE": source_of(self.stack, login)} if login else {}),
        }

    def _after(self, roles: Sequence[Role]) -> list[ITerraformDependable]:
        """The members in the same stack: they must serve before there are apps, and end after them."""
        return [member.serves for role in roles for member in role.members if member.host.stack is self.stack]
