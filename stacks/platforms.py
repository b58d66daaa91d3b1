"""Which stacks a platform has."""

from __future__ import annotations

from cdktf_mesos.cdk import App
from stacks.aws import add_aws_cluster
from stacks.local import LocalCluster
from stacks.settings import Cluster
from stacks.static import add_static_cluster


def add_cluster(app: App, cluster: Cluster) -> None:
    """Add the stacks of a cluster to the application; the context of cdktf.json overrides what `cluster` says.

    Raises:
        ValueError: bad input, before anything is written.
    """
    cluster = cluster.overridden(app.node.try_get_context("cluster"))
    if cluster.platform == "static":
        add_static_cluster(app, cluster)
    elif cluster.platform == "aws":
        add_aws_cluster(app, cluster)
    else:
        LocalCluster(app, cluster)
