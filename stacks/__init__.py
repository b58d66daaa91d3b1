"""The application's stacks: what goes into which stack, on which platform."""

from stacks.aws_settings import Aws
from stacks.machines import Machine
from stacks.platforms import add_cluster
from stacks.pools import Pool
from stacks.settings import Cluster

__all__ = ["Aws", "Cluster", "Machine", "Pool", "add_cluster"]
