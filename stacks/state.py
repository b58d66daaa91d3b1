"""Where the state of the stacks is."""

from __future__ import annotations

from cdktf import App, S3Backend, TerraformStack

from stacks.settings import Cluster


def new_stack(app: App, cluster: Cluster, name: str) -> TerraformStack:
    """A stack of the cluster, `<cluster>-<name>`, with its state in the bucket if there is one."""
    stack = TerraformStack(app, f"{cluster.name}-{name}")
    if cluster.aws and cluster.aws.state_bucket:
        key = f"{cluster.name}/{name}.tfstate"
        S3Backend(stack, bucket=cluster.aws.state_bucket, key=key, region=cluster.aws.region, encrypt=True)
        # Two deploys at once are refused by an object beside the state, without a table (Terraform docs, backend s3).
        stack.add_override("terraform.backend.s3.use_lockfile", True)
    return stack
