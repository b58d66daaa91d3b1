"""Stacks of the application, with their state where the settings say."""

from __future__ import annotations

from cdktf_mesos.aws import keep_state
from cdktf_mesos.cdk import App, TerraformStack
from stacks.settings import Cluster


def new_stack(app: App, cluster: Cluster, name: str) -> TerraformStack:
    """A stack of the cluster, `<cluster>-<name>`, with its state in the bucket if there is one."""
    stack = TerraformStack(app, f"{cluster.name}-{name}")
    if cluster.aws and cluster.aws.state_bucket:
        key = f"{cluster.name}/{name}.tfstate"
        keep_state(stack, bucket=cluster.aws.state_bucket, key=key, region=cluster.aws.region)
    return stack
