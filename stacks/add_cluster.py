"""The entry point of the application: it adds the stacks of a cluster."""

from __future__ import annotations

from cdktf_mesos.cdk import App
from stacks.settings import Cluster


def add_cluster(app: App, cluster: Cluster) -> None:
    """Add the stacks of a cluster to the application. The context of cdktf.json overrides settings of `cluster`.

    Args:
        app: the application.
        cluster: the cluster's settings.

    Raises:
        ValueError: a setting is invalid; nothing has been written then.
    """
    context = app.node.try_get_context("cluster")
    if context is not None:
        cluster = cluster.overridden(context, "context.cluster")
    cluster.platform.add_stacks(app, cluster)
