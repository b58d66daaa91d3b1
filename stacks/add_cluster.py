"""The stacks of a cluster, as the program and the context of cdktf.json say."""

from __future__ import annotations

from cdktf_mesos.cdk import App
from stacks.settings import Cluster


def add_cluster(app: App, cluster: Cluster) -> None:
    """Add the stacks of a cluster to the application; the context of cdktf.json overrides what `cluster` says.

    Raises:
        ValueError: bad input, before anything is written.
    """
    context = app.node.try_get_context("cluster")
    if context is not None:
        cluster = cluster.overridden(context, "context.cluster")
    cluster.platform.add_stacks(app, cluster)
