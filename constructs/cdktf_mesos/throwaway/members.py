"""What is done to single members of a throwaway cluster, by its engine."""

from __future__ import annotations

from collections.abc import Iterator

from cdktf_mesos.operations.engine import engine
from cdktf_mesos.throwaway import partition, store
from cdktf_mesos.throwaway.cluster import Cluster

# How long the engine may take for an answer, in seconds.
_PATIENCE = 60


def logs(cluster: Cluster, member: str, *, follow: bool = False) -> Iterator[bytes]:
    """What a member has logged, in pieces.

    Args:
        cluster: the cluster.
        member: the member's name.
        follow: whether to wait for more until the container ends.

    Raises:
        ValueError: there is no such member.
        RuntimeError: the engine does not answer, or has no such container.
    """
    container = cluster.container(member)
    with engine(cluster.connection, _PATIENCE) as client:
        if follow:
            yield from client.logs(container, stream=True, follow=True)
        else:
            yield client.logs(container)


def kill(cluster: Cluster, member: str) -> None:
    """Kill a member. The engine does not start it again (Docker docs, restart policies). Raises what `logs` does."""
    with engine(cluster.connection, _PATIENCE) as client:
        client.kill(cluster.container(member))


def pause(cluster: Cluster, member: str) -> None:
    """Freeze a member's processes. Raises what `logs` does."""
    with engine(cluster.connection, _PATIENCE) as client:
        client.pause(cluster.container(member))


def cut_off(cluster: Cluster, member: str) -> None:
    """Cut a member off from the network; see `partition.cut_off`. Raises what `logs` does."""
    with engine(cluster.connection, _PATIENCE) as client:
        partition.cut_off(client, cluster, member, store.home_label())


def resume(cluster: Cluster, member: str) -> None:
    """Let a member go on that is paused, cut off, or does not run. Raises what `logs` does."""
    container = cluster.container(member)
    with engine(cluster.connection, _PATIENCE) as client:
        partition.heal(client, container)
        if client.inspect_container(container)["State"]["Paused"]:
            client.unpause(container)
        else:
            client.start(container)
