"""Mesos in a stack that has other resources, too: a VPC, a machine and a container.

The stack's machine has the control plane and an agent. Only Terraform knows its address, so every setting that has the
address is a Terraform expression. A machine in the office has another agent.
"""

from cdktf import App, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_docker.container import Container

from cdktf_mesos import DockerHost, Marathon, MesosAgentPool, MesosMasterSet, ZookeeperEnsemble

# These classes are those of cdktf_cdktf_provider_aws. You can import them from there, too, but that takes ten seconds.
from cdktf_mesos.aws.bindings import AwsProvider, Instance, Subnet, Vpc


class Shop(TerraformStack):
    """The stack: a network, a machine with Docker, Mesos on it, and the shop's own framework."""

    def __init__(self, scope: App, id_: str) -> None:
        super().__init__(scope, id_)
        AwsProvider(self, "aws", region="eu-central-1")
        vpc = Vpc(self, "vpc", cidr_block="10.1.0.0/16")
        subnet = Subnet(self, "subnet", vpc_id=vpc.id, cidr_block="10.1.0.0/24")
        machine = Instance(
            self,
            "machine",
            ami="ami-0a1b2c3d4e5f60718",
            instance_type="m6i.large",
            subnet_id=subnet.id,
            key_name="shop",
        )

        own = DockerHost(self, "own", address=machine.private_ip, engine=f"ssh://shop@{machine.private_ip}")
        office = DockerHost(self, "office", address="192.168.7.21", engine="ssh://shop@192.168.7.21")
        zookeeper = ZookeeperEnsemble(self, "zookeeper", hosts=[own], image="zookeeper:3.9.4")
        masters = MesosMasterSet(
            self, "masters", hosts=[own], zookeeper=zookeeper, cluster="shop", image="mesosphere/mesos-master:1.7.1"
        )
        agents = MesosAgentPool(self, "agents", hosts=[own, office], masters=masters, attributes={"site": "shop"})
        marathon = Marathon(self, "marathon", hosts=[own], masters=masters, image="mesosphere/marathon:v1.11.24")

        # The shop's own framework, which starts when the agents serve.
        Container(
            self,
            "orders",
            provider=own.provider,
            name="orders",
            image="registry.example.org/shop/orders:7",
            network_mode="host",
            env=[f"MESOS_MASTER={masters.url}", f"STATE={zookeeper.url('/orders')}"],
            depends_on=[member.container for member in agents.members],
        )
        TerraformOutput(self, "marathon_urls", value=marathon.urls)


app = App()
Shop(app, "shop")
app.synth()
