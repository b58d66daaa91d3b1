"""What can be said about a cluster's machines on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import field

from cdktf_mesos.aws.places import Place
from cdktf_mesos.errors import invalid
from stacks.aws.checks import NAT, OWN_CIDR, check_aws
from stacks.platform import AGENTS, MachinesSettings
from stacks.pools import NumberedPool, check_least

if TYPE_CHECKING:
    from cdktf_mesos.cdk import App, TerraformStack
    from cdktf_mesos.roll import Dropped
    from stacks.settings import Cluster

# What the machines of no pool are called.
_TAKEN = ("agent", "bastion", "control")


class AwsPool(NumberedPool):
    """A pool on the platform `aws`. Its machines are called `<name>-1`, `<name>-2` …, and leave as others do.

    Args:
        first: the place of the first one in its subnet, as 20 is for the agents of no pool, which must stay; further
            ones in the same zone follow.
        batch: how many may be replaced at the same time; by default 1. A batch is a stack, and so this must stay.
        instance_type: by default `Aws.agent_instance_type`.
        data_gib: of the machines' data volumes; by default `Aws.agent_data_gib`.
        spot: whether they are spot instances; by default `Aws.agent_spot`.
    """

    batch: int = 1
    instance_type: str | None = None
    data_gib: int | None = None
    spot: bool | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.name in _TAKEN:
            raise invalid(f"Pool {self.name}", "name", self.name, "another one, as other machines are called so")
        check_least(f"Pool {self.name}", self, {"batch": 1, "data_gib": 1})


class Aws(MachinesSettings, tag_field="kind", tag="aws"):
    """The platform `aws`: the network, the way in and the machines.

    Machines are called control-1, control-2 …, agent-1, agent-2 … and, of pools, <pool>-1, <pool>-2 …; each kind is
    spread over the zones in turn.

    Args:
        region: of AWS.
        zones: of the region; `eu-central-1a`.
        ssh_public_key: the line of the key that logs in; its private half is the ssh agent's or `ssh_options`'.
        admin_cidrs: the ranges from which the bastion takes ssh; needed unless `session_manager`.
        open_to_the_world: whether 0.0.0.0/0 is meant among them; by default not.
        session_manager: whether the way in is AWS's Session Manager, without a bastion; by default not. `ami` must have
            the SSM agent then.
        control_plane: how many machines have ZooKeeper, a master and Marathon: 1, 3 or 5 that stay; by default 3. Names
            in `leaving` and `left` count.
        agents: how many machines have an agent; by default 2. Names in `left` count.
        pools: further agents, each pool with a number of machines of its own. They are rolled in this order, before
            the other agents. None by default.
        agent_batch: how many agents may be replaced at the same time; by default 1. A batch is a stack, and so this
            must stay.
        leaving: names of machines whose members end with the next deploy, an agent only when it has no tasks.
            Afterwards they are put into `left`.
        left: the names of machines that have left: the next deploy ends them, and leaves snapshots of their data. The
            last ones of a kind can then be dropped from it, by a smaller number; others stay in it for ever, as their
            numbers are not used again. Their addresses may be, from the deploy after that on.
        addresses: fixed private addresses by the machines' names, `bastion` among them; by default number 10 of
            the subnet and following for the control plane, 20 and following for agents, 4 for the bastion.
        generations: by the machines' names; another number than 1 replaces the machine, its data stay.
        cidr: the range of the cluster's own VPC; by default 10.20.0.0/16.
        private_cidrs: a range for each zone, for machines; by default parts of `cidr`.
        public_cidrs: a range for each zone, for bastion and NAT; by default parts of `cidr`.
        nat: how the machines get out: by `one` gateway, which is the default, one `per-zone`, or `none`.
        endpoints: AWS services reached without NAT, such as `ssm`; none by default.
        vpc_id: an existing VPC instead of one of the cluster's own; none by default.
        private_subnets: of the existing VPC, one for each zone.
        public_subnets: the same, for the bastion, which is in the first zone.
        ami: of Debian 12 on amd64; by default the newest when a machine is made.
        login_user: the image's; by default `admin`.
        control_instance_type: by default m6i.large.
        agent_instance_type: by default m6i.xlarge.
        root_gib: of every root volume; by default 30.
        control_data_gib: of the data volumes of the control plane, 1 or more; by default 50.
        agent_data_gib: of the agents' data volumes; by default 100.
        agent_spot: whether the agents are spot instances; by default not.
        kms_key_arn: of the key that encrypts volumes; by default the account's own for EBS.
        mirror: of Debian's packages; by default Debian's own.
        ready_seconds: how long a new machine may take until it is ready; by default 900.
        state_bucket: the S3 bucket of the region that has the state; by default the state is in the directory.
        load_balancer_cidrs: the ranges whose clients may use an internal load balancer for Marathon and the masters; by
            default none, and then there is none.
        tags: of everything.

    Raises:
        ValueError: what cannot be right, or would be ignored beside another setting.
    """

    region: str
    zones: list[str]
    ssh_public_key: str
    admin_cidrs: list[str] = field(default_factory=list)
    open_to_the_world: bool = False
    session_manager: bool = False
    control_plane: int = 3
    agents: int = 2
    pools: list[AwsPool] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    cidr: str = OWN_CIDR
    private_cidrs: list[str] = field(default_factory=list)
    public_cidrs: list[str] = field(default_factory=list)
    nat: Literal["one", "per-zone", "none"] = NAT
    endpoints: list[str] = field(default_factory=list)
    vpc_id: str | None = None
    private_subnets: list[Place] = field(default_factory=list)
    public_subnets: list[Place] = field(default_factory=list)
    ami: str | None = None
    login_user: str = "admin"
    control_instance_type: str = "m6i.large"
    agent_instance_type: str = "m6i.xlarge"
    root_gib: int = 30
    control_data_gib: int = 50
    agent_data_gib: int = 100
    agent_spot: bool = False
    kms_key_arn: str | None = None
    mirror: str = ""
    ready_seconds: int = 900
    state_bucket: str | None = None
    load_balancer_cidrs: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_aws(self)

    def add_stacks(self, app: App, cluster: Cluster) -> None:
        """Add the stacks of the network, the machines and all waves, chained in the order of a roll."""
        from stacks.aws.stacks import add_aws_cluster

        add_aws_cluster(app, cluster, self)

    def keep_state(self, stack: TerraformStack, key: str) -> None:
        """Say where the state of a stack is, if that is not the directory of the program."""
        from cdktf_mesos.aws import keep_state

        if self.state_bucket:
            keep_state(stack, bucket=self.state_bucket, key=key, region=self.region)

    @property
    def roll_ssh_options(self) -> list[str]:
        """None: the login of each machine has them."""
        return []

    def put_back(self, dropped: Dropped) -> str:
        """What to do first where a machine has gone from the program though its members run."""
        what = f"{dropped.machine or dropped.wave!r} is gone, and its members run (the state of {dropped.stack})"
        drained = ", drain it," if dropped.wave.startswith(AGENTS) else ""
        return f"Aws: {what}: put it back,{drained} with its name in leaving, cdktf deploy '*', then with it in left"
