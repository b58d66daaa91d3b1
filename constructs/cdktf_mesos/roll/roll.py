"""The roll: waves in their order, each prepared by preflights, and what must not be rolled at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DATA_DIR, DockerHost
from cdktf_mesos.host.registry import Registry
from cdktf_mesos.host.tls import TlsMaterial
from cdktf_mesos.role.role import Role
from cdktf_mesos.roll.deployed import keeps_state_here
from cdktf_mesos.roll.dropped import Dropped, put_back, refuse_dropped
from cdktf_mesos.roll.machine import Machine, check_distinct
from cdktf_mesos.roll.machine_check import MIN_FREE_MIB
from cdktf_mesos.roll.old_images import KEEP_IMAGES
from cdktf_mesos.roll.preflight import PATIENCE_SECONDS
from cdktf_mesos.roll.redeploy import check_redeploy
from cdktf_mesos.roll.wave import Wave, deploy_after

Batch = Sequence[Wave]
"""Waves without an order among them."""


@dataclass(frozen=True)
class Phase:
    """A part of a roll: the same roles on machine after machine.

    Args:
        batches: of waves, in their order.
        roles: the roles with a member on each of the machines.
    """

    batches: Sequence[Batch]
    roles: Sequence[Role]


class Roll:
    """A rolling upgrade of a cluster over several machines.

    Each wave has two stacks: one pulls images, checks the machine and asks the other members whether they serve; the
    next replaces the containers and waits until they serve. All waves form a chain, so that `cdktf deploy '*'` goes on
    only while every other member of a set serves, and stops at the first machine that does not get healthy.

    Make the waves with `waves` or `wave`, the roles on the hosts of the waves (`hosts_of`), then call `prepare` once
    with all phases. It refuses, by the states in the working directory, what must not be deployed: a change of release
    that a component's project forbids, a machine that was dropped while its members run, an agent that would not start
    again.

    Args:
        app: the application.
        name: of the cluster; what the names of its stacks begin with.
        patience_seconds: how long other members may take to serve before a preflight fails; by default 60.
        min_free_mib: what must be free where members' data and the engine's images are, in MiB; by default 2048.
        keep_images: how many versions of each repository stay on a machine (`OldImages`), None for all; by default 2.
        data_dir: `DockerHost.data_dir` of all machines.
        ssh_options: words for ssh to all machines with an `ssh://` engine, after their own.
        tls: for machines with a `tcp://` engine.
        registries: gives what the engines of a stack log in with; by default nothing.
        allow_bump: whether to warn only of changes of release that their project forbids; by default they are errors.
        phases: the names that waves begin with. Say them where the name of another cluster in the same directory
            begins with this one's, as `prod-2` does with `prod`.
        new_stack: makes a stack by its name; by default a plain one in the app.
        put_back: says how a machine can be dropped that was dropped too early; by default in general words.

    Raises:
        ValueError: a number out of range.
    """

    def __init__(
        self,
        app: App,
        name: str,
        *,
        patience_seconds: int = PATIENCE_SECONDS,
        min_free_mib: int = MIN_FREE_MIB,
        keep_images: int | None = KEEP_IMAGES,
        data_dir: str = DATA_DIR,
        ssh_options: Sequence[str] = (),
        tls: TlsMaterial | None = None,
        registries: Callable[[TerraformStack], Sequence[Registry]] | None = None,
        allow_bump: bool = False,
        phases: Sequence[str] = (),
        new_stack: Callable[[str], TerraformStack] | None = None,
        put_back: Callable[[Dropped], str] = put_back,
    ) -> None:
        self._app, self.name = app, name
        self._patience_seconds, self._min_free_mib = patience_seconds, min_free_mib
        self._keep_images = keep_images
        self._data_dir, self._ssh_options, self._tls = data_dir, list(ssh_options), tls
        self._registries, self._allow_bump, self._phases = registries, allow_bump, phases
        self._new_stack = new_stack or (lambda stack: TerraformStack(app, stack))
        self._put_back = put_back
        self._last: list[TerraformStack] = []
        self._waves: list[Wave] = []

    def waves(self, phase: str, machines: Sequence[Machine], *, batch: int = 1) -> list[Batch]:
        """A wave for each machine, so that the names of stacks stay whoever leaves; no order within a batch.

        Machines that leave come first, one after the other: a server that runs on would be a quorum with others that
        do not know yet that it is to go.

        Args:
            phase: what their names begin with, before the machine's name; may be empty.
            machines: in the order of the roll.
            batch: how many machines may be rolled at the same time; by default 1.
        """
        if type(batch) is not int or batch < 1:
            raise invalid(f"Roll {self.name}", "batch", batch, "a whole number, 1 or more")
        staying = [machine for machine in machines if not machine.leaving]
        parts = [[machine] for machine in machines if machine.leaving]
        parts += [staying[begin : begin + batch] for begin in range(0, len(staying), batch)]
        batches: list[Batch] = []
        for part in parts:
            batches.append([self._wave("-".join(filter(None, (phase, each.name))), [each]) for each in part])
            self._last = [wave.stack for wave in batches[-1]]
        return batches

    def wave(self, name: str, machines: Sequence[Machine]) -> Wave:
        """A wave on machines whose members may be replaced at the same time.

        Args:
            name: part of the names of its stacks and so of their states; it must stay.
            machines: its machines.
        """
        wave = self._wave(name, machines)
        self._last = [wave.stack]
        return wave

    def insert(self, stack: TerraformStack) -> None:
        """Put a stack of your own at this place: after the waves so far, before the next one."""
        deploy_after(stack, *self._last)
        self._last = [stack]

    def prepare(self, *phases: Phase) -> None:
        """Check what is deployed, and have all waves prepared; called once, with all phases.

        Raises:
            ValueError: what must not be deployed, with what to do; two machines with one address or one engine; a wave
                that is in no phase; a role with a member on a wave in whose phase it is not.
        """
        self._refuse_forgotten(phases)
        check_distinct([machine for wave in self._waves for machine in wave.machines])
        directory, stacks = Path.cwd(), [wave.stack for wave in self._waves]
        if all(map(keeps_state_here, stacks)):
            machines = {
                wave.stack.node.id: [host.alias for host in (*wave.hosts, *wave.leaving)] for wave in self._waves
            }
            refuse_dropped(self._app, self.name, self._phases, machines, directory, self._put_back)
        roles = list(dict.fromkeys(role for phase in phases for role in phase.roles))
        check_redeploy(roles, stacks, directory, allow_bump=self._allow_bump)
        for phase in phases:
            before: Batch = ()
            for batch in phase.batches:
                self._prepare(phase.roles, batch, before)
                before = batch

    def _refuse_forgotten(self, phases: Sequence[Phase]) -> None:
        """Refuse waves and roles that would be deployed without images, machine checks and preflights before them."""
        roles_on = {wave.stack: phase.roles for phase in phases for batch in phase.batches for wave in batch}
        for wave in self._waves:
            if wave.stack not in roles_on:
                raise invalid(f"Roll {self.name}", "phases", wave.stack.node.id, "each of its waves in a phase")
        for role in self._app.node.find_all():
            for member in role.members if isinstance(role, Role) else ():
                stack = member.host.stack
                if role not in roles_on.get(stack, [role]):
                    right = f"this role in the phase of {stack.node.id}, where it has a member"
                    raise invalid(f"Roll {self.name}", "phases", role.node.path, right)

    def _wave(self, name: str, machines: Sequence[Machine]) -> Wave:
        full_name = f"{self.name}-{name}"
        wave = Wave(full_name, machines, after=self._last, new_stack=self._new_stack, new_host=self._host)
        self._waves.append(wave)
        return wave

    def _prepare(self, roles: Sequence[Role], batch: Batch, before: Batch) -> None:
        together = {host.address for wave in batch for host in wave.hosts}
        before_it = {host.address for wave in before for host in wave.hosts}
        for wave in batch:
            wave.prepare(
                roles,
                prefix=f"{self.name}-preflight",
                patience_seconds=self._patience_seconds,
                min_free_mib=self._min_free_mib,
                keep_images=self._keep_images,
                together=together,
                before=before_it,
                allow_bump=self._allow_bump,
            )

    def _host(self, stack: TerraformStack, machine: Machine) -> DockerHost:
        over_ssh = machine.engine.startswith("ssh://")
        return DockerHost(
            stack,
            machine.id or machine.name,
            address=machine.address,
            engine=machine.engine,
            hostname=machine.hostname,
            data_dir=self._data_dir,
            # A preflight looks at directories below it, so the engine makes it.
            has_data_dir=True,
            ssh_options=[*machine.ssh_options, *self._ssh_options] if over_ssh else (),
            tls=self._tls if machine.engine.startswith("tcp://") else None,
            registries=self._registries(stack) if self._registries else (),
            engine_version=machine.engine_version,
        )


def hosts_of(batches: Sequence[Batch]) -> list[DockerHost]:
    """The hosts of the machines that stay, in the stacks of the members: where a role puts its members."""
    return [host for batch in batches for wave in batch for host in wave.hosts]


def leaving_of(batches: Sequence[Batch]) -> list[DockerHost]:
    """The hosts of the machines that leave."""
    return [host for batch in batches for wave in batch for host in wave.leaving]
