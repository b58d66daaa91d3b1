"""Starts and upgrades throwaway clusters."""

from __future__ import annotations

import dataclasses
import sys

from cdktf_mesos.image.release import parse_release
from cdktf_mesos.mesos.upgrades import master_bumps
from cdktf_mesos.operations.engine import engine
from cdktf_mesos.throwaway import leftovers, ports, store
from cdktf_mesos.throwaway.apply import apply
from cdktf_mesos.throwaway.cluster import Cluster
from cdktf_mesos.throwaway.documents import document_of
from cdktf_mesos.throwaway.held import held
from cdktf_mesos.throwaway.removal import Tell, remove, remove_from
from cdktf_mesos.throwaway.serving import wait_until_serving

# How long an engine may take for one answer, in seconds.
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
            remove(existing, tell)
        with engine(wanted.connection, _PATIENCE) as client:
            members = leftovers.found(client)
            if leftovers.has(members, wanted.name, store.home_label()):
                remove_from(client, wanted, tell)
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
