"""The agents of a machine: drained before its maintenance, and back after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cdktf_mesos.operations.drain.bare import (
    Json,
    Refused,
    await_no_tasks,
    find,
    is_drained,
    is_drained_by_call,
    request_drain,
    undo,
)
from cdktf_mesos.operations.maintain.machine import Machine
from cdktf_mesos.operations.maintain.master import DistantMaster
from cdktf_mesos.operations.maintain.progress import Progress, Step
from cdktf_mesos.operations.maintain.wishes import REFUSED, TASKS_LEFT, Stop, Wishes
from cdktf_mesos.operations.status.wanted import Wanted


class Agents:
    """What is done with the agents of machines.

    Args:
        masters: the masters.
        progress: what was done so far.
        wishes: what the user wants.
        tell: called with each message.
    """

    def __init__(
        self, masters: Sequence[Wanted], progress: Progress, wishes: Wishes, tell: Callable[[str], object]
    ) -> None:
        self._masters, self._progress, self._wishes, self._tell = masters, progress, wishes, tell

    def prepare(self, machine: Machine, step: Step) -> None:
        """Note the ids of a machine's agents, and drain them unless their tasks are to stay.

        An agent that somebody has drained or deactivated before stays as it is: its tasks are only waited for.

        Raises:
            Stop: tasks are left, and the agents get tasks again; or the leading master does not know an agent.
            Refused: no master answers.
        """
        wishes, master = self._wishes, self._master()
        state = master.state()
        known = _by_address(state)
        for address in machine.agents:
            if address in known:
                step.agents.setdefault(address, known[address]["id"])
            elif wishes.keep_tasks:
                self._tell(f"{machine.name}: the leading master knows no agent at {address}")
            else:
                what = "so its tasks cannot move: wait until it is registered, or use --keep-tasks"
                raise Stop(REFUSED, f"{machine.name}: the leading master knows no agent at {address}, {what}")
        if wishes.keep_tasks:
            # With live-restore, too: executors lose the `docker run` of their task (docs/maintenance.md).
            self._tell(f"{machine.name}: if its engine restarts, its tasks end, and start again")
            return
        known = {address: agent for address, agent in known.items() if address in step.agents}
        # All are looked at before one is drained: agents of one machine may share its schedule.
        step.drained += [
            address
            for address, agent in known.items()
            if address not in step.drained and not is_drained(master, state, agent)
        ]
        self._progress.write()
        try:
            for address, agent in known.items():
                if address in step.drained:
                    request_drain(master, state, find(state, agent["id"]), wishes.grace)
                else:
                    self._tell(f"{machine.name}: agent {agent['id']} was drained before, and stays so afterwards")
                await_no_tasks(master, address, agent["id"], seconds=wishes.drain, tell=self._tell)
        except Refused as refused:
            again = ". Its agents get tasks again" if step.drained else ""
            self.give_up(step)
            raise Stop(TASKS_LEFT, f"{machine.name}: {refused}{again}") from None

    def give_up(self, step: Step) -> None:
        """Let the agents have tasks again, before anything else was done."""
        if step.drained:
            master = self._master()
            known = {each["id"] for each in master.state()["slaves"]}
            for agent in known & {step.agents[address] for address in step.drained}:
                undo(master, agent)
        step.drained.clear()

    def why_away(self, machine: Machine, step: Step) -> str | None:
        """Why an agent of a machine is not back; if all are, undoes the drain and returns None."""
        master = self._master()
        state = master.state()
        known = _by_address(state)
        if missing := [address for address in step.agents if address not in known]:
            return f"the leading master knows no agent at {missing[0]}"
        for address, before in step.agents.items():
            agent = known[address]["id"]
            # From 1.9 on a drain is the agent's, and a new agent has none. Before, it is the machine's.
            if address in step.drained and (agent == before or not is_drained_by_call(state)):
                undo(master, agent)
            count = sum(task["slave_id"] == agent for each in state["frameworks"] for task in each["tasks"])
            identity = "the same id" if agent == before else f"another id, it was {before}"
            self._tell(f"{machine.name}: agent {agent} is back under {identity}, with {count} tasks")
        return None

    def _master(self) -> DistantMaster:
        return DistantMaster(self._masters, self._wishes.credential, self._wishes.answer)


def _by_address(state: Json) -> dict[str, Json]:
    """The agents that the master knows, by their addresses with ports."""
    return {str(each["pid"]).rpartition("@")[2]: each for each in state["slaves"]}
