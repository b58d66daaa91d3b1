"""What goes into the waves of a roll, on any platform with several machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructs import Construct

from cdktf_mesos import DockerHost, MesosAgentPool
from cdktf_mesos.cdk import App
from cdktf_mesos.container.member import HostCheck
from cdktf_mesos.mesos.agent import health
from cdktf_mesos.mesos.agent.survival import has_none, work_dir
from cdktf_mesos.roll.preflight import MemberSet
from stacks.dropped import check_dropped
from stacks.pools import Pool
from stacks.roles import AGENT_PORT, Roles, agent_name
from stacks.settings import Cluster
from stacks.waves import Part, Wave

# Up to so many agents each asks all others but those of its batch before it is touched; then only those of the batch
# before, which asked the one before them. What is asked would grow with the square of their number.
MANY_AGENTS = 64


@dataclass(frozen=True)
class PoolWaves:
    """The waves of a pool.

    Args:
        pool: None for the agents of none.
        batches: in the order of the roll, each of waves that may be at work at the same time.
    """

    pool: Pool | None
    batches: Sequence[Sequence[Wave]]

    @property
    def waves(self) -> list[Wave]:
        """All of them, in the order of the roll."""
        return [wave for batch in self.batches for wave in batch]


@dataclass(frozen=True)
class Roll:
    """The waves, in the order of the roll; a machine of the control plane has one for Marathon of its own.

    Args:
        control: of the control plane, those that leave it first.
        agents: of the agents, pool by pool.
        marathon: of Marathon, those that leave first.
    """

    control: Sequence[Wave]
    agents: Sequence[PoolWaves]
    marathon: Sequence[Wave]


def add_members(app: App, cluster: Cluster, roll: Roll) -> Roles:
    """Put the roles on the machines of the waves, and have each wave prepared.

    Raises:
        ValueError: bad input; a machine that is gone though its members run.
    """
    agents = [wave for each in roll.agents for wave in each.waves]
    waves = (*roll.control, *agents, *roll.marathon)
    check_dropped(cluster, {wave.stack.node.id: wave.names for wave in waves})
    scope = Construct(app, cluster.name)
    roles = Roles(scope, cluster, _hosts(roll.control), _hosts(roll.marathon))
    pools = [roles.agents(hosts, pool=each.pool) if (hosts := _hosts(each.waves)) else None for each in roll.agents]
    existing = [pool for pool in pools if pool]
    roles.check_deployed(existing)
    for wave in roll.control:
        wave.prepare(roles.zookeeper, roles.masters)
    for each, pool in zip(roll.agents, pools, strict=True):
        _prepare_agents(cluster, roles, each, pool)
    for wave in roll.marathon:
        wave.prepare(roles.marathon)
    # The first machine never leaves.
    roles.add_outputs(next(wave.stack for wave in roll.marathon if wave.hosts), existing)
    return roles


def _prepare_agents(cluster: Cluster, roles: Roles, each: PoolWaves, pool: MesosAgentPool | None) -> None:
    image, name = roles.agent_image(each.pool), f"{cluster.name}-{agent_name(each.pool)}"
    port = pool.port if pool else AGENT_PORT
    nobody = Part("agent", image, image, [image], health.probe(port, authenticated=False), [])

    def no_tasks(host: DockerHost) -> HostCheck:
        generation = each.pool.generation if each.pool else 1
        return has_none(work_dir(host.data_dir, name, generation), host.address, port)

    before: Sequence[Wave] = ()
    for batch in each.batches:
        asked = _asked(pool, [*before, *batch]) if pool else nobody
        together = [host.address for host in _hosts(batch)]
        for wave in batch:
            wave.prepare(asked, check_leaving=no_tasks, together=together)
        before = batch


def _hosts(waves: Sequence[Wave]) -> list[DockerHost]:
    return [host for wave in waves for host in wave.hosts]


def _asked(pool: MesosAgentPool, waves: Sequence[Wave]) -> MemberSet:
    if len(pool.members) <= MANY_AGENTS:
        return pool
    hosts = _hosts(waves)
    members = [member for member in pool.members if member.host in hosts]
    return Part(pool.role, pool.image, pool.asked_from, pool.images, pool.probe, members)
