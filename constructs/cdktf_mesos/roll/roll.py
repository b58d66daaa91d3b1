"""A rolling upgrade: waves in their order, with checks before each wave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.errors import check_whole, invalid
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
from cdktf_mesos.roll.wave import Further, Wave, deploy_after

Batch = Sequence[Wave]
"""Waves that may be deployed at the same time."""


@dataclass(frozen=True)
class Phase:
    """Consecutive waves of a roll whose machines run the same roles.

    Args:
        batches: batches of waves, in the order of the roll.
        roles: the roles that have a member on each of the machines.
        further: adds checks of your own, such as `BackupBeforeRoll`, to each machine that stays. It is called with the
            scope of the machine's checks, and with its host in the stack that is deployed before the members' stack. By
            default there are none.
    """

    batches: Sequence[Batch]
    roles: Sequence[Role]
    further: Further | None = None


class Roll:
    """A rolling upgrade of a cluster over several machines.

    Each wave has two stacks. The first pulls images, checks the machine and checks that the other members serve. The
    second replaces the containers and waits until they serve. All waves form a chain. Before each machine, `cdktf
    deploy '*'` checks that every other member of a set serves. It stops at the first machine that does not become
    healthy.

    Make the waves with `waves` or `wave`, and the roles on the hosts of the waves (`hosts_of`). Then call `prepare`
    once, with all phases. It reads the states in the working directory and refuses a change of release that the
    component's project forbids, a machine that was dropped while its members still run, and an agent that would not
    start again.

    Args:
        app: the application.
        name: the cluster's name; the names of all stacks begin with it.
        patience_seconds: how long other members may take to serve before a preflight fails, in seconds; by default 60.
        min_free_mib: free space that the disks of the members' data and of the engine's images must have, in MiB; by
            default 2048.
        keep_images: how many versions of each repository stay on a machine (`OldImages`); None keeps all; by default 2.
        data_dir: `DockerHost.data_dir` of all machines.
        ssh_options: further words of the ssh command, for all machines with an `ssh://` engine. They follow the
            `ssh_options` of the machine.
        tls: certificates for machines with a `tcp://` engine.
        registries: returns the registries that the engines of a stack log in to; by default there are none.
        allow_bump: whether a change of release that the component's project forbids is only a warning; by default it
            is an error.
        phases: the beginnings of the waves' names. Give them if another cluster in the same directory has a name that
            begins with this one's, as `prod-2` begins with `prod`.
        new_stack: makes a stack with the given name; by default a plain `TerraformStack` in the app.
        put_back: returns the message of the error for a machine that was dropped while its members still run; by
            default a message that suits any program.

    Raises:
        ValueError: a number is out of range.
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
        """Make a wave for each machine; the waves of one batch may be deployed at the same time.

        Each machine has its own wave, so the names of the other stacks stay when a machine leaves. Machines that leave
        come first, one after the other. Otherwise a server that still runs could form a quorum with others that do not
        know yet that it leaves.

        Args:
            phase: the waves are named `<phase>-<machine>`; may be empty.
            machines: the machines, in the order of the roll.
            batch: how many machines may be rolled at the same time; by default 1.

        Raises:
            ValueError: `batch` is not a whole number, 1 or more.
        """
        check_whole(f"Roll {self.name}", "batch", batch)
        staying = [machine for machine in machines if not machine.leaving]
        groups = [[machine] for machine in machines if machine.leaving]
        groups += [staying[begin : begin + batch] for begin in range(0, len(staying), batch)]
        batches: list[Batch] = []
        for group in groups:
            batches.append([self._wave("-".join(filter(None, (phase, each.name))), [each]) for each in group])
            self._last = [wave.stack for wave in batches[-1]]
        return batches

    def wave(self, name: str, machines: Sequence[Machine]) -> Wave:
        """Make one wave with machines whose members may be replaced at the same time.

        Args:
            name: part of the names of its stacks, and so of their states. It must stay.
            machines: the machines of the wave.
        """
        wave = self._wave(name, machines)
        self._last = [wave.stack]
        return wave

    def insert(self, stack: TerraformStack) -> None:
        """Put a stack of your own at this place: after the waves so far, before the next one."""
        deploy_after(stack, *self._last)
        self._last = [stack]

    def host(self, stack: TerraformStack, machine: Machine) -> DockerHost:
        """Make the `DockerHost` of a machine in a stack. Waves have theirs already; this is for a stack of your own."""
        over_ssh = machine.engine.startswith("ssh://")
        return DockerHost(
            stack,
            machine.id or machine.name,
            address=machine.address,
            engine=machine.engine,
            hostname=machine.hostname,
            data_dir=self._data_dir,
            # Preflights mount directories below it, and the engine makes these.
            has_data_dir=True,
            ssh_options=[*machine.ssh_options, *self._ssh_options] if over_ssh else (),
            tls=self._tls if machine.engine.startswith("tcp://") else None,
            registries=self._registries(stack) if self._registries else (),
            engine_version=machine.engine_version,
            cgroup_version=machine.cgroup_version,
        )

    def prepare(self, *phases: Phase) -> None:
        """Check what is deployed, then add image pulls and checks to all waves. Call it once, with all phases.

        Raises:
            ValueError: something must not be deployed (the message says what to do); two machines have one address or
                one engine; a wave is in no phase; a role has a member on a wave, but is not in the phase of that wave.
        """
        self._check_phases(phases)
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
            previous: Batch = ()
            for batch in phase.batches:
                self._prepare(phase, batch, previous)
                previous = batch

    def _check_phases(self, phases: Sequence[Phase]) -> None:
        """Refuse a wave or a role that is missing from the phases: it would be deployed without any check."""
        roles_on = {wave.stack: phase.roles for phase in phases for batch in phase.batches for wave in batch}
        for wave in self._waves:
            if wave.stack not in roles_on:
                remedy = "Put this wave into a phase: without one it would be deployed unchecked"
                raise invalid(f"Roll {self.name}", "phases", wave.stack.node.id, remedy)
        for role in self._app.node.find_all():
            for member in role.members if isinstance(role, Role) else ():
                stack = member.host.stack
                if role not in roles_on.get(stack, [role]):
                    remedy = f"Add this role to the phase of {stack.node.id}, where it has a member"
                    raise invalid(f"Roll {self.name}", "phases", role.node.path, remedy)

    def _wave(self, name: str, machines: Sequence[Machine]) -> Wave:
        full_name = f"{self.name}-{name}"
        wave = Wave(full_name, machines, after=self._last, new_stack=self._new_stack, new_host=self.host)
        self._waves.append(wave)
        return wave

    def _prepare(self, phase: Phase, batch: Batch, previous: Batch) -> None:
        same_batch = {host.address for wave in batch for host in wave.hosts}
        previous_batch = {host.address for wave in previous for host in wave.hosts}
        for wave in batch:
            wave.prepare(
                phase.roles,
                prefix=f"{self.name}-preflight",
                patience_seconds=self._patience_seconds,
                min_free_mib=self._min_free_mib,
                keep_images=self._keep_images,
                same_batch=same_batch,
                previous_batch=previous_batch,
                allow_bump=self._allow_bump,
                further=phase.further,
            )


def hosts_of(batches: Sequence[Batch]) -> list[DockerHost]:
    """The hosts of the machines that stay, for a role's `hosts`. These hosts are in the stacks of the members."""
    return [host for batch in batches for wave in batch for host in wave.hosts]


def leaving_of(batches: Sequence[Batch]) -> list[DockerHost]:
    """The hosts of the machines that leave."""
    return [host for batch in batches for wave in batch for host in wave.leaving]
