"""The maintenance of one machine: until it is safe, the work itself, until the machine is back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cdktf_mesos.operations.deployed import Deployed
from cdktf_mesos.operations.drain.bare import Refused
from cdktf_mesos.operations.maintain.agents import Agents
from cdktf_mesos.operations.maintain.machine import Machine, boot_of, lonely, why_needed, why_not_back
from cdktf_mesos.operations.maintain.master import masters_of
from cdktf_mesos.operations.maintain.progress import Progress, Step
from cdktf_mesos.operations.maintain.wishes import FAILED, NOT_BACK, REFUSED, Stop, Wishes
from cdktf_mesos.operations.process import run_in_foreground

# What ssh returns if the connection is lost, as it is when the machine reboots (ssh(1), exit status).
_CONNECTION_LOST = 255

# These come first, since ssh uses the first value of an option.
_OWN_CONNECTION = ("-o", "ControlMaster=no", "-o", "ControlPath=none")

_PAUSE_SECONDS = 3


class Maintenance:
    """The steps of a maintenance. Each can be repeated, so that an interrupted one goes on.

    Args:
        deployed: the members and machines.
        progress: what was done so far.
        wishes: what the user wants.
        tell: called with each message.
    """

    def __init__(self, deployed: Deployed, progress: Progress, wishes: Wishes, tell: Callable[[str], object]) -> None:
        self._progress, self._wishes, self._tell = progress, wishes, tell
        self._agents = Agents(masters_of(deployed.members), progress, wishes, tell)

    def begin(self, machine: Machine) -> None:
        """Return when the machine's engine may stop.

        Raises:
            Stop: a set cannot do without its member; tasks are left.
            RuntimeError: an engine cannot be reached.
            Refused: no master answers.
        """
        wishes, step = self._wishes, self._progress.steps.setdefault(machine.name, Step())
        if step.ran:
            return
        if (alone := lonely(machine)) and not wishes.outage:
            raise Stop(REFUSED, f"{machine.name} has the only member of {', '.join(alone)}. --outage does it anyway")
        self._check(machine)
        step.boot = step.boot or boot_of(machine, wishes.answer)
        if wishes.reboots and not step.boot:
            raise RuntimeError(f"{machine.name}: no container has bash, so nobody can tell whether it has rebooted")
        if machine.agents:
            self._agents.prepare(machine, step)
            # Tasks may take long to move, and another member may have ended meanwhile.
            try:
                self._check(machine)
            except Stop:
                self._agents.give_up(step)
                raise
        step.safe = True
        self._progress.write()
        self._tell(f"{machine.name}: safe now")

    def run(self, machine: Machine, program: Sequence[str]) -> None:
        """Run the command for a machine, unless an interrupted call has done so already."""
        step = self._progress.steps[machine.name]
        if step.ran:
            self._tell(f"{machine.name}: the command ran before")
            return
        words = words_for(program, machine)
        step.ran = True
        self._progress.write()
        step.code = run_in_foreground(words)
        self._progress.write()

    def end(self, machine: Machine) -> None:
        """Wait until the machine is back, and let its agents have tasks again.

        Raises:
            Stop: it is not back in time; the command has failed.
        """
        step = self._progress.steps[machine.name]
        failed = step.code != 0 and not (self._wishes.reboots and step.code == _CONNECTION_LOST)
        reboots = self._wishes.reboots and not failed
        deadline = time.monotonic() + self._wishes.back
        self._until(lambda: self._why_away(machine, step, reboots=reboots), machine, deadline)
        if step.agents:
            self._until(lambda: self._agents.why_away(machine, step), machine, deadline)
        self._tell(f"{machine.name}: its engine and its members are back")
        del self._progress.steps[machine.name]
        if failed:
            self._progress.write()
            raise Stop(FAILED, f"{machine.name}: the command ended with exit code {step.code}")
        self._progress.done.append(machine.name)
        self._progress.write()

    def _check(self, machine: Machine) -> None:
        if why := why_needed(machine, self._wishes.patience, self._wishes.answer):
            raise Stop(REFUSED, f"{machine.name} cannot be done without now: {why}")

    def _why_away(self, machine: Machine, step: Step, *, reboots: bool) -> str | None:
        if reboots and boot_of(machine, self._wishes.answer) in ("", step.boot):
            return "it has not rebooted yet"
        return why_not_back(machine, self._wishes.answer)

    def _until(self, why_not: Callable[[], str | None], machine: Machine, deadline: float) -> None:
        shown = ""
        while why := _reason(why_not):
            if time.monotonic() > deadline:
                remedy = "The next call goes on; until then the machine stays drained and the cluster locked"
                raise Stop(NOT_BACK, f"{machine.name} is not back after {self._wishes.back:g} s: {why}. {remedy}")
            if why != shown:
                self._tell(f"{machine.name}: waits: {why}")
                shown = why
            time.sleep(_PAUSE_SECONDS)


def words_for(program: Sequence[str], machine: Machine) -> list[str]:
    """The command for a machine.

    `{host}` and `{address}` stand for its name and its address; the word `{ssh}` for the ssh command to it, as a deploy
    logs in, but over a connection of its own: a reboot must not end one that others share.

    Raises:
        RuntimeError: the engine of the machine is not reached by ssh.
    """
    words: list[str] = []
    for word in program:
        if word == "{ssh}":
            login = machine.host.connection.login if machine.host.connection else ()
            if not login:
                raise RuntimeError(f"{machine.name}: {{ssh}} is of no use, its engine is not reached by ssh")
            words += [login[0], *_OWN_CONNECTION, *login[1:]]
        else:
            words.append(word.replace("{host}", machine.name).replace("{address}", machine.address))
    return words


def _reason(why_not: Callable[[], str | None]) -> str | None:
    try:
        return why_not()
    except (RuntimeError, OSError, Refused) as problem:
        return str(problem)
