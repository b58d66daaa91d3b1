"""Waves: the parts of a roll, each with the machines whose members may be replaced at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from constructs import Construct

from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.machine import Machine
from cdktf_mesos.roll.machine_check import MachineCheck
from cdktf_mesos.roll.old_images import OldImages
from cdktf_mesos.roll.preflight import Preflight, declare_override


class Wave:
    """A part of a roll: two stacks, so that all is ready before a container is replaced.

    `…-machine` has the images, the machine check and the preflights, `…-members` the containers, and what removes old
    images afterwards. A machine that leaves
    a wave with others has its preflight in `…-machine-<machine>`.

    Args:
        name: what the names of its stacks begin with.
        machines: the machines whose members may be replaced at the same time.
        after: the stacks that must be deployed before this wave begins.
        new_stack: makes a stack of a name.
        new_host: makes the `DockerHost` of a machine in a stack.
    """

    def __init__(
        self,
        name: str,
        machines: Sequence[Machine],
        *,
        after: Iterable[TerraformStack],
        new_stack: Callable[[str], TerraformStack],
        new_host: Callable[[TerraformStack, Machine], DockerHost],
    ) -> None:
        self.machines = list(machines)
        self._name, self._new_stack = name, new_stack
        self._machine_stack = new_stack(f"{name}-machine")
        self.stack = new_stack(f"{name}-members")
        deploy_after(self._machine_stack, *after)
        deploy_after(self.stack, self._machine_stack)
        self._prepared = {machine.name: new_host(self._machine_stack, machine) for machine in machines}
        if len(machines) > 1:
            for machine in (each for each in machines if each.leaving):
                self._prepared[machine.name] = new_host(self._stack_of_leaving(machine), machine)
        on_members = {machine.name: new_host(self.stack, machine) for machine in machines}
        self.hosts = [on_members[each.name] for each in machines if not each.leaving]
        self.leaving = [on_members[each.name] for each in machines if each.leaving]
        declare_override(self.stack)

    def prepare(
        self,
        roles: Sequence[Role],
        *,
        prefix: str,
        patience_seconds: int,
        min_free_mib: int,
        keep_images: int | None,
        together: Collection[str],
        before: Collection[str],
        allow_bump: bool,
    ) -> None:
        """Have images pulled, the machines checked and the other members asked, before containers are replaced.

        Where members leave, all others must serve before they end.

        Args:
            roles: those with members on the machines.
            prefix: what the names of its containers begin with.
            patience_seconds: how long other members may take to serve.
            min_free_mib: what must be free where members' data and the engine's images are.
            keep_images: how many versions of each repository stay on the machines; None where all do.
            together: addresses of the members that may be replaced at the same time, and so are not asked.
            before: addresses of the members that were replaced just before.
            allow_bump: whether changes of release pass that their project forbids.
        """
        for machine in self.machines:
            host = self._prepared[machine.name]
            scope = self._scope_of(host)
            if not machine.leaving:
                for image in (image for role in roles for image in role.images):
                    host.pull(image)
                # A machine that two waves check needs two names.
                name = f"{prefix}-machine-{roles[0].role}"
                MachineCheck(
                    scope,
                    "machine-check",
                    host=host,
                    roles=roles,
                    name=name,
                    min_free_mib=min_free_mib,
                    machine=machine.name,
                )
            Preflight(
                scope,
                "preflight",
                host=host,
                roles=roles,
                name=prefix,
                patience_seconds=patience_seconds,
                leaving=machine.leaving,
                without={*together} - {host.address},
                near={*together, *before},
                allow_bump=allow_bump,
            )
        if keep_images is not None:
            name = f"{prefix}-images-{roles[0].role}"
            for host in self.hosts:
                OldImages(self._scope_of(host), "old-images", host=host, roles=roles, name=name, keep=keep_images)

    def _stack_of_leaving(self, machine: Machine) -> TerraformStack:
        """Where a machine that leaves a wave with others is checked: in a stack that can leave with it.

        What is in a state cannot be planned without its provider, nor that without its machine.
        """
        stack = self._new_stack(f"{self._name}-machine-{machine.name}")
        deploy_after(stack, self._machine_stack)
        deploy_after(self.stack, stack)
        return stack

    def _scope_of(self, host: DockerHost) -> Construct:
        """Several machines in a stack have a scope each."""
        return host.stack if len(self.machines) == 1 else host


def deploy_after(stack: TerraformStack, *others: TerraformStack) -> None:
    """Have a stack deployed after others that do not depend on it.

    `add_dependency` would look for a circle along every path, and with each batch of two there are twice as many.
    """
    stack.dependencies = [*stack.dependencies, *(each for each in others if each not in stack.dependencies)]
