"""`python -m sandbox.soak` (`make soak ROLLS=20`): rolls a cluster many times; fails if anything is lost or grows."""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from sandbox import power
from sandbox.hosts import Host
from sandbox.static import borrowed_hosts, live, poller, removed_afterwards, run_tasks, static_project, tasks
from sandbox.watch import Writer

MARATHON = "v1.11.24"
PINS: Any = (
    {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0"},
    {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0"},
)
CONTROL, AGENTS = 3, 2

# How many rolls to leave out: after a roll to the new versions and one back, hosts have all images, and all programs
# have started once.
_WARM = 2


@dataclass(frozen=True)
class Sample:
    """What a host uses after a roll.

    Args:
        memory: memory of its processes without the page cache, in MiB.
        engine: size of /var/lib/docker, in MiB.
        logs: size of /var/log, in MiB.
        data: size of the cluster's data, in MiB.
        containers: how many containers there are, running or not.
        images: how many images the engine has.
    """

    memory: int
    engine: int
    logs: int
    data: int
    containers: int
    images: int


# How much each figure of a host may grow by noise: a share of it and a constant. A JVM's heap grows and shrinks;
# containers begin new logs with each roll. DATA_PER_ROLL, in MiB, is for what is written: the writer's znodes, some
# hundred bytes each, and at each start a few KiB of the programs' own logs.
ALLOWED = {"memory": (0.15, 40), "engine": (0.02, 30), "logs": (0, 10), "containers": (0, 0), "images": (0, 0)}
DATA_PER_ROLL = 5


def main() -> int:
    """Run the soak; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.soak", description=__doc__)
    parser.add_argument("--rolls", type=int, default=20, help="6 or more; default: 20")
    parser.add_argument(
        "--first-host", type=int, default=1, metavar="N", help="first of the five hosts; default: 1, for hs1"
    )
    arguments = parser.parse_args()
    if arguments.rolls < 3 * _WARM:
        parser.error(f"--rolls {arguments.rolls} is too few to see what grows: use {3 * _WARM} or more")
    with borrowed_hosts(arguments.first_host, CONTROL + AGENTS) as machines:
        problems = soak(machines, arguments.rolls)
    print("\n".join(problems) if problems else "nothing lost, nothing grows")
    return 1 if problems else 0


def soak(machines: Sequence[Host], rolls: int) -> list[str]:
    """Roll the cluster this many times; returns what was lost or grows."""
    control, agents = machines[:CONTROL], machines[CONTROL:]
    with tempfile.TemporaryDirectory() as directory:
        project = static_project(Path(directory), "soak", control, agents, marathon_version=MARATHON, **PINS[0])
        with removed_afterwards(project, control, agents):
            project.deploy()
            cluster = run_tasks(live(project, control), agents)
            before, ids = tasks(agents), cluster.agent_ids()
            samples: list[list[Sample]] = []
            problems = []
            with Writer(cluster.zookeeper_connect_string, "/writer") as writer:
                for roll in range(1, rolls + 1):
                    project.change(**PINS[roll % 2])
                    first, start = max(len(writer.acknowledged) - 1, 0), time.monotonic()
                    with poller(control, agents) as watched:
                        project.deploy()
                        cluster.wait_until_serving(agents=AGENTS)
                    took = time.monotonic() - start
                    writer.forget()
                    samples.append([measure(host, "soak") for host in machines])
                    print(
                        f"roll {roll:2}: {took:4.0f} s, {len(writer.acknowledged):6} writes, "
                        f"longest stall {writer.longest_stall(first):4.1f} s, without a leading master "
                        f"{watched.longest_without_leader('master'):4.1f} s; {total(samples[-1])}",
                        flush=True,
                    )
                    if tasks(agents) != before or cluster.agent_ids() != ids:
                        problems.append(f"roll {roll}: tasks or agent ids have changed")
                        before, ids = tasks(agents), cluster.agent_ids()
                    if watched.fewest("master") < CONTROL // 2 + 1:
                        problems.append(f"roll {roll}: fewer masters up than a majority")
            lost = writer.lost()
    print(f"{len(writer.acknowledged)} writes acknowledged, {len(lost)} lost; {len(before)} tasks")
    return problems + [f"lost: {name}" for name in sorted(lost)] + growth(samples)


def measure(host: Host, cluster: str) -> Sample:
    """What a host uses now."""
    with contextlib.closing(host.docker()) as client:
        containers, kinds = len(client.api.containers(all=True)), len(client.api.images())
    return Sample(
        memory=power.memory(host.name) >> 20,
        engine=_mib(host, "/var/lib/docker"),
        logs=_mib(host, "/var/log"),
        data=_mib(host, f"/var/lib/cdktf-mesos/{cluster}"),
        containers=containers,
        images=kinds,
    )


def total(samples: Sequence[Sample]) -> Sample:
    """What all hosts use together."""
    return Sample(*(sum(values) for values in zip(*map(astuple, samples), strict=True)))


def growth(samples: Sequence[Sequence[Sample]]) -> list[str]:
    """The figures that are higher in the last third of the rolls than in the first, without the first rolls (_WARM)."""
    warm = samples[_WARM:]
    third = max(len(warm) // 3, 1)
    problems = []
    for number, host in enumerate(zip(*warm, strict=True), start=1):
        for name, (share, constant) in ALLOWED.items():
            first, last = (
                statistics.median(getattr(each, name) for each in part) for part in (host[:third], host[-third:])
            )
            if last > first * (1 + share) + constant:
                problems.append(f"host {number}: {name} grows: {first:g} -> {last:g}")
        data = (host[-1].data - host[0].data) / max(len(host) - 1, 1)
        if data > DATA_PER_ROLL:
            problems.append(f"host {number}: data grows by {data:.1f} MiB a roll")
    print(f"all hosts after roll {_WARM + 1}: {total(warm[0])}\nafter the last roll: {total(warm[-1])}")
    return problems


def _mib(host: Host, path: str) -> int:
    # du fails on a file that is removed meanwhile; its figure is still good.
    return int(host.run("sh", "-c", f"du -sxm {path} 2>/dev/null || true").split()[0])


if __name__ == "__main__":
    sys.exit(main())
