"""The `aws` platform: network, way in and machines, then the waves of a roll as on machines that exist already.

The machines of a wave have a stack of their own before those of the wave, `<cluster>-<phase>-<name>-host`, without the
Docker provider in it: so a machine that is dead can be replaced. It waits, as its wave does, for the wave before. It is
also there for machines that have left: a stack that is no longer in the program keeps what it has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from cdktf_mesos.aws import Ec2Machine, InternalLoadBalancer, MachineOptions, MachineRole, ReplacementGuard
from cdktf_mesos.cdk import Annotations, App, TerraformOutput, TerraformStack
from cdktf_mesos.roll import Batch, Machine, Roll, Wave
from cdktf_mesos.states import read_instances, stacks_with_states
from stacks.aws.names import PlannedMachine, agents, batches, control_plane
from stacks.aws.network import Base, add_base, aws_stack
from stacks.aws.settings import Aws, AwsPool
from stacks.members import PoolBatches, add_members, new_roll
from stacks.platform import AGENTS, CONTROL, MARATHON
from stacks.settings import Cluster

# cdktf takes seconds for each, also where nothing changes.
_MANY_STACKS = 60

# Debian 12's own docker.io, which the machines install when they are made.
_ENGINE = "20.10.24"


def add_aws_cluster(app: App, cluster: Cluster, aws: Aws) -> None:
    """Add the stacks of the network, the machines and all waves, chained in the order of a roll."""
    base = add_base(app, cluster, aws)
    control = control_plane(aws, base.private)
    staying = [each for each in control if not (each.leaving or each.left)]
    # Those that leave the control plane end first, as on machines that exist already.
    control = [*(each for each in control if each not in staying), *staying]
    if aws.load_balancer_cidrs:
        _balance(cluster, aws, base, [each.address for each in staying])
    roll = new_roll(app, cluster, aws)
    machines = _Machines(app, cluster, aws, base, roll)
    control_waves = [machines.new(CONTROL, str(each.number), [each]) for each in control]
    pools = []
    for pool, made in agents(aws, base.private):
        size = pool.batch if pool else aws.agent_batch
        waves = [machines.new(AGENTS, name, batch, pool) for name, batch in batches(made, size, pool)]
        pools.append(PoolBatches(pool, _batches(waves)))
    marathon = [machines.again(MARATHON, each) for each in control if not each.left]
    roles = add_members(app, cluster, roll, control=_batches(control_waves), agents=pools, marathon=_batches(marathon))
    if base.vantage:
        for each in staying:
            ReplacementGuard(
                machines.made[each.name],
                "guard",
                machine=machines.made[each.name],
                roles=[roles.zookeeper, roles.masters, roles.marathon],
                vantage=base.vantage,
                login=base.login,
                patience_seconds=aws.preflight_seconds,
            )
    stacks = [child for child in app.node.children if isinstance(child, TerraformStack)]
    if aws.state_bucket is None:
        _refuse_dropped_machines(cluster, {stack.node.id for stack in stacks})
    if len(stacks) >= _MANY_STACKS:
        text = f"{len(stacks)} stacks, each of which takes seconds: agent_batch={aws.agent_batch} could be larger"
        Annotations.of(stacks[0]).add_warning(text)


def _batches(waves: Sequence[Wave | None]) -> list[Batch]:
    """One after the other, without those that have left."""
    return [[wave] for wave in waves if wave]


def _refuse_dropped_machines(cluster: Cluster, stacks: Collection[str]) -> None:
    """Refuse a program without the stack of machines whose state, here in the directory, still has some.

    They would run on and cost, as a deploy ends nothing of a stack that is not in the program.

    Raises:
        ValueError: with what is to be done first.
    """
    name = re.compile(f"{re.escape(cluster.name)}-({CONTROL}|{AGENTS})-.+-host")
    for stack in stacks_with_states(Path.cwd()):
        if stack not in stacks and name.fullmatch(stack) and any(read_instances(Path.cwd(), stack, "aws_instance")):
            what = f"{stack} is gone, and its machines run (its state)"
            raise ValueError(f"Aws: {what}: put them back, with their names in left, cdktf deploy '*', then drop them")


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
        masters_port=cluster.masters.port,
        tags=aws.tags,
    )
    ports = f"Marathon {cluster.marathon.port}, masters {cluster.masters.port}."
    TerraformOutput(base.network, "load_balancer", value=balancer.dns_name, description=ports)


class _Machines:
    """Makes machines and their waves, each after the one before."""

    def __init__(self, app: App, cluster: Cluster, aws: Aws, base: Base, roll: Roll) -> None:
        self.made: dict[str, Ec2Machine] = {}
        self._app, self._cluster, self._aws, self._base, self._roll = app, cluster, aws, base, roll
        # The network and the way in come first.
        roll.insert(base.last)

    def new(
        self, phase: str, name: str, machines: Sequence[PlannedMachine], pool: AwsPool | None = None
    ) -> Wave | None:
        """A wave on new machines, without those that have left; none where all have."""
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

    def again(self, phase: str, machine: PlannedMachine) -> Wave:
        """A wave on a machine that is there."""
        return self._wave(phase, str(machine.number), [machine])

    def _wave(self, phase: str, name: str, machines: Sequence[PlannedMachine]) -> Wave:
        rolled = [
            Machine(
                each.name,
                each.address,
                self.made[each.name].engine,
                leaving=each.leaving,
                ssh_options=self.made[each.name].ssh_options,
                engine_version=_ENGINE,
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
            ami=aws.ami,
            root_gib=aws.root_gib,
            data_gib=data_gib,
            kms_key_arn=aws.kms_key_arn,
            protected=not is_agent,
            spot=spot,
            mirror=aws.mirror,
            ready_seconds=aws.ready_seconds,
            tags=aws.tags,
        )
