"""A running cluster, seen through its HTTP APIs and ZooKeeper: for the demo and the tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import requests
from kazoo.client import KazooClient  # type: ignore[import-untyped]

T = TypeVar("T")

Login = tuple[str, str]
"""A principal and its secret. An open member ignores it."""

_TIMEOUT = 10


class LiveCluster:
    """A cluster as its users see it.

    Args:
        outputs: the stack's outputs, as `cdktf output` prints them.
        login: principal and secret for masters that may be closed; by default none.
    """

    def __init__(self, outputs: dict[str, Any], login: Login | None = None) -> None:
        self._login = login
        self.zookeeper_connect_string: str = outputs["zookeeper_connect_string"]
        self.master: str = outputs["master_urls"][0]
        self.agents: list[str] = outputs["agent_urls"]
        self.marathon: str = outputs["marathon_urls"][0]

    @contextmanager
    def zookeeper(self) -> Iterator[KazooClient]:
        """A ZooKeeper client, connected for the length of the block."""
        client = KazooClient(self.zookeeper_connect_string, timeout=10)
        client.start(timeout=30)
        try:
            yield client
        finally:
            client.stop()
            client.close()

    def state(self) -> dict[str, Any]:
        """The leading master's view: its version, agents, frameworks and their tasks."""
        return _get(f"{self.master}/state", self._login)

    def agent_ids(self) -> dict[str, str]:
        """The ids of the registered agents, by `address:port`."""
        return {
            f"{agent['hostname']}:{agent['port']}": agent["id"] for agent in self.state()["slaves"] if agent["active"]
        }

    def tasks(self, app: str) -> list[dict[str, Any]]:
        """An app's running tasks, as the master sees them."""
        return [
            task
            for framework in self.state()["frameworks"]
            for task in framework["tasks"]
            if task["name"] == app.strip("/") and task["state"] == "TASK_RUNNING"
        ]

    def apps(self) -> dict[str, Any]:
        """Marathon's apps by id."""
        return {app["id"]: app for app in _get(f"{self.marathon}/v2/apps", self._login)["apps"]}

    def run_app(self, name: str, *, image: str, command: str, instances: int = 1) -> None:
        """Have Marathon run a command in a Docker container, on the host's network."""
        app = {
            "id": f"/{name}",
            "cmd": command,
            "cpus": 0.1,
            "mem": 32,
            "instances": instances,
            "container": {"type": "DOCKER", "docker": {"image": image, "network": "HOST"}},
        }
        answer = requests.post(f"{self.marathon}/v2/apps", json=app, timeout=_TIMEOUT, auth=self._login)
        answer.raise_for_status()

    def delete_app(self, name: str) -> None:
        """Have Marathon delete an app and end its tasks."""
        requests.delete(f"{self.marathon}/v2/apps/{name}", timeout=_TIMEOUT, auth=self._login).raise_for_status()

    def wait_for_tasks(self, app: str, count: int = 1, seconds: float = 90) -> list[dict[str, Any]]:
        """Wait until exactly `count` tasks of the app run; returns them.

        Raises:
            TimeoutError: that was not so within `seconds`.
        """

        def running() -> list[dict[str, Any]] | None:
            tasks = self.tasks(app)
            return tasks if len(tasks) == count and self.apps()[f"/{app}"]["tasksRunning"] == count else None

        return eventually(running, f"exactly {count} running tasks of {app} at {self.marathon}", seconds)

    def wait_until_serving(self, agents: int, seconds: float = 90) -> None:
        """Wait until a master leads, `agents` agents are registered, and Marathon has a leader and is registered.

        Raises:
            TimeoutError: that was not so within `seconds`.
        """

        def serving() -> bool:
            _get(f"{self.marathon}/v2/leader", self._login)
            return len(self.agent_ids()) == agents and any(
                framework["active"] for framework in self.state()["frameworks"]
            )

        eventually(serving, f"a leading master with {agents} agents, and Marathon as its framework", seconds)


def eventually(ask: Callable[[], T | None], what: str, seconds: float = 60) -> T:
    """Call `ask` until it returns something true, and return that. Connection failures and HTTP errors are retried.

    Args:
        ask: the function to call.
        what: what is waited for, as the error names it.
        seconds: how long to try.

    Raises:
        TimeoutError: it returned nothing true in time; the text has `what` and the last failure.
    """
    deadline = time.monotonic() + seconds
    last: Exception | None = None
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except (requests.RequestException, KeyError) as error:
            last = error
        else:
            if answer:
                return answer
        time.sleep(0.2)
    raise TimeoutError(f"not within {seconds:g} s: {what}" + (f"; last error: {last}" if last else ""))


def _get(url: str, login: Login | None = None) -> dict[str, Any]:
    answer = requests.get(url, timeout=_TIMEOUT, auth=login)
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document
