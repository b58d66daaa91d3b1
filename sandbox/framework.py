"""A framework for tests: starts tasks that run for ever, and records every update that Mesos sends about them."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.host import Host
from sandbox.repeated import Repeated

Json = dict[str, Any]

# The `sleep` argument of Docker tasks and of command tasks, by which their processes can be told apart.
DOCKER_SECONDS, COMMAND_SECONDS = 1000000, 1000001

_WEEK = 604800.0
_IMAGE = "busybox:1.35.0"

# Seconds. A master sends a heartbeat every 15.
_TIMEOUT = (5, 45)


@dataclass(frozen=True)
class Update:
    """A status update of a task.

    Args:
        task: the task's name.
        state: for example `TASK_RUNNING`.
        source: who made the update: `SOURCE_MASTER`, `SOURCE_SLAVE` or `SOURCE_EXECUTOR`.
        message: Mesos's text.
    """

    task: str
    state: str
    source: str
    message: str


class Framework(Repeated):
    """A context manager that runs a number of tasks. It starts each only once; the end of the block ends them all.

    It uses the scheduler HTTP API (Mesos docs, "Scheduler HTTP API"), has its tasks checkpointed, and subscribes again,
    as the same framework, whenever it loses the master.

    Args:
        masters: the masters' URLs, such as `http://10.0.0.1:5050`.
        count: how many tasks.
        cpus: CPUs of each task.
        mem: memory of each task, in MiB.
        docker: whether they are Docker tasks; else they are command tasks, `sleep COMMAND_SECONDS`, in the agent's
            own file system.
    """

    role = "*"

    def __init__(
        self, masters: Sequence[str], count: int, *, cpus: float = 0.05, mem: int = 16, docker: bool = True
    ) -> None:
        super().__init__(pause=0.5)
        self._masters = itertools.cycle(masters)
        self._docker = docker
        self._count, self._needs = count, {"cpus": cpus, "mem": mem}
        self._id: str | None = None
        self._master, self._stream = "", ""
        self.launched: list[str] = []
        self.updates: list[Update] = []

    def states(self) -> dict[str, str]:
        """The latest state of each task that had an update."""
        return {update.task: update.state for update in list(self.updates)}

    def all_run(self) -> bool:
        """Whether all tasks run."""
        states = self.states()
        return len(states) == self._count and set(states.values()) == {"TASK_RUNNING"}

    def step(self) -> None:
        """Subscribe to the next master, and handle its events until the connection ends."""
        with suppress(requests.RequestException, ValueError, KeyError):
            self._subscribe(next(self._masters))

    def end(self) -> None:
        """End all tasks, and with them the stream."""
        with suppress(requests.RequestException):
            self._call("TEARDOWN")

    def _subscribe(self, master: str) -> None:
        """Subscribe to a master and handle its events. A master that does not lead redirects to the leader."""
        info: Json = {
            "user": "root",
            "name": "sandbox-framework",
            "checkpoint": True,
            "failover_timeout": _WEEK,
            "roles": [self.role],
            "capabilities": [{"type": "MULTI_ROLE"}],
        }
        call: Json = {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}
        if self._id:
            info["id"] = call["framework_id"] = {"value": self._id}
        with requests.post(f"{master}/api/v1/scheduler", json=call, stream=True, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()
            self._master, self._stream = answer.url, answer.headers["Mesos-Stream-Id"]
            for event in _events(answer):
                self._hear(event)
                if self._ended.is_set():
                    return

    def _hear(self, event: Json) -> None:
        match event["type"]:
            case "SUBSCRIBED":
                self._id = event["subscribed"]["framework_id"]["value"]
                self._call("RECONCILE", reconcile={"tasks": [{"task_id": {"value": task}} for task in self.launched]})
            case "OFFERS":
                for offer in event["offers"]["offers"]:
                    self._answer(offer)
            case "UPDATE":
                self._note(event["update"]["status"])

    def _answer(self, offer: Json) -> None:
        tasks, left = [], {each["name"]: each["scalar"]["value"] for each in offer["resources"] if "scalar" in each}
        # Use half of what is offered, so that the tasks are spread over the agents.
        room = int(min(left.get(name, 0) / need for name, need in self._needs.items()) / 2)
        for _ in range(min(room, self._count - len(self.launched), self._count // 2)):
            name = f"task-{len(self.launched)}-{uuid.uuid4().hex[:8]}"
            self.launched.append(name)
            tasks.append(self._task(name, offer))
        ids = [offer["id"]]
        if tasks:
            launch = [{"type": "LAUNCH", "launch": {"task_infos": tasks}}]
            self._call("ACCEPT", accept={"offer_ids": ids, "operations": launch, "filters": {"refuse_seconds": 1.0}})
        else:
            wait = 1.0 if len(self.launched) < self._count else 3600.0
            self._call("DECLINE", decline={"offer_ids": ids, "filters": {"refuse_seconds": wait}})

    def _task(self, name: str, offer: Json) -> Json:
        image: Json = {"container": {"type": "DOCKER", "docker": {"image": _IMAGE, "network": "HOST"}}}
        return {
            "name": name,
            "task_id": {"value": name},
            "agent_id": offer["agent_id"],
            "command": {"value": f"exec sleep {DOCKER_SECONDS if self._docker else COMMAND_SECONDS}"},
            **(image if self._docker else {}),
            "resources": [
                {"name": each, "type": "SCALAR", "scalar": {"value": need}, "allocation_info": {"role": self.role}}
                for each, need in self._needs.items()
            ],
        }

    def _note(self, status: Json) -> None:
        task = status["task_id"]["value"]
        self.updates.append(Update(task, status["state"], status.get("source", ""), status.get("message", "")))
        # An update without a uuid needs no acknowledgement.
        if "uuid" in status:
            update = {"agent_id": status["agent_id"], "task_id": status["task_id"], "uuid": status["uuid"]}
            self._call("ACKNOWLEDGE", acknowledge=update)

    def _call(self, kind: str, **body: Json) -> None:
        call = {"type": kind, "framework_id": {"value": self._id}, **body}
        headers = {"Mesos-Stream-Id": self._stream}
        requests.post(self._master, json=call, headers=headers, timeout=_TIMEOUT).raise_for_status()


def command_processes(hosts: Sequence[Host]) -> set[str]:
    """The process ids, as this machine sees them, of the command tasks that run on these hosts."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.joinpath("cmdline").read_bytes().split(b"\0")[:2] == [b"sleep", b"%d" % COMMAND_SECONDS]:
                cgroups = process.joinpath("cgroup").read_text()
                if any(f"/{host.name}/" in cgroups for host in hosts):
                    found.add(process.name)
    return found


def cgroups_roots(processes: set[str]) -> set[str]:
    """The cgroup roots (the agents' flag `cgroups_root`) of processes: `mesos` in `…/mesos/<container id>`."""
    lines = (line for process in processes for line in Path(f"/proc/{process}/cgroup").read_text().splitlines())
    return {line.split("/")[-2] for line in lines if ":freezer:" in line}


def _events(answer: requests.Response) -> Iterator[Json]:
    """The events of a stream in RecordIO format: a length, a line feed, that many bytes (Mesos docs, "RecordIO")."""
    buffer = b""
    for chunk in answer.iter_content(chunk_size=None):
        buffer += chunk
        while b"\n" in buffer:
            length, _, rest = buffer.partition(b"\n")
            if len(rest) < int(length):
                break
            yield json.loads(rest[: int(length)])
            buffer = rest[int(length) :]
