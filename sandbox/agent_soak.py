"""`python -m sandbox.agent_soak` (`make soak-agents`): rolls all agents many times; fails if that disturbs a task."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox.framework import Framework
from sandbox.hosts import Host
from sandbox.process import wait_until
from sandbox.static import borrowed_hosts, live, removed_afterwards, static_project, tasks

PINS = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}
VERSIONS = ("1.10.0", "1.11.0")
AGENTS, TASKS = 2, 20


def main() -> int:
    """Run the soak; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.agent_soak", description=__doc__)
    parser.add_argument("--rolls", type=int, default=30, help="default: 30")
    parser.add_argument(
        "--first-host", type=int, default=1, metavar="N", help="first of the three hosts; default: 1, for hs1"
    )
    arguments = parser.parse_args()
    with borrowed_hosts(arguments.first_host, 1 + AGENTS) as machines:
        problems = soak(machines, arguments.rolls)
    print("\n".join(problems) if problems else "no roll disturbed a task")
    return 1 if problems else 0


def soak(machines: Sequence[Host], rolls: int) -> list[str]:
    """Roll the agents this many times; returns every change of an agent or a task."""
    control, agents = machines[:1], machines[1:]
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        pins: dict[str, Any] = {**PINS, "agents": {"version": VERSIONS[0]}}
        project = static_project(Path(directory), "agents", control, agents, **pins)
        with removed_afterwards(project, control, agents):
            project.deploy()
            cluster = live(project, control)
            cluster.wait_until_serving(agents=AGENTS)
            with Framework([cluster.master], TASKS) as framework:
                wait_until(framework.all_run, lambda: f"not all run: {framework.states()}", 120)
                before, ids, update_count = tasks(agents), cluster.agent_ids(), len(framework.updates)
                for roll in range(1, rolls + 1):
                    project.change(agents={"version": VERSIONS[roll % 2]})
                    started = time.monotonic()
                    project.deploy()
                    cluster.wait_until_serving(agents=AGENTS)
                    print(f"roll {roll:2}: {time.monotonic() - started:4.0f} s", flush=True)
                    if cluster.agent_ids() != ids or tasks(agents) != before:
                        problems.append(f"roll {roll}: agent ids or tasks have changed")
                        before, ids = tasks(agents), cluster.agent_ids()
                unexpected = [update for update in framework.updates[update_count:] if update.state != "TASK_RUNNING"]
    updates = f"{len(framework.updates) - update_count} updates, {len(unexpected)} of them not TASK_RUNNING"
    print(f"{rolls} rolls, {len(before)} tasks, {updates}")
    return problems + [f"{update.task}: {update.state}, {update.message}" for update in unexpected]


if __name__ == "__main__":
    sys.exit(main())
