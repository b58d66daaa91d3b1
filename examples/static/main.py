"""A Mesos cluster on five machines that exist, over ssh: three for the control plane, two for agents.

The stacks are one chain, two for every machine. So `cdktf deploy '*'` rolls what is changed here machine by machine, in
Mesos's order: masters before agents, frameworks last. It goes on only while every other member of a set serves.
"""

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_mesos import DockerHost, Image, Marathon, MesosAgentPool, MesosMasterSet, Pin, Preflight, ZookeeperEnsemble
from cdktf_mesos.roll.preflight import MemberSet

NAME = "cluster7"
CONTROL = {"control-1": "10.20.30.11", "control-2": "10.20.30.12", "control-3": "10.20.30.13"}
AGENTS = {"agent-1": "10.20.30.21", "agent-2": "10.20.30.22"}
SSH = ["-i", "~/.ssh/cluster7", "-o", "IdentitiesOnly=yes"]
ZOOKEEPER = Image("zookeeper", Pin("zookeeper_version", "3.9.4"))
MESOS = Image("mesosphere/mesos-master", Pin("mesos_version", "1.7.1"))
MARATHON = Image("mesosphere/marathon", Pin("marathon_version", "v1.11.24"))

app = App()
chain: list[TerraformStack] = []


def wave(name: str, address: str) -> list[DockerHost]:
    """A machine in two stacks, each of which waits for the one before: what prepares it, and its members."""
    hosts = []
    for part in ("machine", "members"):
        stack = TerraformStack(app, f"{NAME}-{name}-{part}")
        if chain:
            stack.add_dependency(chain[-1])
        chain.append(stack)
        hosts.append(DockerHost(stack, "host", address=address, engine=f"ssh://ops@{address}", ssh_options=SSH))
    return hosts


control = [wave(name, address) for name, address in CONTROL.items()]
agents = [wave(name, address) for name, address in AGENTS.items()]
last = [wave(f"marathon-{name}", address) for name, address in CONTROL.items()]

roles = Construct(app, NAME)
on_control, on_agents, on_last = ([members for _, members in waves] for waves in (control, agents, last))
zookeeper = ZookeeperEnsemble(roles, "zookeeper", hosts=on_control, image=ZOOKEEPER)
masters = MesosMasterSet(roles, "masters", hosts=on_control, zookeeper=zookeeper, cluster=NAME, image=MESOS)
pool = MesosAgentPool(roles, "agents", hosts=on_agents, masters=masters, attributes={"rack": "a"})
marathon = Marathon(roles, "marathon", hosts=on_last, masters=masters, image=MARATHON)

wanted: list[tuple[list[list[DockerHost]], list[MemberSet]]] = [
    (control, [zookeeper, masters]),
    (agents, [pool]),
    (last, [marathon]),
]
for waves, sets in wanted:
    for prepared, _ in waves:
        for image in [image for each in sets for image in each.images]:
            prepared.pull(image)
        Preflight(prepared.stack, "preflight", host=prepared, sets=sets, name=f"{NAME}-preflight")
TerraformOutput(chain[-1], "marathon_urls", value=marathon.urls)
app.synth()
