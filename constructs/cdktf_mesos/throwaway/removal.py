"""Removes throwaway clusters."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Sequence

from cdktf_mesos.operations.connections import Connection
from cdktf_mesos.operations.engine import Client, engine
from cdktf_mesos.throwaway import leftovers, ports, store
from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.held import held, is_held

Tell = Callable[[str], object]
"""Is called with a line for each thing that is removed."""

# How long an engine may take for one answer, in seconds. Removing a container takes the longest.
_PATIENCE = 60


def down(name: str, connection: Connection, tell: Tell) -> None:
    """Remove a cluster, whatever state it is in.

    Args:
        name: its name.
        connection: the engine to look at if nothing says where the cluster is.
        tell: is called for what is removed.

    Raises:
        RuntimeError: there is no such cluster; another command works on it; its engine cannot be reached.
    """
    with held(store.lock(name)):
        try:
            cluster = store.read(name)
        except store.UnreadableError:
            cluster = None
        if cluster:
            remove(cluster, tell)
        elif not _remove_found(name, connection, tell) and not store.directory(name).exists():
            store.get(name)
        store.forget(name)


def down_all(connection: Connection, tell: Tell) -> None:
    """Remove all clusters of this directory, and what others of its clusters have left on an engine.

    A cluster that belongs to a process that still runs stays; `tell` is called for it, too.

    Raises:
        RuntimeError: one cannot be removed; the others are removed before that.
    """
    problems: list[str] = []
    for name in store.names():
        if is_held(store.owner(name)):
            tell(f"kept {name}: process {store.owner(name).read_text()} uses it")
            continue
        try:
            down(name, connection, tell)
        except RuntimeError as problem:
            problems.append(f"{name}: {problem}")
    with engine(connection, _PATIENCE) as client:
        found = leftovers.names_of(leftovers.found(client), store.home_label())
    for name in found:
        # Those with a directory are in use, or failed above.
        if not store.directory(name).exists():
            down(name, connection, tell)
    if problems:
        raise RuntimeError("; ".join(problems))


def remove(cluster: Cluster, tell: Tell) -> None:
    """Remove a cluster whose lock the caller holds; `tell` is called for what is removed.

    Raises:
        RuntimeError: its engine cannot be reached, or a part cannot be removed.
    """
    # If this is interrupted, what is left is a leftover. A full disk must not keep it, as this makes room.
    with contextlib.suppress(OSError):
        store.write(dataclasses.replace(cluster, ready=False))
    try:
        with engine(cluster.connection, _PATIENCE) as client:
            remove_from(client, cluster, tell)
    except RuntimeError as problem:
        directory = store.directory(cluster.name)
        raise RuntimeError(f"{problem}. If this engine is gone for good, remove {directory}") from None
    store.remove_state(cluster.name)
    ports.give_back(store.home(), cluster.name)
    store.forget(cluster.name)


def _remove_found(name: str, connection: Connection, tell: Tell) -> bool:
    """Remove what an engine has of a cluster of which nothing is known; returns whether there was anything."""
    home = store.home_label()
    with engine(connection, _PATIENCE) as client:
        if name not in leftovers.names_of(leftovers.found(client), home):
            return False
        _tell_all(tell, leftovers.remove(client, name, home, [], []))
    ports.give_back(store.home(), name)
    return True


def remove_from(client: Client, cluster: Cluster, tell: Tell) -> None:
    """Remove what an engine has of a cluster; see `remove`."""
    agents = [cluster.container(agent) for agent in cluster.agent_names]
    images = [f"mesosphere/mesos-slave:{cluster.agents_mesos}", f"zookeeper:{cluster.zookeeper}"]
    _tell_all(tell, leftovers.remove(client, cluster.name, store.home_label(), agents, images))


def _tell_all(tell: Tell, removed: Sequence[str]) -> None:
    for each in removed:
        tell(f"removed {each}")
