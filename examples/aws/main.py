"""A Mesos cluster on AWS: a network, three machines for the control plane, two for agents, and a bastion.

Every machine has its own stacks, and all stacks form one chain. So `cdktf deploy '*'` makes the cluster. Later it rolls
a change of this program machine by machine, in Mesos's order: masters before agents, frameworks last. The roll goes on
only while all other members of a set serve.
"""

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_mesos import Image, Machine, Marathon, MesosAgentPool, MesosMasterSet, Phase, Pin, Roll, ZookeeperEnsemble
from cdktf_mesos import aws as cloud
from cdktf_mesos import hosts_of as on
from cdktf_mesos.roll import Batch

NAME = "cluster7"
REGION, ZONES = "eu-central-1", ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
STATES = "example-terraform-states"  # the bucket of the example state-bucket
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZSB5b3VyIG93biBrZXksIHRoaXMgaXMgbm9uZQAA you@example.org"
ADMINS = ["198.51.100.7/32"]  # the networks that you log in from
CONTROL = {"control-1": "10.20.0.10", "control-2": "10.20.16.10", "control-3": "10.20.32.10"}
AGENTS = {"agent-1": "10.20.0.20", "agent-2": "10.20.16.20"}
ZOOKEEPER = Image("zookeeper", Pin("zookeeper_version", "3.9.4"))
MESOS = Image("mesosphere/mesos-master", Pin("mesos_version", "1.7.1"))
MARATHON = Image("mesosphere/marathon", Pin("marathon_version", "v1.11.24"))

app = App()


def new_stack(name: str) -> TerraformStack:
    """A stack with its state in the bucket."""
    stack = TerraformStack(app, name)
    cloud.keep_state(stack, bucket=STATES, key=f"{NAME}/{name.removeprefix(f'{NAME}-')}.tfstate", region=REGION)
    return stack


roll = Roll(app, NAME, new_stack=new_stack)


def next_on_aws(name: str) -> TerraformStack:
    """The next stack of the roll, with AWS resources."""
    stack = new_stack(f"{NAME}-{name}")
    cloud.bindings.AwsProvider(stack, "aws", region=REGION)
    roll.insert(stack)
    return stack


base = next_on_aws("0-network")
network = cloud.Network(base, "network", name=NAME, region=REGION, zones=ZONES, cidr="10.20.0.0/16")
groups = cloud.ClusterSecurity(base, "security", name=NAME, vpc_id=network.vpc_id).groups
key_name = cloud.bindings.KeyPair(base, "key", key_name=NAME, public_key=PUBLIC_KEY).key_name
login = cloud.Login("admin")  # the user of Debian's images, with the key in your ssh agent
bastion = cloud.Bastion(
    next_on_aws("0-network-bastion"),
    "bastion",
    name=f"{NAME}-bastion",
    region=REGION,
    place=network.public[0],
    address="10.20.255.4",
    security_group_id=groups["bastion"].id,
    key_name=key_name,
    login=login,
    admin_cidrs=ADMINS,
)


def machine(name: str, address: str, place: cloud.Place, group: str, data_gib: int) -> cloud.Ec2Machine:
    """A machine, in its own stack."""
    stack = next_on_aws(f"{name}-host")
    return cloud.Ec2Machine(
        stack,
        name,
        name=f"{NAME}-{name}",
        region=REGION,
        place=place,
        address=address,
        security_group_ids=[groups[group].id],
        key_name=key_name,
        role=cloud.MachineRole(stack, "role", name=f"{NAME}-{name}", region=REGION),
        login=login,
        way_in=bastion,
        options=cloud.MachineOptions(data_gib=data_gib, protected=group == "control"),
    )


def wave(name: str, of: cloud.Ec2Machine) -> Batch:
    """The next wave of the roll: the members on a machine."""
    machine = Machine(of.name, of.address, of.engine, ssh_options=of.ssh_options)
    return [roll.wave(name, [machine])]


machines: dict[str, cloud.Ec2Machine] = {}
control: list[Batch] = []
agents: list[Batch] = []
for addresses, group, waves, data_gib in ((CONTROL, "control", control, 50), (AGENTS, "agents", agents, 100)):
    for (name, address), place in zip(addresses.items(), network.private):  # noqa: B905 (fewer agents than zones)
        machines[name] = machine(name, address, place, group, data_gib)
        waves.append(wave(name, machines[name]))
last = [wave(f"marathon-{name}", machines[name]) for name in CONTROL]

roles = Construct(app, NAME)
zookeeper = ZookeeperEnsemble(roles, "zookeeper", hosts=on(control), image=ZOOKEEPER)
masters = MesosMasterSet(roles, "masters", hosts=on(control), zookeeper=zookeeper, cluster=NAME, image=MESOS)
pool = MesosAgentPool(roles, "agents", hosts=on(agents), masters=masters, resources={"ports": "[31000-31999]"})
# It has its principal from the first day on: security needs one, and a Marathon that runs can get none later.
marathon = Marathon(roles, "marathon", hosts=on(last), masters=masters, image=MARATHON, principal="marathon")

roll.prepare(Phase(control, [zookeeper, masters]), Phase(agents, [pool]), Phase(last, [marathon]))
for each in (machines[name] for name in CONTROL):
    cloud.ReplacementGuard(
        each, "guard", machine=each, roles=[zookeeper, masters, marathon], vantage=bastion.machine, login=login
    )
TerraformOutput(last[-1][-1].stack, "marathon_urls", value=marathon.urls)
app.synth()
