"""The settings of the platform `aws`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import field

from cdktf_mesos.aws.places import Place
from cdktf_mesos.errors import invalid
from stacks.aws.checks import NAT, OWN_CIDR, check_aws
from stacks.dns.settings import PUT_BACK
from stacks.model import Settings
from stacks.platform import AGENTS, DNS, MachinesSettings
from stacks.pools import NumberedPool, check_least

if TYPE_CHECKING:
    from cdktf_mesos.cdk import App, TerraformStack
    from cdktf_mesos.roll import Dropped
    from stacks.settings import Cluster

# The names of machines in no pool begin with these.
_TAKEN = ("agent", "bastion", "control")


class AwsPool(NumberedPool):
    """A pool on the platform `aws`. Its machines are called `<name>-1`, `<name>-2` …, and leave like other machines.

    Args:
        first: the position of its first machine's address in the subnet; further machines in the same zone follow. For
            agents in no pool it is 20. It must stay.
        batch: how many of its agents may be replaced at the same time; by default 1. It must stay, because each batch
            has its own stack.
        instance_type: the instance type; by default `Aws.agent_instance_type`.
        data_gib: size of the data volumes, in GiB; by default `Aws.agent_data_gib`.
        spot: whether they are spot instances; by default `Aws.agent_spot`.
        debian: the release of Debian, 12 or 13; by default `Aws.debian`.
    """

    batch: int = 1
    instance_type: str | None = None
    data_gib: int | None = None
    spot: bool | None = None
    debian: Literal[12, 13] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.name in _TAKEN:
            raise invalid(f"Pool {self.name}", "name", self.name, "Use another name: other machines are called so")
        check_least(f"Pool {self.name}", self, {"batch": 1, "data_gib": 1})


class AppLoadBalancerSettings(Settings):
    """The network load balancer in front of the load balancers for Marathon's apps.

    Args:
        client_cidrs: the address ranges of clients, such as `198.51.100.0/24`; `0.0.0.0/0` is everyone.
        hosted_zone_id: the hosted zone of Route 53 that gets a record for `*.<domain>`; by default none does.
        certificate_arns: certificates of AWS's certificate manager for https, the default one first. By default
            the machines decrypt https.
        internal: whether it has private addresses only, in the private subnets; by default false.
    """

    client_cidrs: list[str]
    hosted_zone_id: str | None = None
    certificate_arns: list[str] = field(default_factory=list)
    internal: bool = False


class Aws(MachinesSettings, tag_field="kind", tag="aws"):
    """The platform `aws`: the network, the way in and the machines.

    Machines are called `control-1`, `control-2` …, `agent-1`, `agent-2` … and, in pools, `<pool>-1`, `<pool>-2` …. The
    machines of each kind are spread over the zones in turn.

    Args:
        region: the region of AWS.
        zones: availability zones of the region, such as `eu-central-1a`.
        ssh_public_key: the public key for logins, one line. The ssh agent or `ssh_options` must have its private
            key. A change is for new machines; `cdktf-mesos keys` changes those that exist.
        further_ssh_public_keys: public keys of further operators, each one line; by default there are none. A change is
            for new machines, too.
        admin_cidrs: the address ranges from which the bastion accepts ssh; needed without `session_manager`.
        open_to_the_world: whether `admin_cidrs` may include 0.0.0.0/0; by default false.
        session_manager: whether the way in is AWS's Session Manager instead of a bastion; by default false. `ami` must
            then have the SSM agent.
        control_plane: number of machines with ZooKeeper, a master and Marathon; by default 3. It includes machines in
            `leaving` and `left`; without these it must be 1, 3 or 5.
        agents: number of machines with an agent in no pool; by default 2. It includes machines in `leaving` and `left`.
        pools: pools of further agents, each with its own machines. They are rolled in this order, before the other
            agents. By default there are none.
        agent_batch: how many agents may be replaced at the same time; by default 1. It must stay, because each batch
            has its own stack.
        leaving: names of machines whose members end with the next deploy; an agent ends only when it has no tasks.
            After that deploy, move the names to `left`.
        left: names of machines that have left. The next deploy ends these machines, and makes snapshots of their data.
            After it, you can drop the last machines of a kind: remove their names here, and reduce the number of
            machines. Other names stay here for ever, because their numbers are not used again. The deploy
            after that, or a later one, can give the address of such a machine to another machine.
        addresses: fixed private addresses, by the names of machines, including `bastion`. By default addresses of the
            control plane begin at number 10 of the subnet, those of agents at 20; the bastion has number 4.
        generations: generations of machines, by their names; by default 1. Another number replaces the machine, and its
            data stay.
        cidr: the address range of the cluster's own VPC; by default 10.20.0.0/16.
        private_cidrs: a range for each zone, for machines; by default parts of `cidr`.
        public_cidrs: a range for each zone, for bastion and NAT; by default parts of `cidr`.
        nat: how machines reach addresses outside: by `one` NAT gateway for all (the default), by one `per-zone`, or
            with `none`, by another route.
        endpoints: AWS services that are reached without NAT, such as `ssm`; by default there are none.
        vpc_id: the id of an existing VPC to use instead of the cluster's own; by default there is none.
        private_subnets: subnets of the existing VPC for the machines, one for each zone.
        public_subnets: subnets of the existing VPC for the bastion, which is in the first zone.
        debian: the release of Debian that new machines have, 12 or 13; by default 13. Machines that exist keep theirs.
            Debian 13 has cgroup v2, on which some releases and settings of Mesos cannot run Docker tasks.
        ami: the id of an image with that release of Debian on amd64; by default the newest when a machine is made.
        login_user: the image's user that logs in; by default `admin`.
        control_instance_type: instance type of the control plane; by default m6i.large.
        agent_instance_type: instance type of the agents; by default m6i.xlarge.
        root_gib: size of every root volume, in GiB; by default 30.
        control_data_gib: size of the data volumes of the control plane, in GiB, 1 or more; by default 50.
        agent_data_gib: size of the agents' data volumes, in GiB; by default 100.
        agent_spot: whether the agents are spot instances; by default false.
        kms_key_arn: ARN of the key that encrypts volumes; by default the account's own key for EBS.
        mirror: a mirror of Debian's archive; by default Debian's own.
        ready_seconds: how long a new machine may take until it is ready, in seconds; by default 900.
        state_bucket: an S3 bucket in the region for the states; by default they are in the working directory.
        dns_resolver_rule: whether the VPC's own resolver asks Mesos-DNS for the names of its domain (a rule of Route 53
            Resolver, which AWS charges by the hour), so that all machines and containers of the VPC can use them. It
            needs the setting `dns` and two zones. By default false.
        load_balancer_cidrs: address ranges of clients that may use an internal load balancer for Marathon and the
            masters; by default there are none, and no load balancer is made.
        prometheus_cidrs: address ranges of the servers that may scrape the metrics of `Cluster.monitoring`. With
            `monitoring.marathon` they reach the port of Marathon's API, and so can deploy apps unless Marathon has a
            password. By default there are none.
        app_load_balancer: the network load balancer in front of `Cluster.load_balancer`; by default there is none.
        tags: tags of all resources; by default there are none.

    Raises:
        ValueError: a setting is invalid, or would be ignored because of another one.
    """

    region: str
    zones: list[str]
    ssh_public_key: str
    further_ssh_public_keys: list[str] = field(default_factory=list)
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
    debian: Literal[12, 13] = 13
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
    dns_resolver_rule: bool = False
    load_balancer_cidrs: list[str] = field(default_factory=list)
    prometheus_cidrs: list[str] = field(default_factory=list)
    app_load_balancer: AppLoadBalancerSettings | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_aws(self)

    def check(self, cluster: Cluster) -> None:
        """Refuse a rule for names that nothing serves, and a network load balancer without targets or subnets."""
        balancer = self.app_load_balancer
        if balancer and cluster.load_balancer is None:
            remedy = "Set load_balancer of the cluster as well: its members are the targets"
            raise invalid("Aws", "app_load_balancer", balancer, remedy)
        if balancer and not balancer.internal and self.vpc_id is not None and not self.public_subnets:
            remedy = "Set public_subnets as well, or internal=True: without public subnets it has no public address"
            raise invalid("Aws", "app_load_balancer", balancer, remedy)
        if self.prometheus_cidrs and cluster.monitoring is None:
            remedy = "Set Cluster.monitoring as well: without it there are no metrics to scrape"
            raise invalid("Aws", "prometheus_cidrs", self.prometheus_cidrs, remedy)
        if self.dns_resolver_rule and cluster.dns is None:
            raise invalid("Aws", "dns_resolver_rule", True, "Set Cluster.dns as well: the rule is for its names")

    def add_stacks(self, app: App, cluster: Cluster) -> None:
        """Add the stacks of the network, the machines and all waves, chained in the order of a roll."""
        from stacks.aws.stacks import add_aws_cluster

        add_aws_cluster(app, cluster, self)

    def keep_state(self, stack: TerraformStack, key: str) -> None:
        """Give a stack the bucket as its backend, if there is one."""
        from cdktf_mesos.aws import keep_state

        if self.state_bucket:
            keep_state(stack, bucket=self.state_bucket, key=key, region=self.region)

    @property
    def roll_ssh_options(self) -> list[str]:
        """Empty, because the login of each machine has the options."""
        return []

    @property
    def resolvers(self) -> list[str]:
        """The resolver of every VPC (Amazon VPC user guide, Amazon DNS server)."""
        return ["169.254.169.253"]

    def put_back(self, dropped: Dropped) -> str:
        """The message of the error for a machine that was dropped while its members still run."""
        problem = (
            f"{dropped.machine or dropped.wave!r} is missing, but its members still run (the state of {dropped.stack})"
        )
        if dropped.wave.startswith(DNS):
            return f"Cluster: dns: {problem}. {PUT_BACK}"
        drain = " Drain it." if dropped.wave.startswith(AGENTS) else ""
        return (
            f"Aws: {problem}. Put it back with its name in leaving.{drain} Run cdktf deploy '*'. Then move its name to "
            "left, and run cdktf deploy '*' again"
        )
