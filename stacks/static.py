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

from cdktf import App
from constructs import Construct

from stacks.dropped import check_dropped
from stacks.roles import Roles
from stacks.settings import Cluster, Machine
from stacks.waves import Wave


def add_static_cluster(app: App, cluster: Cluster) -> None:
    """Add the stacks of all waves, chained in the order of a roll."""
    if not cluster.control_plane:
        raise ValueError("Cluster: control_plane=[]: 1, 3 or 5 machines, on the platform 'static'")
    check_dropped(cluster)
    last: list[Wave] = []

    def chain(phase: str, machines: Sequence[Machine], batch: int = 1) -> list[Wave]:
        """A wave for each machine, so that the names of stacks stay whatever leaves; no order within a batch."""
        nonlocal last
        waves: list[Wave] = []
        for begin in range(0, len(machines), batch):
            last = [Wave(app, cluster, phase, machine, after=last) for machine in machines[begin : begin + batch]]
            waves += last
        return waves

    leaving = [machine for machine in cluster.control_plane if machine.leaving]
    staying = [machine for machine in cluster.control_plane if not machine.leaving]
    # A server that runs on would be a quorum with others that do not yet know that it is gone.
    leaving_control, control_plane = chain("1-control", leaving), chain("1-control", staying)
    agents = chain("2-agent", cluster.agent_machines, cluster.agent_batch)
    leaving_marathon, marathon = chain("3-marathon", leaving), chain("3-marathon", staying)

    scope = Construct(app, cluster.name)
    roles = Roles(scope, cluster, [wave.host for wave in control_plane], [wave.host for wave in marathon])
    pools = [roles.agents([wave.host for wave in agents])] if agents else []
    for wave in leaving_control:
        wave.take_out(roles.zookeeper, roles.masters)
    for wave in control_plane:
        wave.prepare(roles.zookeeper, roles.masters)
    for wave in agents:
        wave.prepare(*pools)
    for wave in leaving_marathon:
        wave.take_out(roles.marathon)
    for wave in marathon:
        wave.prepare(roles.marathon)
    # The first machine never leaves.
    roles.add_outputs(marathon[0].stack, pools)
