"""What can be said about a cluster's machines on AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cdktf_mesos.aws.places import Place
from stacks.aws_checks import check_aws
from stacks.typed import check_types


@dataclass(frozen=True)
class Aws:
    """The network, the way in and the machines of the `aws` platform.

    Machines are called control-1, control-2 …, agent-1, agent-2 … and, of `Cluster.pools`, <pool>-1, <pool>-2 …; each
    kind is spread over the zones in turn.

    Args:
        region: of AWS.
        zones: of the region; `eu-central-1a`.
        ssh_public_key: the line of the key that logs in; its private half is the ssh agent's or `Cluster.ssh_options`'.
        admin_cidrs: the ranges from which the bastion takes ssh; needed unless `session_manager`.
        open_to_the_world: whether 0.0.0.0/0 is meant among them; by default not.
        session_manager: whether the way in is AWS's Session Manager, without a bastion; by default not. `ami` must have
            the SSM agent then.
        control_plane: how many machines have ZooKeeper, a master and Marathon: 1, 3 or 5 that stay; by default 3. Names
            in `leaving` and `left` count.
        agents: how many machines have an agent; by default 2. Names in `left` count.
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
    leaving: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    cidr: str = "10.20.0.0/16"
    private_cidrs: list[str] = field(default_factory=list)
    public_cidrs: list[str] = field(default_factory=list)
    nat: Literal["one", "per-zone", "none"] = "one"
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
        check_types(self)
        check_aws(self)
