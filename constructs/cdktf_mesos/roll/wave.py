"""A wave: one step of a roll, with the machines whose members may be replaced at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from constructs import Construct

from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.machine import Machine
from cdktf_mesos.roll.machine_check import MachineCheck
from cdktf_mesos.roll.old_images import OldImages
from cdktf_mesos.roll.preflight import PATIENCE_SECONDS, Preflight, declare_override

Further = Callable[[Construct, DockerHost], object]
"""Adds checks to a machine: called with their scope and with its host."""


class Wave:
    """One step of a roll. It has two stacks, so that every check has passed before a container is replaced.

    The stack `…-machine` has the images, the machine check and the preflights. The stack `…-members` has the members'
    containers and `OldImages`, which removes old images afterwards. If a wave has several machines, the preflight of a
    machine that leaves is in a stack of its own, `…-machine-<machine>`.

    Args:
        name: prefix of the names of its stacks.
        machines: the machines whose members may be replaced at the same time.
        after: the stacks that must be deployed before this wave begins.
        new_stack: makes a stack with the given name.
        new_host: makes the `DockerHost` of a machine in the given stack.
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
        self._check_hosts = {machine.name: new_host(self._machine_stack, machine) for machine in machines}
        if len(machines) > 1:
            for machine in (each for each in machines if each.leaving):
                self._check_hosts[machine.name] = new_host(self._stack_of_leaving(machine), machine)
        member_hosts = {machine.name: new_host(self.stack, machine) for machine in machines}
        self.hosts = [member_hosts[each.name] for each in machines if not each.leaving]
        self.leaving = [member_hosts[each.name] for each in machines if each.leaving]
        declare_override(self.stack)

    def prepare(
        self,
        roles: Sequence[Role],
        *,
        prefix: str,
        patience_seconds: int,
        min_free_mib: int,
        keep_images: int | None,
        same_batch: Collection[str],
        previous_batch: Collection[str],
        allow_bump: bool,
        further: Further | None,
    ) -> None:
        """Add what runs before containers are replaced: image pulls, the machine check and the preflights.

        Before the members of a machine that leaves are ended, all other members must serve.

        Args:
            roles: the roles that have a member on the machines.
            prefix: prefix of the names of the containers that check.
            patience_seconds: how long other members may take to serve, in seconds.
            min_free_mib: free space that the disks of the members' data and of the engine's images must have, in MiB.
            keep_images: how many versions of each repository stay on the machines; None keeps all.
            same_batch: addresses of the members that may be replaced at the same time. Preflights do not check them.
            previous_batch: addresses of the members that the batch before this one replaced.
            allow_bump: whether preflights let pass a change of release that the component's project forbids.
            further: adds further checks to each machine that stays; None adds none.
        """
        for machine in self.machines:
            host = self._check_hosts[machine.name]
            scope = self._scope_of(host)
            if not machine.leaving:
                for image in (image for role in roles for image in role.images):
                    host.pull(image)
                # Two waves may check the same machine, so the name says which of them this is.
                name = f"{prefix}-machine-{roles[0].role}"
                MachineCheck(
                    scope,
                    "machine-check",
                    host=host,
                    roles=roles,
                    name=name,
                    # A short wait for other members says nothing of how fast this machine is.
                    patience_seconds=max(patience_seconds, PATIENCE_SECONDS),
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
                without={*same_batch} - {host.address},
                near={*same_batch, *previous_batch},
                allow_bump=allow_bump,
            )
            if further and not machine.leaving:
                further(scope, host)
        if keep_images is not None:
            name = f"{prefix}-images-{roles[0].role}"
            for host in self.hosts:
                OldImages(self._scope_of(host), "old-images", host=host, roles=roles, name=name, keep=keep_images)

    def _stack_of_leaving(self, machine: Machine) -> TerraformStack:
        """The stack that checks a machine that leaves while other machines of its wave stay.

        Terraform plans a state only while it reaches the Docker engines of all resources in it. So what is on the
        machine that leaves is in a stack that can be dropped together with the machine.
        """
        stack = self._new_stack(f"{self._name}-machine-{machine.name}")
        deploy_after(stack, self._machine_stack)
        deploy_after(self.stack, stack)
        return stack

    def _scope_of(self, host: DockerHost) -> Construct:
        """The scope of a host's checks: the stack, or the host where the stack has several machines."""
        return host.stack if len(self.machines) == 1 else host


def deploy_after(stack: TerraformStack, *others: TerraformStack) -> None:
    """Have a stack deployed after others, which must not depend on it.

    `add_dependency` would look for a cycle along every path between the stacks. Each batch of two waves doubles the
    number of paths.
    """
    known = stack.dependencies
    stack.dependencies = [*known, *(each for each in others if each not in known)]
