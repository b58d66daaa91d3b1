"""A framework's scheduler that keeps a number of Docker tasks running.

`python3 -m scheduler <zk:// of the masters> <zk:// of its own data> <port> <number of tasks>`: the port is that of its
status, JSON at any path. Its framework id and tasks are in ZooKeeper, so that another process goes on with them.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pymesos  # type: ignore[import-not-found]
from stand_in.flags import Flags  # type: ignore[import-not-found]
from stand_in.masters import ZooKeeperMasters  # type: ignore[import-not-found]
from stand_in.session import Session  # type: ignore[import-not-found]
from stand_in.tasks import TERMINAL  # type: ignore[import-not-found]
from stand_in.zookeeper import ZooKeeperStore, connect  # type: ignore[import-not-found]

Json = dict[str, Any]
NEEDS = {"cpus": 0.05, "mem": 16.0}
IMAGE = "busybox:1.35.0"
# Seconds for which a declined offer stays away.
WAIT = {True: 1.0, False: 3600.0}


class Scheduler(pymesos.Scheduler):  # type: ignore[misc]  # pymesos has no types
    """Starts a task for each that is missing.

    Args:
        session: sends calls to the master.
        store: keeps the tasks.
        count: how many tasks.
    """

    def __init__(self, session: Session, store: ZooKeeperStore, count: int) -> None:
        self.session, self._store, self._count = session, store, count
        self.tasks: dict[str, str] = store.load("tasks")

    def registered(self, driver: Any, framework_id: Json, master: Json) -> None:
        """The framework was registered."""
        self.reregistered(driver, master)

    def reregistered(self, driver: Any, master: Json) -> None:
        """The framework was registered again: some tasks may have ended unnoticed."""
        self.session.registered(driver)
        self.session.call("reconcileTasks", [{"task_id": {"value": task}} for task in self.tasks])
        self.session.call("reviveOffers")

    def error(self, driver: Any, message: str) -> None:
        """The master has removed the framework."""
        self.session.ended(message)

    def resourceOffers(self, driver: Any, offers: list[Json]) -> None:  # noqa: N802  # as all of pymesos
        """Starts at most one task on each offer, so that the tasks are spread."""
        for offer in offers:
            left = {each["name"]: each["scalar"]["value"] for each in offer["resources"] if "scalar" in each}
            filters = {"refuse_seconds": WAIT[len(self.tasks) < self._count]}
            if len(self.tasks) >= self._count or any(left.get(name, 0) < need for name, need in NEEDS.items()):
                self.session.call("declineOffer", [offer["id"]], filters)
                continue
            task = f"own.{uuid.uuid4()}"
            self._keep(task, "TASK_STAGING")
            launch = [{"type": "LAUNCH", "launch": {"task_infos": [_task(task, offer)]}}]
            self.session.call("acceptOffers", [offer["id"]], launch, filters)

    def statusUpdate(self, driver: Any, status: Json) -> None:  # noqa: N802
        """Records a task's state; another task is started in place of one that has ended."""
        task, state = status["task_id"]["value"], status["state"]
        logging.info("%s: %s %s", task, state, status.get("message", ""))
        if state in TERMINAL:
            self._store.remove("tasks", task)
            self.tasks.pop(task, None)
            self.session.call("reviveOffers")
        else:
            self._keep(task, state)
        self.session.call("acknowledgeStatusUpdate", status)

    def _keep(self, task: str, state: str) -> None:
        self._store.save("tasks", task, state)
        self.tasks[task] = state


def _task(name: str, offer: Json) -> Json:
    resources = [{"name": each, "type": "SCALAR", "scalar": {"value": need}} for each, need in NEEDS.items()]
    return {
        "name": "own",
        "task_id": {"value": name},
        "agent_id": offer["agent_id"],
        "command": {"value": "exec sleep 1000000", "shell": True},
        "container": {"type": "DOCKER", "docker": {"image": IMAGE, "network": "HOST"}},
        "resources": [{**each, "allocation_info": {"role": "*"}} for each in resources],
    }


def _serve(scheduler: Scheduler, port: int) -> None:
    """Answers every request with the status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            libprocess = [os.environ.get(f"LIBPROCESS_{name}") for name in ("IP", "PORT")]
            status = {"framework": scheduler.session.framework_id, "tasks": scheduler.tasks, "libprocess": libprocess}
            data = json.dumps(status).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    threading.Thread(target=ThreadingHTTPServer(("", port), Handler).serve_forever, daemon=True).start()


def _fatal(message: str) -> None:
    logging.error("%s", message)
    os._exit(1)


def main(masters_url: str, url: str, port: str, count: str) -> None:
    """Runs until it is ended. The framework stays registered then, and its tasks keep running."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="[%(asctime)s] %(levelname)s %(message)s")
    flags = Flags(master=masters_url, zk=url, framework_name="own", mesos_user="root", http_port=int(port))
    client, path = connect(url, 10)
    client.start(timeout=60)
    store = ZooKeeperStore(client, path)
    session: Session
    masters = ZooKeeperMasters(masters_url, 10, lambda: session.leave())
    session = Session(flags, store, masters, _fatal)
    scheduler = Scheduler(session, store, int(count))
    masters.start()
    _serve(scheduler, int(port))
    session.run(scheduler)


if __name__ == "__main__":
    main(*sys.argv[1:])
