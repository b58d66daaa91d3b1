"""The maintenance of one machine: until it is safe, the work itself, until the machine is back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_mesos.operations.deployed import Deployed
from cdktf_mesos.operations.drain.bare import Refused, drain, is_drained_by_call, undo
from cdktf_mesos.operations.maintain.machine import (
    Machine,
    boot_of,
    keeps_containers,
    lonely,
    why_needed,
    why_not_back,
)
from cdktf_mesos.operations.maintain.master import DistantMaster, masters_of
from cdktf_mesos.operations.maintain.progress import Progress, Step
from cdktf_mesos.operations.process import run_in_foreground

REFUSED, TASKS_LEFT, FAILED, NOT_BACK = 3, 5, 6, 7
"""Exit codes, in addition to LOCKED of lock/held.py; docs/maintenance.md says what they mean."""

# What ssh returns if the connection is lost, as it is when the machine reboots (ssh(1), exit status).
_CONNECTION_LOST = 255

# These come first, since ssh uses the first value of an option.
_OWN_CONNECTION = ("-o", "ControlMaster=no", "-o", "ControlPath=none")

_PAUSE_SECONDS = 3


class Stop(Exception):  # noqa: N818 (an answer, not a fault)
    """The maintenance stops here.

    Args:
        code: the exit code of the command.
        message: the reason.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Wishes:
    """What the user wants. Times are in seconds.

    Args:
        keep_tasks: whether tasks stay on the machine.
        outage: whether a set may be without any member meanwhile.
        reboots: whether the command reboots the machine.
        patience: how long other members may take to serve.
        drain: how long all tasks may take to move.
        grace: how long each task may take to end; None for its framework's value.
        back: how long the machine may take to be back.
        answer: how long an engine may take to answer.
        credential: principal and secret, if the masters require them.
    """

    keep_tasks: bool
    outage: bool
    reboots: bool
    patience: float
    drain: float
    grace: float | None
    back: float
    answer: float
    credential: tuple[str, str] | None


class Maintenance:
    """The steps of a maintenance. Each can be repeated, so that an interrupted one goes on.

    Args:
        deployed: the members and machines.
        progress: what was done so far.
        wishes: what the user wants.
        tell: called with each message.
    """

    def __init__(self, deployed: Deployed, progress: Progress, wishes: Wishes, tell: Callable[[str], object]) -> None:
        self._masters = masters_of(deployed.members)
        self._progress, self._wishes, self._tell = progress, wishes, tell

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
            self._prepare_agents(machine, step)
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
            self._until(lambda: self._why_no_tasks(machine, step), machine, deadline)
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

    def _prepare_agents(self, machine: Machine, step: Step) -> None:
        wishes, master = self._wishes, self._master()
        known = _agents(master.state())
        for address in machine.agents:
            if address in known:
                step.agents.setdefault(address, known[address]["id"])
            else:
                self._tell(f"{machine.name}: the leading master knows no agent at {address}")
        if wishes.keep_tasks:
            if not keeps_containers(machine, wishes.answer):
                self._tell(f"{machine.name}: its engine has no live-restore, so its restart ends all tasks here")
            return
        step.drained = True
        self._progress.write()
        for address, agent in step.agents.items():
            if address not in known:
                continue
            try:
                drain(master, agent, seconds=wishes.drain, grace=wishes.grace, tell=self._tell)
            except Refused as refused:
                self._give_up(master, step)
                raise Stop(TASKS_LEFT, f"{machine.name}: {refused}. Its agents get tasks again") from None
        # Tasks may take long to move, and another member may have ended meanwhile.
        self._check(machine)

    def _give_up(self, master: DistantMaster, step: Step) -> None:
        for agent in step.agents.values():
            undo(master, agent)
        step.drained = False

    def _master(self) -> DistantMaster:
        return DistantMaster(self._masters, self._wishes.credential, self._wishes.answer)

    def _why_away(self, machine: Machine, step: Step, *, reboots: bool) -> str | None:
        if reboots and boot_of(machine, self._wishes.answer) == step.boot:
            return "it has not rebooted yet"
        return why_not_back(machine, self._wishes.answer)

    def _why_no_tasks(self, machine: Machine, step: Step) -> str | None:
        """Why an agent is not back; undoes the drain of those that are."""
        master = self._master()
        state = master.state()
        known = _agents(state)
        missing = [address for address in step.agents if not known.get(address, {}).get("id")]
        if missing:
            return f"the leading master knows no agent at {missing[0]}"
        for address, before in step.agents.items():
            agent = known[address]["id"]
            # From 1.9 on a drain is the agent's, and a new agent has none. Before, it is the machine's.
            if step.drained and (agent == before or not is_drained_by_call(state)):
                undo(master, agent)
            count = sum(task["slave_id"] == agent for each in state["frameworks"] for task in each["tasks"])
            identity = "the same id" if agent == before else f"another id, it was {before}"
            self._tell(f"{machine.name}: agent {agent} is back under {identity}, with {count} tasks")
        return None

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


def _agents(state: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The agents that the master knows, by their addresses with ports."""
    return {str(each["pid"]).rpartition("@")[2]: each for each in state["slaves"]}


def _reason(why_not: Callable[[], str | None]) -> str | None:
    try:
        return why_not()
    except (RuntimeError, OSError, Refused) as problem:
        return str(problem)
