"""What goes into the waves of a roll, on any platform with several machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import App
from constructs import Construct

from cdktf_mesos import DockerHost, Image, Member, MesosAgentPool
from cdktf_mesos.preflight import MemberSet
from cdktf_mesos.probe import Probe
from stacks.dropped import check_dropped
from stacks.roles import Roles
from stacks.settings import Cluster
from stacks.waves import Wave

# Up to so many agents each asks all others before it is touched; then only those of its batch and of the one before,
# which asked the one before them. What is asked would grow with the square of their number.
MANY_AGENTS = 64


@dataclass(frozen=True)
class Roll:
    """The waves, in the order of the roll; a machine of the control plane has one for Marathon of its own.

    Args:
        leaving_control: of machines that leave the control plane.
        control: of those that stay.
        agents: of the agents.
        leaving_marathon: of Marathons that leave.
        marathon: of those that stay.
    """

    leaving_control: Sequence[Wave]
    control: Sequence[Wave]
    agents: Sequence[Wave]
    leaving_marathon: Sequence[Wave]
    marathon: Sequence[Wave]


@dataclass
class _Part:
    """Some members of a set, as a preflight asks them."""

    role: str
    image: Image
    images: list[Image]
    probe: Probe
    members: list[Member]


def add_members(app: App, cluster: Cluster, roll: Roll) -> Roles:
    """Put the roles on the machines of the waves, and have each wave prepared.

    Raises:
        ValueError: bad input; a machine that is gone though its members run.
    """
    waves = (*roll.leaving_control, *roll.control, *roll.agents, *roll.leaving_marathon, *roll.marathon)
    check_dropped(cluster, {wave.stack.node.id: wave.names for wave in waves})
    scope = Construct(app, cluster.name)
    roles = Roles(scope, cluster, _hosts(roll.control), _hosts(roll.marathon))
    pools = [roles.agents(_hosts(roll.agents))] if _hosts(roll.agents) else []
    roles.check_bumps(pools)
    for wave in roll.leaving_control:
        wave.take_out(roles.zookeeper, roles.masters)
    for wave in roll.control:
        wave.prepare(roles.zookeeper, roles.masters)
    for number, wave in enumerate(roll.agents):
        wave.prepare(*(_asked(pool, roll.agents[max(number - 1, 0) : number + 1]) for pool in pools))
    for wave in roll.leaving_marathon:
        wave.take_out(roles.marathon)
    for wave in roll.marathon:
        wave.prepare(roles.marathon)
    # The first machine never leaves.
    roles.add_outputs(roll.marathon[0].stack, pools)
    return roles


def _hosts(waves: Sequence[Wave]) -> list[DockerHost]:
    return [host for wave in waves for host in wave.hosts]


def _asked(pool: MesosAgentPool, waves: Sequence[Wave]) -> MemberSet:
    if len(pool.members) <= MANY_AGENTS:
        return pool
    hosts = _hosts(waves)
    members = [member for member in pool.members if member.host in hosts]
    return _Part(pool.role, pool.image, pool.images, pool.probe, members)
