"""Rolls the demo's cluster on several hosts, and shows what its members and its clients go through."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from functools import partial

import requests

from cdktf_mesos.container.names import LABEL
from sandbox.app_client import AppClient, ask
from sandbox.demo import APP, DIRECTORY, DOMAIN, PAUSE, WAIT_SECONDS
from sandbox.demo.engines import Place
from sandbox.demo.live import LiveView
from sandbox.demo.picture import svg
from sandbox.demo.timeline import Timeline, text
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import poller
from sandbox.watch import Writer

PICTURE = DIRECTORY / "roll.svg"


def roll(project: Project, cluster: LiveCluster, place: Place) -> str:
    """Deploy the changed pins, show the members' states and a writer's progress meanwhile, and draw a picture of it.

    Returns:
        how many requests the app got meanwhile, and how many of them failed.

    Raises:
        RuntimeError: the deploy failed, or an acknowledged write is lost.
    """
    watched = poller(place.control, place.agents, pause=PAUSE)
    versions = {name: partial(_version, name, project.name) for name in watched.members}
    before = _versions(versions)
    name, balancers = f"{APP}.{DOMAIN}", [host.address for host in place.agents]
    where = f"{name} at each load balancer"
    eventually(lambda: all(ask(each, name)[0] == 200 for each in balancers), where, WAIT_SECONDS)
    # Another path for each run: znodes of an earlier run would count as this run's acknowledged writes.
    with (
        Writer(cluster.zookeeper_connect_string, f"/demo-writes-{time.time():.0f}", PAUSE) as writer,
        AppClient(name, balancers, PAUSE) as client,
        watched,
        LiveView(project.name, versions, watched, writer) as view,
    ):
        project.deploy(tell=view.line)
        cluster.wait_until_serving(agents=len(place.agents), seconds=WAIT_SECONDS)
        # The picture ends when all members are up.
        ended = time.monotonic()
    after = _versions(versions)
    changed = {name: f"{before[name]} → {after[name]}" for name in versions if before[name] != after[name]}
    writes = [(when, took) for (when, _), took in zip(writer.acknowledged, writer.latencies, strict=True)]
    timeline = Timeline(view.begin, ended, watched.samples, writes, view.waves, {**after, **changed})
    PICTURE.write_text(svg(timeline, f"{project.name}: a rolling upgrade by one cdktf deploy") + "\n")
    print()
    print("\n".join(f"    {line}" for line in text(timeline).splitlines()))
    lost = writer.lost()
    told = f"{client.asked} requests to {name}, {len(client.failed)} failed"
    print(f"""
    writes     {len(writes)} acknowledged, {len(lost)} lost, longest stall {writer.longest_stall():.1f} s
    app        {told}
    masters    at least {watched.fewest("master")} of {len(place.control)} up at any time, longest time without a \
leader {watched.longest_without_leader("master"):.1f} s
    picture    of the upgrade: {PICTURE}""")
    for when, reason in client.failed[:3]:
        print(f"    failed     {when - view.begin:.1f} s  {reason.splitlines()[0]}")
    if lost:
        raise RuntimeError(f"{len(lost)} acknowledged writes are lost; the first of them is {min(lost)}")
    return told


def _versions(ask: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    found = dict.fromkeys(ask, "?")
    for name in ask:
        with contextlib.suppress(OSError, requests.RequestException, KeyError):
            found[name] = ask[name]()
    return found


def _version(member: str, cluster: str) -> str:
    """A member's version, from its container's label: a master that does not lead redirects requests to the leader."""
    role, host = member.split()
    name = f"{cluster}-agent-1" if role == "agent" else f"{cluster}-{role}"
    with contextlib.closing(Host(host).docker(timeout=2)) as client:
        return str(client.containers.get(name).labels[f"{LABEL}version"])
