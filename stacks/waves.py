"""Waves: what may be replaced at the same time, in the order of a roll."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from constructs import Construct

from cdktf_mesos import DockerHost, Image, Member, Preflight, TlsMaterial
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.role.probe import Probe
from cdktf_mesos.roll.machine_check import MachineCheck
from cdktf_mesos.roll.preflight import MemberSet, declare_override
from stacks.components import AgentsSettings
from stacks.platform import MachinesSettings
from stacks.registries import registries
from stacks.settings import Cluster
from stacks.state import new_stack


@dataclass(frozen=True)
class Engine:
    """A machine, as a wave needs it.

    Args:
        name: of the machine.
        address: by which the other members reach it.
        url: of its engine, as `DockerHost` takes it.
        ssh_options: with an `ssh://` engine.
        leaving: whether it has no members any more, and is there only so that Terraform can end those that it had.
        version: the engine's, where the platform decides it.
        hostname: what its members call themselves in URLs; by default the address.
    """

    name: str
    address: str
    url: str
    ssh_options: tuple[str, ...]
    leaving: bool = False
    version: str | None = None
    hostname: str | None = None


@dataclass
class Part:
    """Some members of a set, as a preflight asks them."""

    role: str
    image: Image
    asked_from: Image
    images: list[Image]
    probe: Probe
    members: list[Member]


class Wave:
    """A part of a roll: two stacks, so that all is ready before a container is touched.

    `<cluster>-<phase>-<name>-machine` has the images and the preflights, `…-members` the containers. `cdktf list` sorts
    by name, and so reads like the roll. A machine that leaves a wave with others is asked in `…-machine-<machine>`.

    Args:
        app: the application.
        cluster: the settings.
        machines: those of its platform.
        phase: of the roll, `1-control`.
        name: of the machine or the batch; it must stay, as it is part of the names of its states.
        engines: the machines whose members may be replaced at the same time.
        after: the stacks that must have succeeded before this wave begins.
    """

    def __init__(
        self,
        app: App,
        cluster: Cluster,
        machines: MachinesSettings,
        phase: str,
        name: str,
        engines: Sequence[Engine],
        *,
        after: Sequence[TerraformStack],
    ) -> None:
        self._cluster, self._settings = cluster, machines
        self._machine_stack = new_stack(app, cluster, f"{phase}-{name}-machine")
        self.stack = new_stack(app, cluster, f"{phase}-{name}-members")
        deploy_after(self._machine_stack, *after)
        deploy_after(self.stack, self._machine_stack)
        self.names = [engine.name for engine in engines]
        self._prepared = self._on(engines, self._machine_stack)
        if len(engines) > 1:
            for engine in (each for each in engines if each.leaving):
                self._prepared |= self._on([engine], self._asking_stack(app, f"{phase}-{name}-machine-{engine.name}"))
        self.hosts = [host for engine, host in self._on(engines, self.stack).items() if not engine.leaving]
        declare_override(self.stack)

    def prepare(
        self,
        *sets: MemberSet,
        check_leaving: Callable[[DockerHost], HostCheck] | None = None,
        together: Collection[str] = (),
        agents: AgentsSettings | None = None,
    ) -> None:
        """Have the images of the sets' members here pulled, and the other members asked, before these are touched.

        Where the members have left the sets, all others are asked before they end.

        Args:
            sets: of the members.
            check_leaving: what must be true besides on each machine whose members leave.
            agents: the settings of the sets' members, where these are agents.
            together: the addresses of machines whose members may be replaced at the same time, and so are not asked.
        """
        for engine, host in self._prepared.items():
            asked = [_without(each, {*together} - {host.address}) for each in sets]
            if not engine.leaving:
                self._make_ready(host, sets, agents)
            Preflight(
                self._scope_of(host),
                "preflight",
                host=host,
                sets=asked,
                name=f"{self._cluster.name}-preflight",
                patience_seconds=self._settings.preflight_seconds,
                leaving=engine.leaving,
                host_check=check_leaving(host) if check_leaving and engine.leaving else None,
            )

    def _make_ready(self, host: DockerHost, sets: Sequence[MemberSet], agents: AgentsSettings | None) -> None:
        for each in sets:
            for image in each.images:
                host.pull(image)
        path, digest = (agents.docker_cli, agents.docker_cli_sha256) if agents else (None, None)
        MachineCheck(
            self._scope_of(host),
            "machine-check",
            host=host,
            sets=sets,
            # Marathon's wave is on a machine that the control plane's has looked at: another name.
            name=f"{self._cluster.name}-preflight-machine-{sets[0].role}",
            min_free_mib=self._settings.min_free_mib,
            files={path: digest} if path and digest else None,
            docker_cli=path,
        )

    def _asking_stack(self, app: App, name: str) -> TerraformStack:
        """Where a machine that leaves a wave with others is asked: in a stack that can leave with it.

        What is in a state cannot be planned without its provider, nor that without its machine.
        """
        stack = new_stack(app, self._cluster, name)
        deploy_after(stack, self._machine_stack)
        deploy_after(self.stack, stack)
        return stack

    def _scope_of(self, host: DockerHost) -> Construct:
        return host.stack if len(self.names) == 1 else host

    def _on(self, engines: Sequence[Engine], stack: TerraformStack) -> dict[Engine, DockerHost]:
        """The machines in a stack."""
        directory = self._settings.certificates
        tls = TlsMaterial(directory) if directory is not None else None
        return {
            engine: DockerHost(
                stack,
                engine.name,
                address=engine.address,
                engine=engine.url,
                ssh_options=engine.ssh_options,
                tls=tls if engine.url.startswith("tcp://") else None,
                data_dir=f"{self._settings.members_data_dir}/{self._cluster.name}",
                registries=registries(stack, self._cluster),
                hostname=engine.hostname,
                engine_version=engine.version,
            )
            for engine in engines
        }


def deploy_after(stack: TerraformStack, *others: TerraformStack) -> None:
    """Have a stack deployed after others that are not there because of it.

    `add_dependency` would look for a circle along every path, and with each batch of two there are twice as many.
    """
    stack.dependencies = [*stack.dependencies, *others]


def _without(members: MemberSet, addresses: Collection[str]) -> MemberSet:
    kept = [member for member in members.members if member.host.address not in addresses]
    return (
        Part(members.role, members.image, members.asked_from, members.images, members.probe, kept)
        if addresses
        else members
    )
