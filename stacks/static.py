"""The `static` platform: machines that exist already, rolled one after the other.

The order of a roll is Mesos's own (Mesos docs, upgrades): masters before agents, agents before schedulers. So Marathon
comes last, in waves of its own, also where it changes together with Mesos: it then meets masters that are all of the
new release. ZooKeeper is rolled with the masters of its machine, since each step restarts both sets by one member at
the most and is gated on both.
"""

from __future__ import annotations

from cdktf import App
from constructs import Construct

from stacks.roles import Roles
from stacks.settings import Cluster
from stacks.waves import Wave


def add_static_cluster(app: App, cluster: Cluster) -> None:
    """Add the stacks of all waves, chained in the order of a roll."""
    if not cluster.control_plane:
        raise ValueError("Cluster: control_plane=[]: 1, 3 or 5 machines, on the platform 'static'")
    last: list[Wave] = []
    control_plane = []
    for machine in cluster.control_plane:
        last = [Wave(app, cluster, "1-control", machine, after=last)]
        control_plane += last
    agents = []
    for begin in range(0, len(cluster.agent_machines), cluster.agent_batch):
        batch = cluster.agent_machines[begin : begin + cluster.agent_batch]
        # A machine an agent: the names of stacks stay whatever leaves, and a batch is what has no order among itself.
        last = [Wave(app, cluster, "2-agent", machine, after=last) for machine in batch]
        agents += last
    marathon = []
    for machine in cluster.control_plane:
        last = [Wave(app, cluster, "3-marathon", machine, after=last)]
        marathon += last

    scope = Construct(app, cluster.name)
    roles = Roles(scope, cluster, [wave.host for wave in control_plane], [wave.host for wave in marathon])
    pools = [roles.agents([wave.host for wave in agents])] if agents else []
    for wave in control_plane:
        wave.prepare(roles.zookeeper, roles.masters)
    for wave in agents:
        wave.prepare(*pools)
    for wave in marathon:
        wave.prepare(roles.marathon)
    roles.add_outputs(marathon[-1].stack, pools)
