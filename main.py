"""The cluster: what runs, how much of it, and in which versions. A version changed here is rolled by `cdktf deploy`."""

from cdktf_mesos.cdk import App
from stacks import Cluster, Local, add_cluster

app = App()

add_cluster(
    app,
    Cluster(
        name="dev",
        platform=Local(engine="unix:///var/run/docker.sock", address="127.0.0.1", agents=1),
        zookeeper_version="3.9.4",
        mesos_version="1.7.1",
        marathon_version="v1.11.24",
    ),
)

app.synth()
