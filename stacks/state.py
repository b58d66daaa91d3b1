"""Stacks of the application, with their state where the settings say."""

from __future__ import annotations

from cdktf_mesos.cdk import App, TerraformStack
from stacks.settings import Cluster


def new_stack(app: App, cluster: Cluster, name: str) -> TerraformStack:
    """A stack of the cluster, `<cluster>-<name>`, with its state where the platform keeps it."""
    stack = TerraformStack(app, f"{cluster.name}-{name}")
    cluster.platform.keep_state(stack, f"{cluster.name}/{name}.tfstate")
    return stack
