"""The roll of a cluster on several machines: its order, and the roles in its waves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from constructs import Construct

from cdktf_mesos import BackupBeforeRoll, DockerHost, Phase, Roll, TlsMaterial, hosts_of
from cdktf_mesos.cdk import App
from cdktf_mesos.roll import Batch, leaving_of
from stacks.apps import add_apps, refuse_dropped_apps
from stacks.load_balancers import still_balances
from stacks.platform import AGENTS, APPS, CONTROL, DNS, LOAD_BALANCERS, MARATHON, MachinesSettings
from stacks.pools import Pool
from stacks.registries import registries
from stacks.roles import Roles
from stacks.settings import Cluster
from stacks.state import new_stack


@dataclass(frozen=True)
class PoolBatches:
    """The waves of one pool of agents.

    Args:
        pool: the pool; None for the agents that are in no pool.
        batches: the waves, in the order of the roll.
    """

    pool: Pool | None
    batches: Sequence[Batch]


def new_roll(app: App, cluster: Cluster, machines: MachinesSettings) -> Roll:
    """The roll of a cluster with the given settings."""
    return Roll(
        app,
        cluster.name,
        patience_seconds=machines.preflight_seconds,
        min_free_mib=machines.min_free_mib,
        keep_images=machines.keep_images,
        data_dir=f"{machines.members_data_dir}/{cluster.name}",
        ssh_options=machines.roll_ssh_options,
        tls=TlsMaterial(machines.certificates) if machines.certificates is not None else None,
        registries=lambda stack: registries(stack, cluster),
        allow_bump=cluster.allow_bump,
        phases=(CONTROL, DNS, AGENTS, MARATHON, LOAD_BALANCERS),
        new_stack=lambda name: new_stack(app, cluster, name.removeprefix(f"{cluster.name}-")),
        put_back=lambda dropped: (
            still_balances(dropped) if dropped.wave.startswith(LOAD_BALANCERS) else machines.put_back(dropped)
        ),
    )


def add_members(
    app: App,
    cluster: Cluster,
    roll: Roll,
    *,
    control: Sequence[Batch],
    dns: Sequence[Batch],
    agents: Sequence[PoolBatches],
    marathon: Sequence[Batch],
    load_balancers: Sequence[Batch] = (),
) -> Roles:
    """Put the roles on the machines of the waves, and add the checks to each wave.

    Args:
        app: the application.
        cluster: the cluster's settings.
        roll: its roll, with all waves.
        control: the waves of the machines with ZooKeeper and masters.
        dns: the waves of the machines with Mesos-DNS.
        agents: the waves of each pool of agents.
        marathon: the waves of the machines with Marathon.
        load_balancers: the waves of the machines with a load balancer; by default there are none.

    Returns:
        the roles that were made.

    Raises:
        ValueError: a setting is invalid, or the change must not be deployed (`Roll.prepare`).
    """
    roles = Roles(
        Construct(app, cluster.name), cluster, hosts_of(control), hosts_of(marathon), hosts_of(dns), leaving_of(dns)
    )
    agents = [each for each in agents if each.batches]
    pools = [roles.agents(hosts_of(each.batches), leaving=leaving_of(each.batches), pool=each.pool) for each in agents]
    balancer = roles.add_load_balancer(hosts_of(load_balancers), leaving_of(load_balancers))
    roll.prepare(
        Phase(
            control,
            [roles.zookeeper, roles.masters, *roles.exporters_of(roles.masters)],
            further=_backup(cluster, roles),
        ),
        *([Phase(dns, [roles.dns])] if roles.dns else []),
        *(Phase(each.batches, [pool, *roles.exporters_of(pool)]) for each, pool in zip(agents, pools, strict=True)),
        Phase(marathon, [roles.marathon]),
        *([Phase(load_balancers, [balancer])] if balancer else []),
    )
    # The first machine never leaves.
    first = next(wave for batch in marathon for wave in batch if wave.hosts)
    roles.add_outputs(first.stack, [pool for pool in pools if pool.members])
    if cluster.apps is None:
        refuse_dropped_apps(cluster, f"{cluster.name}-{APPS}")
    else:
        stack = new_stack(app, cluster, APPS)
        roll.insert(stack)
        machine = next(machine for machine in first.machines if not machine.leaving)
        host = roll.host(stack, machine)
        add_apps(stack, cluster.apps, roles.marathon, host, name_servers=roles.name_servers, dns=roles.dns)
    return roles


def _backup(cluster: Cluster, roles: Roles) -> Callable[[Construct, DockerHost], object] | None:
    """What adds the backup before a roll to a machine of the control plane; None if there is none."""
    backups = roles.backups
    if backups is None or cluster.backup is None or not cluster.backup.before_roll:
        return None
    return lambda scope, host: BackupBeforeRoll(
        scope,
        "backup-before-roll",
        host=host,
        backups=backups,
        roles=[roles.zookeeper, roles.marathon],
        name=f"{cluster.name}-preflight-backup",
        seconds=cluster.wait_seconds,
    )
