"""The stacks of the platform `static`: existing machines, rolled one after the other.

The order of a roll is that of Mesos (Mesos docs, upgrades): masters before agents, agents before schedulers. So
Marathon comes last, in its own waves, even if it changes together with Mesos: all masters then have the new release
already. ZooKeeper is rolled with the masters of its machine, because each step restarts at most one member of each of
the two sets, and waits for both.

The control plane grows in the order of its list. All running members get the new list before the new members start, as
Mesos requires (Mesos docs, operational guide). This is also safe with ZooKeeper's static lists: while the lists differ,
a majority of the new list needs servers of the old one. The control plane shrinks in the opposite way: the members that
leave end first. Each change is one deploy. While the list changes, writes to ZooKeeper stall twice
for a short time (docs/static-hosts.md). ZooKeeper's own reconfiguration would avoid that. But then the ensemble would
manage the list itself, and would ignore the program's addresses and ports.
"""

from __future__ import annotations

from dataclasses import replace

from cdktf_mesos import Machine
from cdktf_mesos.cdk import App
from stacks.dns.role import dns_machines
from stacks.load_balancers import machines_of
from stacks.members import PoolBatches, add_members, new_roll
from stacks.platform import AGENTS, CONTROL, DNS, LOAD_BALANCERS, MARATHON
from stacks.public_addresses import warn_of_public_addresses
from stacks.settings import Cluster
from stacks.static.settings import Static


def add_static_cluster(app: App, cluster: Cluster, static: Static) -> None:
    """Add the stacks of all waves, chained in the order of a roll."""
    roll = new_roll(app, cluster, static)
    control = roll.waves(CONTROL, static.control_plane)
    others = [*static.agents, *(machine for pool in static.pools for machine in pool.machines)]
    dns = roll.waves(DNS, dns_machines(cluster, static.control_plane, others))
    pools = [*((each, each.machines, each.batch) for each in static.pools), (None, static.agents, static.agent_batch)]
    agents = [PoolBatches(pool, roll.waves(AGENTS, machines, batch=batch)) for pool, machines, batch in pools]
    marathon = roll.waves(MARATHON, static.control_plane)
    load_balancers = roll.waves(LOAD_BALANCERS, _with_load_balancer(cluster, static))
    roles = add_members(
        app, cluster, roll, control=control, dns=dns, agents=agents, marathon=marathon, load_balancers=load_balancers
    )
    warn_of_public_addresses(roles.zookeeper.shown_on, [each.address for each in (*static.control_plane, *others)])


def _with_load_balancer(cluster: Cluster, static: Static) -> list[Machine]:
    """The machines with a load balancer. A machine that leaves loses it, too."""
    pooled = [(pool.public, machine) for pool in static.pools for machine in pool.machines]
    known = {each.name: each for each in (*static.control_plane, *static.agents, *(each for _, each in pooled))}
    found = machines_of(cluster.load_balancer, known, [each.name for is_public, each in pooled if is_public])
    leaving = cluster.load_balancer.leaving if cluster.load_balancer else ()
    return [replace(each, leaving=each.leaving or name in leaving) for name, each in found.items()]
