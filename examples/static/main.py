"""A Mesos cluster on five existing machines, over ssh: three for the control plane, two for agents.

All stacks form one chain, with two for every machine. So `cdktf deploy '*'` rolls a change of this program machine by
machine, in Mesos's order: masters before agents, frameworks last. The roll goes on only while all other members of a
set serve.
"""

from cdktf import App, TerraformOutput
from constructs import Construct

from cdktf_mesos import Image, Machine, Marathon, MesosAgentPool, MesosMasterSet, Phase, Pin, Roll, ZookeeperEnsemble
from cdktf_mesos import hosts_of as on

NAME = "cluster7"
SSH = ["-i", "~/.ssh/cluster7", "-o", "IdentitiesOnly=yes"]
ZOOKEEPER = Image("zookeeper", Pin("zookeeper_version", "3.9.4"))
MESOS = Image("mesosphere/mesos-master", Pin("mesos_version", "1.7.1"))
MARATHON = Image("mesosphere/marathon", Pin("marathon_version", "v1.11.24"))


def machine(name: str, address: str) -> Machine:
    """A machine with a Docker engine; its name is part of the names of its stacks."""
    return Machine(name, address, f"ssh://ops@{address}", id="host")


CONTROL = [machine(f"control-{i}", f"10.20.30.1{i}") for i in (1, 2, 3)]
AGENTS = [machine(f"agent-{i}", f"10.20.30.2{i}") for i in (1, 2)]

app = App()
roll = Roll(app, NAME, ssh_options=SSH)
control, agents, last = roll.waves("", CONTROL), roll.waves("", AGENTS), roll.waves("marathon", CONTROL)

roles = Construct(app, NAME)
zookeeper = ZookeeperEnsemble(roles, "zookeeper", hosts=on(control), image=ZOOKEEPER)
masters = MesosMasterSet(roles, "masters", hosts=on(control), zookeeper=zookeeper, cluster=NAME, image=MESOS)
pool = MesosAgentPool(roles, "agents", hosts=on(agents), masters=masters, attributes={"rack": "a"})
# It has its principal from the first day on: security needs one, and a Marathon that runs can get none later.
marathon = Marathon(roles, "marathon", hosts=on(last), masters=masters, image=MARATHON, principal="marathon")

roll.prepare(Phase(control, [zookeeper, masters]), Phase(agents, [pool]), Phase(last, [marathon]))
TerraformOutput(last[-1][-1].stack, "marathon_urls", value=marathon.urls)
app.synth()
