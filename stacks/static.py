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
from cdktf_mesos.roll import Dropped
from stacks.machines import Machine
from stacks.members import AGENTS, CONTROL, MARATHON, PoolBatches, add_members, new_roll
from stacks.settings import Cluster


def add_static_cluster(app: App, cluster: Cluster) -> None:
    """Add the stacks of all waves, chained in the order of a roll."""
    if not cluster.control_plane:
        raise ValueError("Cluster: control_plane=[]: 1, 3 or 5 machines, on the platform 'static'")
    roll = new_roll(app, cluster, _put_back)
    # A server that runs on would be a quorum with others that do not yet know that it is gone.
    control_plane = sorted(cluster.control_plane, key=_stays)
    control = roll.waves(CONTROL, control_plane)
    agents = []
    kinds = [*((each, each.machines, each.batch) for each in cluster.pools)]
    for pool, machines, batch in (*kinds, (None, cluster.agent_machines, cluster.agent_batch)):
        leaving = roll.waves(AGENTS, [each for each in machines if each.leaving])
        agents.append(PoolBatches(pool, leaving + roll.waves(AGENTS, [*filter(_stays, machines)], batch=batch)))
    marathon = roll.waves(MARATHON, control_plane)
    add_members(app, cluster, roll, control=control, agents=agents, marathon=marathon)


def _stays(machine: Machine) -> bool:
    return not machine.leaving


def _put_back(dropped: Dropped) -> str:
    """What to do before the machine can be dropped."""
    machine = dropped.wave.removeprefix(f"{CONTROL}-").removeprefix(f"{AGENTS}-").removeprefix(f"{MARATHON}-")
    what = f"{machine!r} is gone, and its members run (the state of {dropped.stack})"
    if dropped.wave.startswith(AGENTS):
        right = "put it back with leaving=True, drain it, cdktf deploy '*', then drop it"
        wave = f"terraform.{dropped.cluster}-{dropped.wave}"
        lost = f"see that it stays off, and remove {wave}-machine.tfstate* and {wave}-members.tfstate*"
        return f"Cluster: agents: {what}: {right}. If it is lost for good: {lost}"
    right = "put it back at the end of the list with leaving=True, cdktf deploy '*', then drop it"
    # The state stays: its addresses have the machine's name, so that Terraform asks the new engine, finds nothing
    # there, and makes all anew; it never asks the old one.
    lost = (
        "see that it stays off, and put it back at its place, with the address and engine of the machine in its stead; "
        f"cdktf deploy '{dropped.cluster}-{CONTROL}-{machine}-*' --ignore-missing-stack-dependencies "
        "--parallelism 1, and only then cdktf deploy '*'"
    )
    return f"Cluster: control_plane: {what}: {right}. If it is lost for good: {lost}"
