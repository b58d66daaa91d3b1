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

from cdktf_mesos.cdk import App
from stacks.members import PoolBatches, add_members, new_roll
from stacks.platform import AGENTS, CONTROL, MARATHON
from stacks.settings import Cluster
from stacks.static.settings import Static


def add_static_cluster(app: App, cluster: Cluster, static: Static) -> None:
    """Add the stacks of all waves, chained in the order of a roll."""
    roll = new_roll(app, cluster, static)
    control = roll.waves(CONTROL, static.control_plane)
    pools = [*((each, each.machines, each.batch) for each in static.pools), (None, static.agents, static.agent_batch)]
    agents = [PoolBatches(pool, roll.waves(AGENTS, machines, batch=batch)) for pool, machines, batch in pools]
    marathon = roll.waves(MARATHON, static.control_plane)
    add_members(app, cluster, roll, control=control, agents=agents, marathon=marathon)
