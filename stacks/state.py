"""Stacks of the application, with the backend that the settings choose."""

from __future__ import annotations

from cdktf_mesos.cdk import App, TerraformStack
from stacks.settings import Cluster


def new_stack(app: App, cluster: Cluster, name: str) -> TerraformStack:
    """Make a stack of the cluster, `<cluster>-<name>`, with the backend of its platform."""
    stack = TerraformStack(app, f"{cluster.name}-{name}")
    cluster.platform.keep_state(stack, f"{cluster.name}/{name}.tfstate")
    return stack
