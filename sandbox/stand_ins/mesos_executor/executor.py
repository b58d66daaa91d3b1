"""The executor: registers with the agent, handles its messages, and keeps running while the agent is replaced."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from .command import Command
from .docker import Container, address_of
from .duration import seconds
from .link import Link
from .log import log
from .process import leave
from .protocol import Message, Pid, read_message
from .task import Task, inspection
from .updates import Updates, fill_update

ID = "executor(1)"
ACKNOWLEDGEMENT_TIMEOUT = 60.0
"""Seconds that the executor waits for the acknowledgement of a terminal update while the agent is connected."""

LINGER = 1.0
"""Seconds between the last acknowledgement and the end, as in Mesos's own executor (src/docker/executor.cpp). If the
executor's container is gone before the agent has inspected it, the agent assumes that it failed to start."""


class Executor:
    """The executor of one task.

    Args:
        environment: MESOS_SLAVE_PID and the other variables that the agent sets.
        messages: returns the class of a message by its name.
        container: the container or process that the task runs in.
        arguments: returns the arguments of `container.run` for a TaskInfo.
        grace: seconds that the task may take to end, unless the call to kill it has another time.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        messages: Callable[[str], Any],
        container: Container | Command,
        arguments: Callable[[Any], list[str]],
        grace: float,
    ) -> None:
        self._messages, self._container, self._arguments, self._grace = messages, container, arguments, grace
        self._ids = {name: environment[f"MESOS_{name.upper()}"] for name in ("framework_id", "executor_id", "slave_id")}
        checkpoints = environment.get("MESOS_CHECKPOINT") == "1"
        # Without checkpoints, a restarted agent would not reconnect to this executor.
        self._recovery = seconds(environment.get("MESOS_RECOVERY_TIMEOUT", "15mins")) if checkpoints else 0.0
        host = environment.get("LIBPROCESS_IP") or socket.gethostbyname(socket.gethostname())
        self._server = socket.create_server((host, 0))
        self._pid = Pid(ID, host, self._server.getsockname()[1])
        self._link = Link(Pid.parse(environment["MESOS_SLAVE_PID"]), self._agent_lost)
        self._updates = Updates(lambda update: self._send("StatusUpdateMessage", update=update, pid=str(self._pid)))
        self._returned = threading.Event()
        self._task: Task | None = None
        self._task_info: Any = None
        self._handlers = {
            "RunTaskMessage": self._run_task,
            "StatusUpdateAcknowledgementMessage": lambda message, _: self._updates.acknowledge(message.uuid),
            "KillTaskMessage": lambda message, _: self._in_background(self._kill, message),
            "ShutdownExecutorMessage": lambda *_: self._in_background(self._shut_down, "the agent asks for it"),
            "ReconnectExecutorMessage": self._reconnect,
        }

    def serve(self) -> NoReturn:
        """Registers, and handles messages until the process ends."""
        self._send("RegisterExecutorMessage", **self._own_ids())
        while True:
            connection, _ = self._server.accept()
            self._in_background(self._read, connection)

    def _read(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            try:
                while message := read_message(stream):
                    log(f"got {message.name} from {message.sender}")
                    if handler := self._handlers.get(message.name):
                        handler(self._messages(message.name).FromString(message.body), message.sender)
            except (OSError, ValueError) as error:
                log(f"connection given up: {error}")

    def _run_task(self, message: Any, _: str) -> None:
        self._task_info = message.task
        self._task = Task(self._container, self._report)
        self._in_background(self._run, self._task, self._arguments(message.task))

    def _run(self, task: Task, arguments: list[str]) -> None:
        try:
            task.run(arguments)
        except OSError as error:
            self._report("TASK_FAILED", f"It cannot be run: {error}", {})
        while not self._updates.wait(ACKNOWLEDGEMENT_TIMEOUT) and not self._link.is_up:
            pass  # the agent is away: _agent_lost ends this process if it does not come back
        time.sleep(LINGER)
        leave("the task is over")

    def _report(self, state: str, text: str, info: Mapping[str, Any]) -> None:
        update = self._messages("StatusUpdate")()
        fill_update(update, state, text, task_id=self._task_info.task_id.value, **self._ids)
        if info:
            update.status.data = inspection(info)
            address = address_of(info) or self._pid.host
            update.status.container_status.network_infos.add().ip_addresses.add().ip_address = address
        self._updates.add(update)

    def _kill(self, message: Any) -> None:
        grace = self._grace
        if message.kill_policy.HasField("grace_period"):
            grace = message.kill_policy.grace_period.nanoseconds / 1e9
        if self._task is not None:
            self._task.kill(grace)

    def _shut_down(self, why: str) -> None:
        log(f"shutting down: {why}")
        if self._task is not None:
            self._task.kill(self._grace)
            self._updates.wait(self._grace + 5)  # the agent waits 5 s, executor_shutdown_grace_period
        leave(why)

    def _agent_lost(self) -> None:
        log(f"the agent went away; waiting {self._recovery:.0f} s for it")
        self._returned.clear()
        if not self._returned.wait(self._recovery):
            self._shut_down("the agent did not come back")

    def _reconnect(self, _: Any, sender: str) -> None:
        self._returned.set()
        self._link.move_to(Pid.parse(sender))
        pending = self._updates.pending()
        tasks = [self._task_info] if pending else []
        self._send("ReregisterExecutorMessage", tasks=tasks, updates=pending, **self._own_ids())

    def _own_ids(self) -> dict[str, dict[str, str]]:
        return {name: {"value": self._ids[name]} for name in ("framework_id", "executor_id")}

    def _send(self, name: str, **fields: Any) -> None:
        body = self._messages(name)(**fields).SerializeToString()
        self._link.send(Message(name, str(self._pid), body))

    @staticmethod
    def _in_background(function: Callable[..., object], *arguments: Any) -> None:
        threading.Thread(target=function, args=arguments, daemon=True).start()
