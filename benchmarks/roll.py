"""Measures what a roll costs, compared with bare Terraform and with docker by hand, on five hosts of the sandbox.

It also measures a roll of ZooKeeper alone, with its leader on the first machine or on the last. Everything is measured
in one run, over ssh, with all images pulled before. Only the ratios are meaningful.

"By hand" means: on each machine, in the same order as in a roll, stop and remove each container, run it again with the
configuration of the old one, and wait until its own health check succeeds. There is no preflight and no plan. The time
of a cdktf deploy includes its synth and its terraform init.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.seconds import Seconds
from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.project import Project
from sandbox.static import borrowed_hosts, live, removed_afterwards, static_project
from sandbox.watch import Writer, zookeeper_state

OLD = {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0"}
NEW = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0"}
ROUNDS = 4

# Seconds. A shorter time without an acknowledgement is not a stall, but a slow write on a busy machine.
STALL = 0.5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--first-host", type=int, default=1, metavar="N", help="first of the five hosts; default: 1, for hs1"
    )
    with borrowed_hosts(parser.parse_args().first_host, 5) as hosts, tempfile.TemporaryDirectory() as directory:
        control, agents = hosts[:3], hosts[3:]
        project = static_project(Path(directory), "bench", control, agents, marathon_version="v1.11.24", **OLD)
        with removed_afterwards(project, control, agents):
            project.deploy()
            cluster = live(project, control)
            roll(project, cluster, NEW)  # pulls all images
            nothing_to_do(project)
            leader_order(project, cluster, control)
            by_hand(project, cluster, control, agents)


def nothing_to_do(project: Project) -> None:
    """Measure a deploy that changes nothing, and `terraform apply` in each stack's directory."""
    stacks = sorted(path.name for path in (project.directory / "cdktf.out/stacks").iterdir())

    def bare() -> None:
        for stack in stacks:
            project.terraform("apply", "-auto-approve", "-input=false", stack=stack)

    pairs = []
    for number in range(ROUNDS):
        times = {work: seconds(work) for work in (project.deploy, bare)[:: 1 if number % 2 == 0 else -1]}
        pairs.append((times[project.deploy], times[bare]))
    deploy, terraform = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(
        f"no changes, {len(stacks)} stacks: cdktf deploy {deploy:.0f} s, terraform apply {terraform:.0f} s, "
        f"ratio {deploy / terraform:.2f} (medians of {ROUNDS})",
        flush=True,
    )


def leader_order(project: Project, cluster: LiveCluster, control: Sequence[Host]) -> None:
    """Measure a roll of ZooKeeper alone, with its leader on the first machine and on the last."""
    lead: dict[str, Callable[[LiveCluster, Sequence[Host]], None]] = {"first": lead_first, "last": lead_last}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in lead}
    versions = itertools.cycle([OLD["zookeeper_version"], NEW["zookeeper_version"]])
    for number in range(ROUNDS):
        # Swap the order in every second round, so that neither case is always the upgrade to the newer version.
        for name in list(lead)[:: 1 if number % 2 == 0 else -1]:
            lead[name](cluster, control)
            _, stall, stalled = roll(project, cluster, {"zookeeper_version": next(versions)})
            found[name].append((stall, stalled))
    for name, values in found.items():
        stalls, totals = ([round(value, 1) for value in each] for each in zip(*values, strict=True))
        print(
            f"ZooKeeper's leader on the {name} machine: longest stall {statistics.median(stalls):.1f} s of {stalls}, "
            f"all stalls together {statistics.median(totals):.1f} s of {totals} (medians of {ROUNDS})",
            flush=True,
        )


def by_hand(project: Project, cluster: LiveCluster, control: Sequence[Host], agents: Sequence[Host]) -> None:
    """Measure rolls by `cdktf deploy`, then by hand. Terraform does not know the containers that this makes by hand."""
    rolled = [roll(project, cluster, pins, table=True) for pins in (OLD, NEW)]
    manual = []
    for pins in (OLD, NEW):
        with Writer(cluster.zookeeper_connect_string, "/writer") as writer:
            start = time.monotonic()
            for host in control:
                replace(host, "bench-zookeeper", pins["zookeeper_version"])
                replace(host, "bench-master", pins["mesos_version"])
            for host in agents:
                replace(host, "bench-agent-1", pins["mesos_version"])
            manual.append(evaluated(cluster, writer, time.monotonic() - start))
    for host in (*control, *agents):
        with contextlib.closing(host.docker()) as client:
            for container in client.containers.list(all=True, filters={"name": "^/bench-(zookeeper|master|agent)"}):
                container.remove(force=True)
    for name, results in {"cdktf deploy": rolled, "by hand": manual}.items():
        print(
            f"roll, {name}: " + ", ".join(f"{t:.0f} s with a longest stall of {stall:.1f} s" for t, stall, _ in results)
        )
    ratio = sum(each[0] for each in rolled) / sum(each[0] for each in manual)
    print(f"ratio of the times {ratio:.2f}")


def roll(
    project: Project, cluster: LiveCluster, pins: dict[str, str], *, table: bool = False
) -> tuple[float, float, float]:
    """Roll while a client writes; returns the time, the longest stall, and the sum of all stalls, in seconds."""
    project.change(**pins)
    with Writer(cluster.zookeeper_connect_string, "/writer") as writer:
        spent = Seconds()
        took = seconds(lambda: project.deploy(tell=spent.line))
        if table:
            spent.print("the seconds of a roll to " + ", ".join(pins.values()))
        return evaluated(cluster, writer, took)


def evaluated(cluster: LiveCluster, writer: Writer, took: float) -> tuple[float, float, float]:
    """Evaluate what the writer observed, and delete its znodes; returns the same as `roll`.

    Raises:
        RuntimeError: an acknowledged write is lost.
    """
    cluster.wait_until_serving(agents=2)
    lost = writer.lost()
    if lost:
        raise RuntimeError(f"lost: {sorted(lost)}")
    with cluster.zookeeper() as zookeeper:
        zookeeper.delete("/writer", recursive=True)
    gaps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(writer.acknowledged)]
    return took, writer.longest_stall(), sum(gap for gap in gaps if gap > STALL)


def replace(host: Host, name: str, version: str) -> None:
    """Stop and remove a container, run it again with another version of its image, and wait until it is healthy."""
    with contextlib.closing(host.docker()) as client:
        old = client.containers.get(name)
        config = {**old.attrs["Config"], "HostConfig": old.attrs["HostConfig"]}
        config["Image"] = f"{config['Image'].partition(':')[0]}:{version}"
        old.stop(timeout=30)
        old.remove()
        new = client.api.create_container_from_config(config, name)  # type: ignore[no-untyped-call]
        client.api.start(new["Id"])

        def is_healthy() -> bool:
            return bool(client.api.inspect_container(name)["State"]["Health"]["Status"] == "healthy")

        eventually(is_healthy, f"healthy {name} on {host.name}", 120)


def lead_first(cluster: LiveCluster, control: Sequence[Host]) -> None:
    """Make the first machine's server the leader: the second one misses a write, while the third one is stopped."""
    first, second, third = control
    second.run("docker", "stop", "bench-zookeeper")
    eventually(lambda: leader([first, third]), "leader among the first and the third server", 60)
    with cluster.zookeeper() as zookeeper:
        zookeeper.ensure_path("/missed")
        zookeeper.set("/missed", b"")
    third.run("docker", "stop", "bench-zookeeper")
    second.run("docker", "start", "bench-zookeeper")
    eventually(lambda: leader(control[:2]) == first, "leader on the first machine", 60)
    third.run("docker", "start", "bench-zookeeper")
    wait_until_all_serve(control)
    if leader(control) != first:
        raise RuntimeError(f"{first.name} does not lead any more")


def lead_last(cluster: LiveCluster, control: Sequence[Host]) -> None:
    """Make the last machine's server the leader: it has the highest id, and so wins an election among equals."""
    wait_until_all_serve(control)
    former = leader(control)
    if former and former != control[-1]:
        former.run("docker", "restart", "bench-zookeeper")
        eventually(lambda: leader(control) == control[-1], "leader on the last machine", 60)
    wait_until_all_serve(control)


def leader(hosts: Sequence[Host]) -> Host | None:
    """The host whose ZooKeeper server leads."""
    for host in hosts:
        with contextlib.suppress(OSError):
            if zookeeper_state(host.address) == "leader":
                return host
    return None


def wait_until_all_serve(hosts: Sequence[Host]) -> None:
    """Wait until every ZooKeeper server serves."""

    def serve() -> bool:
        with contextlib.suppress(OSError):
            return all(zookeeper_state(host.address) != "down" for host in hosts)
        return False

    eventually(serve, "ensemble in which all servers serve", 90)


def seconds(work: Callable[[], object]) -> float:
    """Run `work`; returns how long it took, in seconds."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


if __name__ == "__main__":
    main()
