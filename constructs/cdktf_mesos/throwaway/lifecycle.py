"""Starts, upgrades and removes throwaway clusters."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence

from cdktf_mesos.image.release import parse_release
from cdktf_mesos.mesos.upgrades import master_bumps
from cdktf_mesos.operations.connections import Connection
from cdktf_mesos.operations.engine import Client, engine
from cdktf_mesos.throwaway import leftovers, ports, store
from cdktf_mesos.throwaway.apply import apply
from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.documents import document_of
from cdktf_mesos.throwaway.held import held, is_held
from cdktf_mesos.throwaway.serving import wait_until_serving

Tell = Callable[[str], object]
"""Is called with a line for each thing that is removed."""

# How long an engine may take for one answer, in seconds. Removing a container takes the longest.
_PATIENCE = 60

# How long Terraform may take, in seconds. It pulls images, and then only starts containers.
_APPLY_SECONDS = 1800


def start(wanted: Cluster, seconds: int, tell: Tell) -> Cluster:
    """Start a cluster; returns it when it serves.

    First removes what a cluster of the same name has left whose start was not finished, or whose process has ended.

    Args:
        wanted: the cluster, without ports.
        seconds: how long it may take to serve, once its containers are started.
        tell: is called for what is removed.

    Raises:
        RuntimeError: there is a cluster of that name, or it does not start. What was started is left for a look at its
            logs.
    """
    with held(store.lock(wanted.name)) as lock:
        existing = store.read(wanted.name)
        # Whoever starts a cluster for a process holds the file of its owner already.
        had_owner = bool(existing and existing.owned and wanted.owned)
        if existing and not (store.is_leftover(existing) or had_owner):
            raise RuntimeError(f"{wanted.name} is up already: remove it with `down`, or use another --name")
        if existing:
            _remove(existing, tell)
        with engine(wanted.connection, _PATIENCE) as client:
            members = leftovers.found(client)
            if leftovers.has(members, wanted.name, store.home_label()):
                _remove_from(client, wanted, tell)
        taken, is_free = leftovers.blocks_of(members, wanted.name), ports.nobody_listens(wanted.address)
        blocks = ports.take(store.home(), wanted.name, 1 + wanted.agents, taken=taken, is_free=is_free)
        cluster = dataclasses.replace(wanted, blocks=blocks)
        store.write(cluster)
        return _deploy(cluster, seconds, lock, kept_tasks=False)


def upgrade(name: str, versions: dict[str, str], seconds: int) -> Cluster:
    """Replace the members whose version changes; returns the cluster when it serves again. Tasks go on.

    Args:
        name: the cluster's name.
        versions: the new versions, by `mesos`, `zookeeper` or `marathon`.
        seconds: how long it may take to serve, once its containers are started.

    Raises:
        RuntimeError: there is no such cluster; a change that Mesos forbids; the new version does not serve. An upgrade
            to the old version brings it back.
    """
    with held(store.lock(name)) as lock:
        before = store.get(name)
        if not before.ready:
            raise RuntimeError(f"the start of {name} was not finished: `up` starts it from the beginning")
        if "marathon" in versions and not before.marathon:
            raise RuntimeError(f"{name} has no Marathon: `up --marathon` starts one that has")
        if "mesos" in versions:
            _check_bump(before.mesos, versions["mesos"])
        mesos, marathon = versions.get("mesos"), versions.get("marathon", before.marathon)
        # Masters come before agents and frameworks (Mesos docs, upgrades).
        first = dataclasses.replace(
            before, mesos=mesos or before.mesos, zookeeper=versions.get("zookeeper", before.zookeeper)
        )
        last = dataclasses.replace(first, agents_mesos=mesos or before.agents_mesos, marathon=marathon)
        if first not in (before, last):
            _deploy(first, seconds, lock, kept_tasks=True)
        # Also if nothing changes: what runs may be what an upgrade has left that failed.
        return _deploy(last, seconds, lock, kept_tasks=True)


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
            _remove(cluster, tell)
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


def _check_bump(before: str, after: str) -> None:
    """Refuse a change of release that Mesos forbids; say why one is not advised."""
    for bump in master_bumps(parse_release(before), parse_release(after), rolling=False):
        text = f"Mesos {before} runs, {after} is wanted: {bump}"
        if bump.severity == "error":
            raise RuntimeError(text)
        print(text, file=sys.stderr)


def _deploy(cluster: Cluster, seconds: int, lock: int, *, kept_tasks: bool) -> Cluster:
    apply(store.directory(cluster.name), document_of(cluster), _APPLY_SECONDS, lock)
    wait_until_serving(cluster, seconds, kept_tasks=kept_tasks)
    served = dataclasses.replace(cluster, ready=True)
    store.write(served)
    return served


def _remove(cluster: Cluster, tell: Tell) -> None:
    # If this is interrupted, what is left is a leftover.
    store.write(dataclasses.replace(cluster, ready=False))
    try:
        with engine(cluster.connection, _PATIENCE) as client:
            _remove_from(client, cluster, tell)
    except RuntimeError as problem:
        directory = store.directory(cluster.name)
        raise RuntimeError(f"{problem}. If this engine is gone for good, remove {directory}") from None
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


def _remove_from(client: Client, cluster: Cluster, tell: Tell) -> None:
    agents = [cluster.container(agent) for agent in cluster.agent_names]
    images = [f"mesosphere/mesos-slave:{cluster.mesos}", f"zookeeper:{cluster.zookeeper}"]
    _tell_all(tell, leftovers.remove(client, cluster.name, store.home_label(), agents, images))


def _tell_all(tell: Tell, removed: Sequence[str]) -> None:
    for each in removed:
        tell(f"removed {each}")
