"""The common part of a cluster on AWS: the network, the security groups and the way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from cdktf_mesos import (
    AgentExporter,
    Marathon,
    MarathonLb,
    MasterExporter,
    MesosAgentPool,
    MesosDns,
    MesosMasterSet,
    ZookeeperEnsemble,
)
from cdktf_mesos.aws import (
    Bastion,
    ClusterSecurity,
    Ec2Machine,
    ExistingNetwork,
    Login,
    MachineOptions,
    Network,
    Place,
    Ports,
    SessionManager,
    bindings,
)
from cdktf_mesos.aws.login import WayIn
from cdktf_mesos.cdk import App, TerraformOutput, TerraformStack
from cdktf_mesos.expressions import literal, shell_word
from cdktf_mesos.role.ports import PROMETHEUS
from stacks.aws.names import agents, with_load_balancer
from stacks.aws.settings import Aws
from stacks.load_balancers import SERVICE_PORTS
from stacks.pools import all_settings
from stacks.settings import Cluster
from stacks.state import new_stack

# Default position of the bastion in its subnet, counted from 0: AWS reserves the first four addresses.
_FIRST = 4


@dataclass(frozen=True)
class Base:
    """The parts of the network that the stacks of machines need.

    Args:
        private: the subnets of the machines, one for each zone.
        groups: the ids of the security groups, by name.
        key_name: the name of the key pair.
        login: the user that logs in, and the options of ssh.
        way_in: the way of a login to the machines.
        vantage: the machine that reaches all others, the bastion; None with the Session Manager.
        last: the stack that must be deployed before those of machines.
        public: the public subnets; none in an existing VPC for which none are given.
        network: the stack of the network.
        vpc_id: the id of the VPC.
    """

    private: list[Place]
    groups: dict[str, str]
    key_name: str
    login: Login
    way_in: WayIn
    vantage: Ec2Machine | None
    last: TerraformStack
    public: list[Place]
    network: TerraformStack
    vpc_id: str


def add_base(app: App, cluster: Cluster, aws: Aws) -> Base:
    """Add the stacks of the network and of the bastion."""
    stack = aws_stack(app, cluster, aws, "0-network")
    network = _network(stack, cluster, aws)
    private = _of_zones(network.private, aws.zones)
    security = ClusterSecurity(
        stack,
        "security",
        name=cluster.name,
        vpc_id=network.vpc_id,
        bastion=not aws.session_manager,
        ports=_ports(cluster, aws),
        prometheus_cidrs=aws.prometheus_cidrs,
        load_balancers=[each.address for each in with_load_balancer(cluster, agents(aws, private))],
        tags=aws.tags,
    )
    key = bindings.KeyPair(
        stack,
        "key",
        key_name=cluster.name,
        public_key=aws.ssh_public_key,
        tags={**aws.tags, "Name": cluster.name},
    )
    login = Login(aws.login_user, tuple(aws.ssh_options))
    groups = {role: group.id for role, group in security.groups.items()}
    if aws.session_manager:
        way_in = SessionManager(aws.region)
        return Base(private, groups, key.key_name, login, way_in, None, stack, network.public, stack, network.vpc_id)

    network_stack = stack
    place = _of_zones(network.public, aws.zones[:1])[0]
    stack = aws_stack(app, cluster, aws, "0-network-bastion")
    bastion = Bastion(
        stack,
        "bastion",
        name=f"{cluster.name}-bastion",
        region=aws.region,
        place=place,
        address=aws.addresses.get("bastion") or str(IPv4Network(place.cidr)[_FIRST]),
        security_group_id=groups["bastion"],
        key_name=key.key_name,
        login=login,
        admin_cidrs=aws.admin_cidrs,
        open_to_the_world=aws.open_to_the_world,
        generation=aws.generations.get("bastion", 1),
        options=MachineOptions(
            instance_type="t3.micro",
            debian=aws.debian,
            ami=aws.ami,
            root_gib=8,
            data_gib=0,
            kms_key_arn=aws.kms_key_arn,
            ready_seconds=aws.ready_seconds,
            authorized_keys=aws.further_ssh_public_keys,
            tags=aws.tags,
        ),
    )
    words = [*bastion.machine.ssh_options, f"{login.user}@{bastion.machine.reached_at}"]
    TerraformOutput(
        stack,
        "tunnel",
        value=f"ssh -N -D 127.0.0.1:1080 {literal(' '.join(map(shell_word, words)))}",
        description="A SOCKS proxy for a browser: the UIs of masters, Marathon and agents by their private addresses.",
    )
    return Base(
        private,
        groups,
        key.key_name,
        login,
        bastion,
        bastion.machine,
        stack,
        network.public,
        network_stack,
        network.vpc_id,
    )


def aws_stack(app: App, cluster: Cluster, aws: Aws, name: str) -> TerraformStack:
    """Make a stack with the AWS provider, which tags all resources in it with the cluster's name."""
    stack = new_stack(app, cluster, name)
    tags = bindings.AwsProviderDefaultTags(tags={"Cluster": cluster.name, "ManagedBy": "cdktf-mesos"})
    bindings.AwsProvider(stack, "aws", region=aws.region, default_tags=[tags])
    return stack


def _network(stack: TerraformStack, cluster: Cluster, aws: Aws) -> Network | ExistingNetwork:
    if aws.vpc_id is not None:
        return ExistingNetwork(
            stack, "network", vpc_id=aws.vpc_id, private=aws.private_subnets, public=aws.public_subnets
        )
    return Network(
        stack,
        "network",
        name=cluster.name,
        region=aws.region,
        zones=aws.zones,
        cidr=aws.cidr,
        private_cidrs=aws.private_cidrs,
        public_cidrs=aws.public_cidrs,
        nat=aws.nat,
        endpoints=aws.endpoints,
        tags=aws.tags,
    )


def _ports(cluster: Cluster, aws: Aws) -> list[Ports]:
    """The rules that the roles need, for the ports in the settings."""
    zookeeper, marathon = cluster.zookeeper, cluster.marathon
    needed = [
        *ZookeeperEnsemble.reached(
            client_port=zookeeper.client_port, peer_port=zookeeper.peer_port, election_port=zookeeper.election_port
        ),
        *MesosMasterSet.reached(port=cluster.masters.port),
        *Marathon.reached(port=marathon.port, libprocess_port=marathon.libprocess_port, **_https_port(cluster)),
    ]
    if cluster.dns:
        needed += MesosDns.reached(port=cluster.dns.port, http_port=cluster.dns.http_port)
    for _, pool in all_settings(aws.pools, cluster.agents):
        needed += [each for each in MesosAgentPool.reached(port=pool.first_port) if each not in needed]
    return [*needed, *_ports_of_load_balancers(cluster), *_ports_of_metrics(cluster)]


def _ports_of_load_balancers(cluster: Cluster) -> list[Ports]:
    """The rules that load balancers need. They are on the machines of agents."""
    if (balancer := cluster.load_balancer) is None:
        return []
    given = {**SERVICE_PORTS, **cluster.marathon.flags}
    first, last = (int(given[name]) for name in SERVICE_PORTS)
    services = [Ports("agents", source, first, last, "Apps by their service ports") for source in ("control", "agents")]
    ports = {cluster.marathon.port, *_https_port(cluster).values()}
    return [
        *MarathonLb.reached(http_port=balancer.http_port, https_port=balancer.https_port),
        *services,
        *(Ports("control", "load_balancers", port, port, "Load balancers to Marathon") for port in sorted(ports)),
    ]


def _https_port(cluster: Cluster) -> dict[str, int]:
    return {"https_port": cluster.marathon.https_port} if cluster.marathon.https else {}


def _ports_of_metrics(cluster: Cluster) -> list[Ports]:
    """The rules that Prometheus needs to scrape all targets."""
    if (monitoring := cluster.monitoring) is None:
        return []
    needed = []
    if monitoring.zookeeper_port is not None:
        metrics = ZookeeperEnsemble.reached(metrics_port=monitoring.zookeeper_port)
        needed += [each for each in metrics if each.source == PROMETHEUS]
    if exporter := monitoring.mesos_exporter:
        needed += [
            *MasterExporter.reached(port=exporter.master_port),
            *AgentExporter.reached(port=exporter.agent_port),
        ]
    if monitoring.marathon:
        port = _https_port(cluster).get("https_port", cluster.marathon.port)
        needed.append(Ports("control", PROMETHEUS, port, port, "Metrics of Marathon, at the port of its API"))
    if (engine := monitoring.engine_port) is not None:
        needed += [Ports(group, PROMETHEUS, engine, engine, "Metrics of the engine") for group in ("control", "agents")]
    return needed


def _of_zones(places: Sequence[Place], zones: Sequence[str]) -> list[Place]:
    """A subnet for each zone."""
    by_zone = {place.zone: place for place in places}
    return [by_zone[zone] for zone in zones]
