"""A small framework: it keeps a number of copies of a command running, each in a Docker container.

    python framework.py --master zk://127.0.0.1:20000/mesos --file copies.json --copies 2

The file has the framework's id and its tasks. Started again with the same file, it is the same framework and goes on
with the same tasks. SIGTERM ends only the framework: its tasks go on.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import uuid
from pathlib import Path
from typing import Any

import pymesos  # type: ignore  # it has no types

Json = dict[str, Any]

NEEDS = {"cpus": 0.1, "mem": 32.0}
# How long the master keeps the tasks of a framework that is away, in seconds.
FAILOVER = 7 * 24 * 3600.0
ENDED = {"TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR", "TASK_LOST", "TASK_DROPPED", "TASK_GONE"}


class Copies(pymesos.Scheduler):  # type: ignore[misc]
    """Starts a task for each copy that is missing.

    Args:
        file: where the framework's id and its tasks are kept.
        copies: how many copies.
        image: the image of the containers.
        command: what runs in them.
    """

    def __init__(self, file: Path, copies: int, image: str, command: str) -> None:
        self.file, self.copies, self.image, self.command = file, copies, image, command
        known = json.loads(file.read_text()) if file.exists() else {"id": None, "tasks": []}
        self.id: str | None = known["id"]
        self.tasks: list[str] = known["tasks"]

    def info(self) -> Json:
        """What the master is told. Without `checkpoint`, tasks end when their agent is replaced."""
        info = {"name": "copies", "user": "root", "checkpoint": True, "failover_timeout": FAILOVER}
        return {**info, "id": {"value": self.id}} if self.id else info

    def registered(self, driver: Any, framework_id: Json, master: Json) -> None:
        """The master has given the framework its id."""
        self.id = framework_id["value"]
        self.save()

    def reregistered(self, driver: Any, master: Json) -> None:
        """The framework is back, or the master is: tasks may have ended unnoticed."""
        logging.info("registered again as %s", self.id)
        driver.reconcileTasks([{"task_id": {"value": task}} for task in self.tasks])
        driver.reviveOffers()

    def resourceOffers(self, driver: Any, offers: list[Json]) -> None:  # noqa: N802  # pymesos's name
        """Start a task on each offer while copies are missing."""
        for offer in offers:
            left = {each["name"]: each["scalar"]["value"] for each in offer["resources"] if "scalar" in each}
            enough = all(left.get(name, 0) >= need for name, need in NEEDS.items())
            if enough and len(self.tasks) < self.copies:
                task = f"copy-{uuid.uuid4()}"
                # Written down before it runs: a task that is not in the file would be lost with this process.
                self.tasks.append(task)
                self.save()
                driver.launchTasks(offer["id"], [self.task(task, offer)])
            else:
                driver.declineOffer(offer["id"], {"refuse_seconds": 5})

    def statusUpdate(self, driver: Any, status: Json) -> None:  # noqa: N802
        """Forget a task that has ended. The next offer starts another one."""
        task, state = status["task_id"]["value"], status["state"]
        logging.info("%s: %s %s", task, state, status.get("message", ""))
        if state in ENDED and task in self.tasks:
            self.tasks.remove(task)
            self.save()
            driver.reviveOffers()

    def task(self, name: str, offer: Json) -> Json:
        """A task for an offer."""
        return {
            "name": "copy",
            "task_id": {"value": name},
            "agent_id": offer["agent_id"],
            "command": {"value": self.command},
            "container": {"type": "DOCKER", "docker": {"image": self.image, "network": "HOST"}},
            "resources": [{"name": each, "type": "SCALAR", "scalar": {"value": need}} for each, need in NEEDS.items()],
        }

    def save(self) -> None:
        """Keep the id and the tasks."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"id": self.id, "tasks": self.tasks}))
        new.replace(self.file)


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="Keeps copies of a command running.")
    parser.add_argument("--master", required=True, help="zk://HOST:PORT/mesos, or HOST:PORT")
    parser.add_argument("--file", type=Path, required=True, help="keeps the framework's id and its tasks")
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--image", default="busybox:1.35.0")
    parser.add_argument("--command", default="exec sleep 1000000")
    words = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    scheduler = Copies(words.file, words.copies, words.image, words.command)
    driver = pymesos.MesosSchedulerDriver(scheduler, scheduler.info(), words.master, failover=True)
    signal.signal(signal.SIGTERM, lambda *_: driver.stop(failover=True))
    driver.run()


if __name__ == "__main__":
    main()
