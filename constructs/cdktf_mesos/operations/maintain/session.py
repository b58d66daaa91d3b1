"""One call of `maintain`: its machines, the lock, and the order of the steps."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from cdktf_mesos.container.names import LOCK_VARIABLE
from cdktf_mesos.operations.deployed import Deployed, read_deployed, synthesised
from cdktf_mesos.operations.lock.deploys import deploy_under_way
from cdktf_mesos.operations.lock.held import release, take
from cdktf_mesos.operations.lock.holder import Held, Holder
from cdktf_mesos.operations.maintain.machine import Machine, machines_of
from cdktf_mesos.operations.maintain.progress import Progress
from cdktf_mesos.operations.maintain.steps import Maintenance, words_for
from cdktf_mesos.operations.maintain.wishes import Wishes
from cdktf_mesos.operations.process import Processes, run_in_foreground
from cdktf_mesos.operations.synthesis import read_stacks

# Exit codes of the command of --only-if.
_YES, _NO = 0, 1


def read_session(directory: Path, wishes: Wishes, *, synth: bool) -> Session:
    """Read the program, its states, and what an interrupted call has left.

    Raises:
        RuntimeError: something cannot be read.
        ValueError: a state is cut off.
    """
    processes = Processes(max(wishes.answer, 60))
    own = synthesised(directory, processes, synth=synth)
    deployed = read_deployed(read_stacks(directory, own=own), processes)
    return Session(deployed, Progress.read(directory), wishes)


class Session:
    """A call of the command.

    Args:
        deployed: the members and machines.
        progress: what was done so far.
        wishes: what the user wants.
    """

    def __init__(self, deployed: Deployed, progress: Progress, wishes: Wishes) -> None:
        self._hosts, self._progress, self._wishes = deployed.hosts, progress, wishes
        self._machines = {each.name: each for each in machines_of(deployed)}
        self._maintenance = Maintenance(deployed, progress, wishes, click.echo)

    def choose(self, names: Sequence[str] | None, only_if: str | None, *, again: bool) -> list[Machine]:
        """The machines to maintain, in the order given.

        Args:
            names: their names; None for all.
            only_if: a command whose exit code says for which of them: 0 for yes, 1 for no; None for all of them.
            again: whether to choose those, too, that an earlier call has done before it stopped.

        Raises:
            ValueError: no machine has a name.
            RuntimeError: the command has another exit code.
        """
        found = [self._machine(name) for name in (self._machines if names is None else names)]
        if again:
            self._progress.done.clear()
        for machine in (each for each in found if each.name in self._progress.done):
            click.echo(f"{machine.name}: done before; --again does it once more")
        found = [each for each in found if each.name not in self._progress.done]
        return [each for each in found if not only_if or each.name in self._progress.steps or _is_due(only_if, each)]

    def under_way(self, names: Sequence[str]) -> list[Machine]:
        """The machines whose maintenance has begun, or those of them with the given names.

        Raises:
            ValueError: the maintenance of a machine has not begun.
        """
        for name in names:
            if name not in self._progress.steps:
                raise ValueError(f"{name}: no maintenance is under way that this directory knows of")
        return [self._machine(name) for name in names or self._progress.steps]

    def maintain(
        self, machines: Sequence[Machine], program: Sequence[str], quiet: float, *, begin: bool, end: bool
    ) -> None:
        """Maintain machines one after another, under the lock.

        Args:
            machines: the machines.
            program: the command to run for each; may be empty.
            quiet: how long ago the last step of a deploy must be, in seconds.
            begin: whether to make it safe first.
            end: whether to wait afterwards until the machine is back.

        Raises:
            Held: somebody else works on the cluster.
            Stop, Refused, RuntimeError: what the steps raise.
        """
        for machine in machines if program else ():
            name, *_ = words_for(program, machine)
            if shutil.which(name) is None:
                raise RuntimeError(f"{name}: there is no such command")
        chosen = {each.name for each in machines}
        if begin and (others := [name for name in self._progress.under_way if name not in chosen]):
            raise Held(f"the maintenance of {', '.join(others)} is under way: end it first, with maintain --done")
        if not machines:
            click.echo("There is nothing to do.")
        elif not os.environ.get(f"TF_VAR_{LOCK_VARIABLE}"):
            self._lock(" ".join(["maintain", *(each.name for each in machines)]), quiet)
        try:
            for machine in machines:
                if begin:
                    self._maintenance.begin(machine)
                if program:
                    self._maintenance.run(machine, program)
                if end:
                    self._maintenance.end(machine)
            if end or not machines:
                self._progress.done.clear()
        finally:
            if not self._progress.is_pending:
                self._unlock()

    def _lock(self, purpose: str, quiet: float) -> None:
        goes_on = self._progress.is_pending
        holder = Holder.read(self._progress.lock) if self._progress.lock else Holder.new(purpose)
        # Written before, so that a call that is interrupted meanwhile leaves no lock that the next one does not know.
        self._progress.lock = holder.label
        self._progress.write()
        try:
            for reason in take(self._hosts, holder, self._wishes.answer):
                click.echo(reason)
        except RuntimeError:
            self._progress.lock = ""
            if not goes_on:
                self._keep_done()
            raise
        if not goes_on and (why := deploy_under_way(self._hosts, quiet, self._wishes.answer)):
            self._unlock()
            raise Held(f"{why}. Call it again when the deploy has ended")

    def _unlock(self) -> None:
        if self._progress.lock:
            for reason in release(self._hosts, Holder.read(self._progress.lock).id, self._wishes.answer):
                click.echo(f"The lock stays on {reason}")
        self._progress.lock = ""
        self._keep_done()

    def _keep_done(self) -> None:
        """Forget all but the machines that are done."""
        self._progress.steps.clear()
        if self._progress.done:
            self._progress.write()
        else:
            self._progress.remove()

    def _machine(self, name: str) -> Machine:
        if name not in self._machines:
            raise ValueError(f"{name}: no such machine; there are {', '.join(self._machines)}")
        return self._machines[name]


def _is_due(only_if: str, machine: Machine) -> bool:
    code = run_in_foreground(words_for(shlex.split(only_if), machine))
    if code not in (_YES, _NO):
        raise RuntimeError(f"{machine.name}: the command of --only-if ended with exit code {code}")
    return code == _YES
