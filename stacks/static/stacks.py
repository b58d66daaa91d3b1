"""The `static` platform: machines that exist already, rolled one after the other.

The order of a roll is Mesos's own (Mesos docs, upgrades): masters before agents, agents before schedulers. So Marathon
comes last, in waves of its own, also where it changes together with Mesos: it then meets masters that are all of the
new release. ZooKeeper is rolled with the masters of its machine, since each step restarts both sets by one member at
the most and is gated on both.

The control plane grows in the order of its list: every member that runs is told of the new ones before these start, as
Mesos wants it (Mesos docs, operational guide), and as it is safe with ZooKeeper's static lists: while they differ, a
majority of the new list needs servers of the old one. It shrinks the other way round: those that leave end first. Both
is one deploy. ZooKeeper's own reconfiguration would spare the stall, but its list is then in the ensemble's hands, and
what the program says of addresses and ports means nothing any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_mesos.cdk import App
from cdktf_mesos.roll.machine import Machine
from stacks.members import PoolWaves, Roll, add_members
from stacks.settings import Cluster
from stacks.static.settings import Static
from stacks.waves import Engine, Wave


def add_static_cluster(app: App, cluster: Cluster, static: Static) -> None:
    """Add the stacks of all waves, chained in the order of a roll."""
    last: list[Wave] = []

    def chain(phase: str, machines: Sequence[Machine], batch: int = 1) -> list[list[Wave]]:
        """A wave for each machine, so that the names of stacks stay whatever leaves; no order within a batch."""
        nonlocal last
        batches: list[list[Wave]] = []
        for begin in range(0, len(machines), batch):
            after = [wave.stack for wave in last]
            last = [
                Wave(app, cluster, static, phase, machine.name, [_engine(static, machine)], after=after)
                for machine in machines[begin : begin + batch]
            ]
            batches.append(last)
        return batches

    # A server that runs on would be a quorum with others that do not yet know that it is gone.
    control_plane = sorted(static.control_plane, key=_stays)
    control = chain("1-control", control_plane)
    agents: list[PoolWaves] = []
    kinds = [*((each, each.machines, each.batch) for each in static.pools)]
    for pool, machines, batch in (*kinds, (None, static.agents, static.agent_batch)):
        leaving = chain("2-agent", [each for each in machines if each.leaving])
        agents.append(PoolWaves(pool, leaving + chain("2-agent", [*filter(_stays, machines)], batch)))
    marathon = chain("3-marathon", control_plane)
    add_members(app, cluster, static, Roll([wave for (wave,) in control], agents, [wave for (wave,) in marathon]))


def _stays(machine: Machine) -> bool:
    return not machine.leaving


def _engine(static: Static, machine: Machine) -> Engine:
    options = (*machine.ssh_options, *static.ssh_options) if machine.engine.startswith("ssh://") else ()
    return Engine(
        machine.name, machine.address, machine.engine, options, leaving=machine.leaving, hostname=machine.hostname
    )
