"""Changes containers where throwaway clusters differ from others: they start quicker, and can be cut off."""

from __future__ import annotations

from pathlib import Path

from cdktf_mesos import ZookeeperEnsemble, scripts
from cdktf_mesos.container.member import Member
from cdktf_mesos.expressions import literal
from cdktf_mesos.throwaway.cluster import Cluster

_AFTER_ZOOKEEPER = Path(__file__).with_name("after_zookeeper.sh")

# How long masters and agents wait for ZooKeeper before they start without it.
_ZOOKEEPER_SECONDS = "10"


def adapt(member: Member, cluster: Cluster, zookeeper: ZookeeperEnsemble) -> None:
    """Change the definition of a member's container.

    Args:
        member: the member.
        cluster: its cluster.
        zookeeper: the cluster's ZooKeeper.
    """
    container, name = member.container, member.name.removeprefix(f"{cluster.name}-")
    # Terraform looks once a second, and would start one member after the other has served. `wait_until_serving` looks
    # more often.
    container.wait = False
    # By this group, `partition` knows what the member sends.
    container.group_add = [str(cluster.group(name))]
    if name == "zookeeper":
        return
    # All start at the same time, but after the one for which the engine makes the data directory.
    first = zookeeper.members[0].container
    container.depends_on = [f"{first.terraform_resource_type}.{first.friendly_unique_id}"]
    # Marathon takes longer to start than ZooKeeper.
    if name != "marathon":
        arguments = [cluster.address, str(cluster.ports["zookeeper"]), _ZOOKEEPER_SECONDS]
        after = scripts.words("after-zookeeper", *zookeeper.probe.asks, _AFTER_ZOOKEEPER, arguments=arguments)
        # The master's image has this entrypoint.
        container.entrypoint = [*literal(after), *(container.entrypoint_input or ["mesos-master"])]
