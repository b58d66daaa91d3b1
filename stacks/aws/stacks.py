"""The stacks of the platform `aws`: network, way in and machines, and the waves of a roll as on existing machines.

The machines of a wave have their own stack, `<cluster>-<phase>-<name>-host`, which is deployed before the stacks of the
wave, and after the wave before it. It does not have the Docker provider, so a dead machine can be replaced. The stack
stays in the program when its machines have left. Otherwise no deploy would end them, because a deploy does not change a
stack that is no longer in the program.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from cdktf_mesos.aws import (
    AppLoadBalancer,
    Ec2Machine,
    InternalLoadBalancer,
    MachineOptions,
    MachineRole,
    ReplacementGuard,
)
from cdktf_mesos.aws.app_load_balancer import NOTICES_SECONDS
from cdktf_mesos.cdk import Annotations, App, TerraformOutput, TerraformStack
from cdktf_mesos.errors import invalid
from cdktf_mesos.roll import Batch, Machine, Roll, Wave
from cdktf_mesos.states import read_instances, stacks_with_states
from stacks.aws.dns import add_resolver_rule
from stacks.aws.names import PlannedMachine, agents, batches, control_plane, with_load_balancer
from stacks.aws.network import Base, add_base, aws_stack
from stacks.aws.settings import Aws, AwsPool
from stacks.dns.role import dns_machines
from stacks.members import PoolBatches, add_members, new_roll
from stacks.platform import AGENTS, CONTROL, DNS, LOAD_BALANCERS, MARATHON
from stacks.settings import Cluster

# From this number of stacks on there is a warning: cdktf takes seconds for each stack, even if nothing changes.
_MANY_STACKS = 60


def add_aws_cluster(app: App, cluster: Cluster, aws: Aws) -> None:
    """Add the stacks of the network, the machines and all waves, chained in the order of a roll."""
    base = add_base(app, cluster, aws)
    control = control_plane(aws, base.private)
    staying = [each for each in control if not (each.leaving or each.left)]
    # Machines that leave the control plane come first, as on the platform static.
    control = [*(each for each in control if each not in staying), *staying]
    if aws.load_balancer_cidrs:
        _balance(cluster, aws, base, [each.address for each in staying])
    roll = new_roll(app, cluster, aws)
    machines = _Machines(app, cluster, aws, base, roll)
    control_waves = [machines.new(CONTROL, str(each.number), [each]) for each in control]
    with_dns = dns_machines(cluster, [each for each in control if not each.left])
    dns = [machines.again(DNS, each) for each in with_dns]
    add_resolver_rule(cluster, aws, base, with_dns)
    pools = []
    for pool, made in agents(aws, base.private):
        size = pool.batch if pool else aws.agent_batch
        waves = [machines.new(AGENTS, name, batch, pool) for name, batch in batches(made, size, pool)]
        pools.append(PoolBatches(pool, _batches(waves)))
    marathon = [machines.again(MARATHON, each) for each in control if not each.left]
    balancing = with_load_balancer(cluster, agents(aws, base.private))
    load_balancers = [machines.again(LOAD_BALANCERS, each, each.name) for each in balancing]
    if aws.app_load_balancer:
        _balance_apps(cluster, aws, base, [each.address for each in balancing if not each.leaving])
    roles = add_members(
        app,
        cluster,
        roll,
        control=_batches(control_waves),
        dns=_batches(dns),
        agents=pools,
        marathon=_batches(marathon),
        load_balancers=_batches(load_balancers),
    )
    if base.vantage:
        for each in staying:
            ReplacementGuard(
                machines.made[each.name],
                "guard",
                machine=machines.made[each.name],
                roles=[
                    role
                    for role in (roles.zookeeper, roles.masters, roles.marathon, roles.dns)
                    if role and role.members_on(each.address)
                ],
                vantage=base.vantage,
                login=base.login,
                patience_seconds=aws.preflight_seconds,
            )
    stacks = [child for child in app.node.children if isinstance(child, TerraformStack)]
    if aws.state_bucket is None:
        _refuse_dropped_machines(cluster, {stack.node.id for stack in stacks})
    if len(stacks) >= _MANY_STACKS:
        text = f"{len(stacks)} stacks, each of which takes seconds: use a larger agent_batch than {aws.agent_batch}"
        Annotations.of(stacks[0]).add_warning(text)


def _batches(waves: Sequence[Wave | None]) -> list[Batch]:
    """Batches of one wave each, without the machines that have left."""
    return [[wave] for wave in waves if wave]


def _refuse_dropped_machines(cluster: Cluster, stacks: Collection[str]) -> None:
    """Refuse a program that lacks a stack of machines whose state in the directory still has machines.

    These would keep running and cost money, since a deploy does not touch a stack that is not in the program.

    Raises:
        ValueError: there is such a stack. The message says what to do first.
    """
    name = re.compile(f"{re.escape(cluster.name)}-({CONTROL}|{AGENTS})-.+-host")
    for stack in stacks_with_states(Path.cwd()):
        if stack not in stacks and name.fullmatch(stack) and any(read_instances(Path.cwd(), stack, "aws_instance")):
            problem = f"{stack} is missing, but its machines still run (its state)"
            remedy = "Put them back, with their names in left, run cdktf deploy '*', then drop them"
            raise ValueError(f"Aws: {problem}. {remedy}")


def _balance(cluster: Cluster, aws: Aws, base: Base, addresses: list[str]) -> None:
    balancer = InternalLoadBalancer(
        base.network,
        "load-balancer",
        name=cluster.name,
        vpc_id=base.vpc_id,
        places=base.private,
        addresses=addresses,
        group_id=base.groups["control"],
        client_cidrs=aws.load_balancer_cidrs,
        marathon_port=cluster.marathon.port,
        marathon_https=cluster.marathon.https,
        marathon_https_port=cluster.marathon.https_port,
        masters_port=cluster.masters.port,
        masters_tls=cluster.tls.stage if cluster.tls else None,
        # From the stage before on, since this is deployed before Marathon, on the way forth and on the way back.
        marathon_has_password=cluster.security is not None and cluster.security.reaches("used"),
        tags=aws.tags,
    )
    https, port = cluster.marathon.https, cluster.marathon.port
    of_marathon = [*([port] if https != "required" else []), *([cluster.marathon.https_port] if https else [])]
    ports = f"Marathon {' and '.join(map(str, of_marathon))}, masters {cluster.masters.port}."
    TerraformOutput(base.network, "load_balancer", value=balancer.dns_name, description=ports)


def _balance_apps(cluster: Cluster, aws: Aws, base: Base, addresses: list[str]) -> None:
    settings, apps = aws.app_load_balancer, cluster.load_balancer
    if settings is None or apps is None:
        return
    if apps.drain_seconds < NOTICES_SECONDS:
        remedy = f"Use {NOTICES_SECONDS} or more: so long app_load_balancer still sends requests to a member that stops"
        raise invalid("LoadBalancerSettings", "drain_seconds", apps.drain_seconds, remedy)
    balancer = AppLoadBalancer(
        base.network,
        "app-load-balancer",
        name=cluster.name,
        vpc_id=base.vpc_id,
        places=base.private if settings.internal else base.public,
        addresses=addresses,
        group_id=base.groups["agents"],
        client_cidrs=settings.client_cidrs,
        domain=apps.domain,
        hosted_zone_id=settings.hosted_zone_id,
        certificate_arns=settings.certificate_arns,
        internal=settings.internal,
        http_port=apps.http_port,
        https_port=apps.https_port,
        tags=aws.tags,
    )
    names = f"Point *.{apps.domain} to it." if apps.domain and not settings.hosted_zone_id else "Apps, 80 and 443."
    TerraformOutput(base.network, "app_load_balancer", value=balancer.dns_name, description=names)


class _Machines:
    """Makes machines and their waves, one after the other."""

    def __init__(self, app: App, cluster: Cluster, aws: Aws, base: Base, roll: Roll) -> None:
        self.made: dict[str, Ec2Machine] = {}
        self._app, self._cluster, self._aws, self._base, self._roll = app, cluster, aws, base, roll
        # The network and the way in are deployed first.
        roll.insert(base.last)

    def new(
        self, phase: str, name: str, machines: Sequence[PlannedMachine], pool: AwsPool | None = None
    ) -> Wave | None:
        """Make machines and their wave, without machines that have left; None if all have left."""
        stack = aws_stack(self._app, self._cluster, self._aws, f"{phase}-{name}-host")
        self._roll.insert(stack)
        machines = [machine for machine in machines if not machine.left]
        if not machines:
            return None
        role = MachineRole(
            stack,
            "role",
            name=f"{self._cluster.name}-{phase[2:]}-{name}",
            region=self._aws.region,
            session_manager=self._aws.session_manager,
            tags=self._aws.tags,
        )
        for machine in machines:
            self.made[machine.name] = self._machine(stack, machine, role, self._options(pool, phase == AGENTS))
        return self._wave(phase, name, machines)

    def again(self, phase: str, machine: PlannedMachine, name: str | None = None) -> Wave:
        """Make another wave for a machine that `new` has made; by default it is named by the machine's number."""
        return self._wave(phase, name or str(machine.number), [machine])

    def _wave(self, phase: str, name: str, machines: Sequence[PlannedMachine]) -> Wave:
        rolled = [
            Machine(
                each.name,
                each.address,
                self.made[each.name].engine,
                leaving=each.leaving,
                ssh_options=self.made[each.name].ssh_options,
                engine_version=self.made[each.name].debian.engine_version,
                cgroup_version=self.made[each.name].debian.cgroup_version,
            )
            for each in machines
        ]
        return self._roll.wave(f"{phase}-{name}", rolled)

    def _machine(
        self, stack: TerraformStack, machine: PlannedMachine, role: MachineRole, options: MachineOptions
    ) -> Ec2Machine:
        aws, base = self._aws, self._base
        return Ec2Machine(
            stack,
            machine.name,
            name=f"{self._cluster.name}-{machine.name}",
            region=aws.region,
            place=machine.place,
            address=machine.address,
            security_group_ids=[base.groups["control" if options.protected else "agents"]],
            key_name=base.key_name,
            role=role,
            login=base.login,
            way_in=base.way_in,
            generation=aws.generations.get(machine.name, 1),
            options=options,
        )

    def _options(self, pool: AwsPool | None, is_agent: bool) -> MachineOptions:
        aws = self._aws
        instance_type, data_gib, spot = aws.control_instance_type, aws.control_data_gib, False
        if is_agent:
            instance_type, data_gib, spot = aws.agent_instance_type, aws.agent_data_gib, aws.agent_spot
        if pool:
            instance_type, data_gib = pool.instance_type or instance_type, pool.data_gib or data_gib
            spot = spot if pool.spot is None else pool.spot
        return MachineOptions(
            instance_type=instance_type,
            debian=self._debian(pool),
            ami=aws.ami,
            root_gib=aws.root_gib,
            data_gib=data_gib,
            kms_key_arn=aws.kms_key_arn,
            protected=not is_agent,
            spot=spot,
            mirror=aws.mirror,
            engine_metrics_port=monitoring.engine_port if (monitoring := self._cluster.monitoring) else None,
            ready_seconds=aws.ready_seconds,
            authorized_keys=aws.further_ssh_public_keys,
            tags=aws.tags,
        )

    def _debian(self, pool: AwsPool | None) -> Literal[12, 13]:
        return (pool and pool.debian) or self._aws.debian
