"""What goes into the waves of a roll, on any platform with several machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import App
from constructs import Construct

from cdktf_mesos import DockerHost, Image, Member, MesosAgentPool
from cdktf_mesos.container import HostCheck
from cdktf_mesos.health import agent
from cdktf_mesos.preflight import MemberSet
from cdktf_mesos.probe import Probe
from cdktf_mesos.survival import has_none, work_dir
from stacks.dropped import check_dropped
from stacks.pools import Pool
from stacks.roles import AGENT_PORT, Roles
from stacks.settings import Cluster
from stacks.waves import Wave

# Up to so many agents each asks all others before it is touched; then only those of its batch and of the one before,
# which asked the one before them. What is asked would grow with the square of their number.
MANY_AGENTS = 64


@dataclass(frozen=True)
class PoolWaves:
    """The waves of a pool.

    Args:
        pool: None for the agents of none.
        leaving: of machines that leave it.
        staying: of those that stay.
    """

    pool: Pool | None
    leaving: Sequence[Wave]
    staying: Sequence[Wave]


@dataclass(frozen=True)
class Roll:
    """The waves, in the order of the roll; a machine of the control plane has one for Marathon of its own.

    Args:
        leaving_control: of machines that leave the control plane.
        control: of those that stay.
        agents: of the agents, pool by pool.
        leaving_marathon: of Marathons that leave.
        marathon: of those that stay.
    """

    leaving_control: Sequence[Wave]
    control: Sequence[Wave]
    agents: Sequence[PoolWaves]
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
    agents = [wave for each in roll.agents for wave in (*each.leaving, *each.staying)]
    waves = (*roll.leaving_control, *roll.control, *agents, *roll.leaving_marathon, *roll.marathon)
    check_dropped(cluster, {wave.stack.node.id: wave.names for wave in waves})
    scope = Construct(app, cluster.name)
    roles = Roles(scope, cluster, _hosts(roll.control), _hosts(roll.marathon))
    pools = [
        roles.agents(_hosts(each.staying), pool=each.pool) if _hosts(each.staying) else None for each in roll.agents
    ]
    existing = [pool for pool in pools if pool]
    roles.check_deployed(existing)
    for wave in roll.leaving_control:
        wave.take_out(roles.zookeeper, roles.masters)
    for wave in roll.control:
        wave.prepare(roles.zookeeper, roles.masters)
    for each, pool in zip(roll.agents, pools, strict=True):
        _add_agents(cluster, roles, each, pool)
    for wave in roll.leaving_marathon:
        wave.take_out(roles.marathon)
    for wave in roll.marathon:
        wave.prepare(roles.marathon)
    # The first machine never leaves.
    roles.add_outputs(roll.marathon[0].stack, existing)
    return roles


def _add_agents(cluster: Cluster, roles: Roles, waves: PoolWaves, pool: MesosAgentPool | None) -> None:
    image, name = roles.agent_image(waves.pool), waves.pool.name if waves.pool else "1"
    port = pool.port if pool else AGENT_PORT

    def no_tasks(host: DockerHost) -> HostCheck:
        generation = waves.pool.generation if waves.pool else 1
        return has_none(work_dir(host.data_dir, f"{cluster.name}-agent-{name}", generation), host.address, port)

    for wave in waves.leaving:
        probe = agent(port, authenticated=False)
        wave.take_out(_Part("agent", image, [image], probe, pool.members if pool else []), check=no_tasks)
    if pool:
        for number, wave in enumerate(waves.staying):
            wave.prepare(_asked(pool, waves.staying[max(number - 1, 0) : number + 1]))


def _hosts(waves: Sequence[Wave]) -> list[DockerHost]:
    return [host for wave in waves for host in wave.hosts]


def _asked(pool: MesosAgentPool, waves: Sequence[Wave]) -> MemberSet:
    if len(pool.members) <= MANY_AGENTS:
        return pool
    hosts = _hosts(waves)
    members = [member for member in pool.members if member.host in hosts]
    return _Part(pool.role, pool.image, pool.images, pool.probe, members)
