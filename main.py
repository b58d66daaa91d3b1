"""The cluster: its components, their numbers and versions. After a change here, `cdktf deploy` rolls it out."""

from cdktf_mesos.cdk import App
from stacks import Cluster, Local, MarathonSettings, add_cluster

app = App()

add_cluster(
    app,
    Cluster(
        name="dev",
        platform=Local(engine="unix:///var/run/docker.sock", address="127.0.0.1", agents=1),
        zookeeper_version="3.9.4",
        mesos_version="1.7.1",
        marathon_version="v1.11.24",
        # For a new cluster: a Marathon that runs can get no principal later, and security needs one.
        marathon=MarathonSettings(principal="marathon"),
    ),
)

app.synth()
