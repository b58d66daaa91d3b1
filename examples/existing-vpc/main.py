"""A small Mesos cluster in an existing VPC, reached through AWS's Session Manager: no bastion, no open port.

One machine has ZooKeeper, the master and Marathon, two machines have agents. Each role of the control plane has only
one member, so a preflight has no other members to check. So each machine needs only two stacks: one for the machine
itself, and one for its members.
"""

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_mesos import DockerHost, Image, Marathon, MesosAgentPool, MesosMasterSet, Pin, ZookeeperEnsemble
from cdktf_mesos import aws as cloud

NAME, REGION = "dev", "eu-central-1"
VPC = "vpc-0a1b2c3d4e5f60718"
# Every plan checks that the subnets match these lines. They must reach packages, images and Systems Manager.
PRIVATE = [
    cloud.Place("subnet-0a1b2c3d4e5f60718", "eu-central-1a", "172.31.0.0/20"),
    cloud.Place("subnet-0b1c2d3e4f5a60718", "eu-central-1b", "172.31.16.0/20"),
]
AMI = "ami-0a1b2c3d4e5f60718"  # Debian 13 with the SSM agent, which Debian's own images do not have
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZSB5b3VyIG93biBrZXksIHRoaXMgaXMgbm9uZQAA you@example.org"
CONTROL, AGENTS = ["172.31.0.10"], ["172.31.0.20", "172.31.16.20"]

app = App()
chain: list[TerraformStack] = []


def next_stack(name: str, *, on_aws: bool = False) -> TerraformStack:
    """A stack that depends on the one before."""
    stack = TerraformStack(app, f"{NAME}-{name}")
    if on_aws:
        cloud.bindings.AwsProvider(stack, "aws", region=REGION)
    if chain:
        stack.add_dependency(chain[-1])
    chain.append(stack)
    return stack


base = next_stack("network", on_aws=True)
network = cloud.ExistingNetwork(base, "network", vpc_id=VPC, private=PRIVATE)
groups = cloud.ClusterSecurity(base, "security", name=NAME, vpc_id=VPC, bastion=False).groups
key_name = cloud.bindings.KeyPair(base, "key", key_name=NAME, public_key=PUBLIC_KEY).key_name


def host(name: str, address: str, place: cloud.Place, group: str) -> DockerHost:
    """A machine, and the host for its members."""
    stack = next_stack(f"{name}-host", on_aws=True)
    machine = cloud.Ec2Machine(
        stack,
        name,
        name=f"{NAME}-{name}",
        region=REGION,
        place=place,
        address=address,
        security_group_ids=[groups[group].id],
        key_name=key_name,
        role=cloud.MachineRole(stack, "role", name=f"{NAME}-{name}", region=REGION, session_manager=True),
        login=cloud.Login("admin"),
        way_in=cloud.SessionManager(REGION),
        options=cloud.MachineOptions(ami=AMI),
    )
    return DockerHost(
        next_stack(f"{name}-members"), name, address=address, engine=machine.engine, ssh_options=machine.ssh_options
    )


control = [host("control", CONTROL[0], network.private[0], "control")]
agents = [host(f"agent-{i + 1}", AGENTS[i], network.private[i], "agents") for i in range(len(AGENTS))]

roles = Construct(app, NAME)
mesos = Image("mesosphere/mesos-master", Pin("mesos_version", "1.7.1"))
zookeeper = ZookeeperEnsemble(roles, "zookeeper", hosts=control, image="zookeeper:3.9.4")
masters = MesosMasterSet(roles, "masters", hosts=control, zookeeper=zookeeper, cluster=NAME, image=mesos)
MesosAgentPool(roles, "agents", hosts=agents, masters=masters, resources={"ports": "[31000-31999]"})
# It has its principal from the first day on: security needs one, and a Marathon that runs can get none later.
image = "mesosphere/marathon:v1.11.24"
marathon = Marathon(roles, "marathon", hosts=control, masters=masters, image=image, principal="marathon")
TerraformOutput(chain[-1], "marathon_urls", value=marathon.urls)
app.synth()
