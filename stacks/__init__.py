"""The application's stacks: what goes into which stack, on which platform."""

from stacks.platforms import add_cluster
from stacks.settings import Cluster

__all__ = ["Cluster", "add_cluster"]
