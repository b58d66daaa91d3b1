"""The registry of the images, if it is not Docker Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdktf_mesos import Registry
from cdktf_mesos.cdk import TerraformStack, TerraformVariable

if TYPE_CHECKING:
    from stacks.settings import Cluster


def repository(cluster: Cluster, name: str) -> str:
    """A repository in the cluster's registry, or on Docker Hub if the cluster has none."""
    return f"{cluster.registry}/{name}" if cluster.registry else name


def registries(stack: TerraformStack, cluster: Cluster) -> list[Registry]:
    """The registry logins of a stack's engines, from its variables `registry_username` and `registry_password`."""
    if not cluster.registry or not cluster.registry_login:
        return []
    username, password = (_variable(stack, cluster, word) for word in ("username", "password"))
    return [Registry(cluster.registry, username, password)]


def _variable(stack: TerraformStack, cluster: Cluster, word: str) -> TerraformVariable:
    found = stack.node.try_find_child(f"registry_{word}")
    if found is None:
        text = f"The {word} with which engines log in to the registry."
        found = TerraformVariable(stack, f"registry_{word}", type="string", sensitive=True, description=text)
        if cluster.registry_login_ephemeral:
            # cdktf keeps the plan of every diff and deploy, with the values of all variables that are not ephemeral.
            found.add_override("ephemeral", True)
    assert isinstance(found, TerraformVariable)
    return found
