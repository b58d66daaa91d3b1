"""`python -m sandbox.soak` (`make soak ROLLS=20`): rolls in a row; fails if anything is lost or grows."""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox import power
from sandbox.hosts import Host
from sandbox.static import borrowed, live, poller, removed, run_tasks, static_project, tasks
from sandbox.watch import Writer

MARATHON = "v1.11.24"
PINS = (
    {"zookeeper_version": "3.8.4", "mesos_version": "1.10.0"},
    {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0"},
)
CONTROL, AGENTS = 3, 2

# After a roll forth and one back all images are there, and all programs have started once.
_WARM = 2


@dataclass(frozen=True)
class Sample:
    """What all hosts use, after a roll.

    Args:
        memory: MiB of their processes, without the page cache.
        engine: MiB below /var/lib/docker.
        data: MiB of the cluster's data.
        containers: running or not.
        images: of all engines.
    """

    memory: int
    engine: int
    data: int
    containers: int
    images: int


# What is allowed for noise: of memory a tenth, as a JVM's heap breathes; of the engine's disk what a log of 10 MB, as
# each container may have three of them, takes for each of a host's three members. Data grows by what is written: a
# server's log for each of its starts, and a few KiB for a program's own log files.
ALLOWED = {"memory": (0.10, 64), "engine": (0.02, 90 * (CONTROL + AGENTS)), "containers": (0, 0), "images": (0, 0)}
DATA_PER_ROLL = 20


def main() -> int:
    """Run the soak; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.soak", description=__doc__)
    parser.add_argument("--rolls", type=int, default=20, help="6 or more; default: 20")
    parser.add_argument("--first-host", type=int, default=1, metavar="N", help="the first of five; default: 1, for hs1")
    arguments = parser.parse_args()
    if arguments.rolls < 3 * _WARM:
        parser.error(f"--rolls {arguments.rolls}: {3 * _WARM} or more, to see what grows")
    with borrowed(arguments.first_host, CONTROL + AGENTS) as machines:
        problems = soak(machines, arguments.rolls)
    print("\n".join(problems) if problems else "nothing lost, nothing grows")
    return 1 if problems else 0


def soak(machines: Sequence[Host], rolls: int) -> list[str]:
    """Roll so often; returns what was lost or grows."""
    control, agents = machines[:CONTROL], machines[CONTROL:]
    with tempfile.TemporaryDirectory() as directory:
        project = static_project(Path(directory), "soak", control, agents, marathon_version=MARATHON, **PINS[0])
        with removed(project, control, agents):
            project.deploy()
            cluster = run_tasks(live(project, control), agents)
            before, ids = tasks(agents), cluster.agent_ids()
            samples, problems = [], []
            with Writer(cluster.zookeeper_connect_string, "/writer") as writer:
                for roll in range(1, rolls + 1):
                    project.change(**PINS[roll % 2])
                    first, start = max(len(writer.acknowledged) - 1, 0), time.monotonic()
                    with poller(control, agents) as watched:
                        project.deploy()
                        cluster.wait_until_serving(agents=AGENTS)
                    took = time.monotonic() - start
                    samples.append(measure(machines, "soak"))
                    print(
                        f"roll {roll:2}: {took:4.0f} s, {len(writer.acknowledged):6} writes, "
                        f"longest stall {writer.longest_stall(first):4.1f} s, "
                        f"without a leading master {watched.longest_without_leader('master'):4.1f} s; {samples[-1]}",
                        flush=True,
                    )
                    if tasks(agents) != before or cluster.agent_ids() != ids:
                        problems.append(f"roll {roll}: tasks or agents are others than before")
                        before, ids = tasks(agents), cluster.agent_ids()
                    if watched.fewest("master") < CONTROL // 2 + 1:
                        problems.append(f"roll {roll}: fewer masters than a majority")
            lost = writer.lost()
    print(f"{len(writer.acknowledged)} writes acknowledged, {len(lost)} lost; {len(before)} tasks")
    return problems + [f"lost: {name}" for name in sorted(lost)] + growth(samples)


def measure(machines: Sequence[Host], cluster: str) -> Sample:
    """What the hosts use now."""
    memory = engine = data = containers = kinds = 0
    for host in machines:
        memory += power.memory(host.name)
        engine += _kib(host, "/var/lib/docker")
        data += _kib(host, f"/var/lib/cdktf-mesos/{cluster}")
        with contextlib.closing(host.docker()) as client:
            containers += len(client.api.containers(all=True))
            kinds += len(client.api.images())
    return Sample(memory >> 20, engine >> 10, data >> 10, containers, kinds)


def growth(samples: Sequence[Sample]) -> list[str]:
    """What the last third of the rolls has more of than the first third, once all is warm."""
    warm = samples[_WARM:]
    third = max(len(warm) // 3, 1)
    first, last = warm[:third], warm[-third:]
    problems = []
    for name, (share, constant) in ALLOWED.items():
        earlier, later = (statistics.median(getattr(each, name) for each in part) for part in (first, last))
        print(f"{name}: {earlier:g} -> {later:g}")
        if later > earlier * (1 + share) + constant:
            problems.append(f"{name} grows: {earlier:g} -> {later:g}")
    data = (warm[-1].data - warm[0].data) / max(len(warm) - 1, 1)
    print(f"data: {warm[0].data} -> {warm[-1].data} MiB, {data:.1f} a roll")
    return problems + ([f"data grows by {data:.1f} MiB a roll"] if data > DATA_PER_ROLL else [])


def _kib(host: Host, path: str) -> int:
    # What goes while it is counted is no failure.
    return int(host.run("sh", "-c", f"du -sxk {path} 2>/dev/null || true").split()[0])


if __name__ == "__main__":
    sys.exit(main())
