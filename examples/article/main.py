"""The cluster of the article "Containerized Mesos Cluster" (Container Solutions, 2015), as a CDKTF program.

The names of the first constants are the variables of the article's Terraform module: name, masters, slaves, network,
domain, and the versions. The machines exist already, and are rolled one by one.

With `"as_in_2015": true` in cdktf.json, the images and versions are those of 2015. They need engines of that time.
"""

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from cdktf_mesos import (
    ContainerOptions,
    Image,
    Machine,
    Marathon,
    MarathonApp,
    MarathonApps,
    MarathonFramework,
    MarathonLb,
    MesosAgentPool,
    MesosDns,
    MesosMasterSet,
    Phase,
    Pin,
    Roll,
    ZookeeperEnsemble,
)
from cdktf_mesos import hosts_of as on

NAME = "mymesoscluster"
MASTERS, SLAVES = 3, 5
NETWORK = "10.20.30"
DOMAIN = "example.com"

app = App()
if app.node.try_get_context("as_in_2015"):
    # This image gets its id, and except on the first machine the address of the first node, as arguments.
    ZOOKEEPER = Image("containersol/zookeeper", Pin("zookeeper_version", "latest", release="3.5.1"))
    MESOS, MARATHON = "0.22.1-1.0.ubuntu1404", "v0.8.2"
    # The images of that time have no docker command: this one is mounted. It must be a static build, older than 1.8.
    DOCKER_CLI: str | None = "/opt/docker-1.7.1/docker"
    DNS = "mesosphere/mesos-dns:v0.6.0"
else:
    ZOOKEEPER = Image("zookeeper", Pin("zookeeper_version", "3.9.4"))
    MESOS, MARATHON = "1.11.0", "v1.11.24"
    DOCKER_CLI = None
    DNS = "avhost/mesos-dns:v0.9.4"


def machine(kind: str, number: int, first: int) -> Machine:
    """A machine of the article's network, such as master-0 at 10.20.30.10."""
    address = f"{NETWORK}.{first + number}"
    return Machine(f"{kind}-{number}", address, f"ssh://admin@{address}")


masters_machines = [machine("master", number, 10) for number in range(MASTERS)]
slaves_machines = [machine("slave", number, 20) for number in range(SLAVES)]
roll = Roll(app, NAME)
control, names = roll.waves("", masters_machines), roll.waves("dns", masters_machines)
slaves, last = roll.waves("", slaves_machines), roll.waves("marathon", masters_machines)
# Names below DOMAIN lead to these two machines.
edge = roll.waves("load-balancer", slaves_machines[:2])

roles = Construct(app, NAME)
zookeeper = ZookeeperEnsemble(roles, "zookeeper", hosts=on(control), image=ZOOKEEPER)
masters = MesosMasterSet(
    roles,
    "masters",
    hosts=on(control),
    zookeeper=zookeeper,
    cluster=NAME,
    image=Image("mesosphere/mesos-master", Pin("mesos_version", MESOS)),
)
dns = MesosDns(
    roles,
    "dns",
    hosts=on(names),
    masters=masters,
    image=DNS,
    resolvers=[f"{NETWORK}.1"],
    # Its image has no shell for the checks.
    options=ContainerOptions(gate_image=masters.image),
)
pool = MesosAgentPool(
    roles,
    "slaves",
    hosts=on(slaves),
    masters=masters,
    image=Image("mesosphere/mesos-slave", Pin("mesos_version", MESOS)),
    executor_registration_timeout="5mins",
    docker_cli=DOCKER_CLI,
)
marathon = Marathon(
    roles,
    "marathon",
    hosts=on(last),
    masters=masters,
    image=Image("mesosphere/marathon", Pin("marathon_version", MARATHON)),
)
# All apps are reached as <app>.DOMAIN.
balancer = MarathonLb(
    roles,
    "load-balancer",
    hosts=on(edge),
    marathon=marathon,
    image="mesosphere/marathon-lb:v1.15.0",
    groups=["*"],
    domain=DOMAIN,
)
roll.prepare(
    Phase(control, [zookeeper, masters]),
    Phase(names, [dns]),
    Phase(slaves, [pool]),
    Phase(last, [marathon]),
    Phase(edge, [balancer]),
)

# What runs on the cluster is deployed when the roll is done.
stack = TerraformStack(app, f"{NAME}-apps")
roll.insert(stack)
apps = MarathonApps(stack, "apps", marathon=marathon, host=roll.host(stack, masters_machines[0]))
MarathonApp(
    apps,
    "web",
    app={
        "id": "/web",
        "instances": 2,
        "cpus": 0.1,
        "mem": 64,
        "cmd": "python3 -m http.server $PORT0",
        "container": {"type": "DOCKER", "docker": {"image": "python:3.12-alpine", "network": "HOST"}},
        "ports": [0],
    },
    dns=dns.addresses(),
)
# Another framework, which Marathon keeps running.
MarathonFramework(
    apps,
    "chronos",
    app_id="/chronos",
    image="mesosphere/chronos:v2.5.0-0.1.20160223054243.ubuntu1404-mesos-0.27.1-2.0.226.ubuntu1404",
    command=f"exec /usr/bin/chronos run_jar --http_port $PORT0 --master {masters.url} "
    f"--zk_hosts {zookeeper.connect_string}",
    mem=1024,
)
TerraformOutput(stack, "marathon_urls", value=marathon.urls)
TerraformOutput(stack, "web", value=balancer.url_of("/web"))
app.synth()
