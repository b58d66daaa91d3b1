"""Apps on a Marathon in a stack, and a Marathon that answers their scripts."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Marathon, MarathonApps, MesosMasterSet, scripts
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.image.release import Release, parse_release
from cdktf_mesos.marathon.app import apps as module
from cdktf_mesos.marathon.app.form import written
from cdktf_mesos.role.probe import ASK
from sandbox.stand_ins.marathon.api import Api
from sandbox.stand_ins.marathon.flags import parse
from sandbox.stand_ins.marathon.server import Server
from sandbox.stand_ins.marathon.state import State
from sandbox.stand_ins.marathon.tasks import Task, new_task_id

HERE = Path(module.__file__).parent
SHORT_SLEEP = Path(__file__).with_name("short_sleep.sh")
DOCKER: dict[str, Any] = {"type": "DOCKER", "docker": {"image": "busybox:1.35.0"}}
APP: dict[str, Any] = {"id": "/shop", "cmd": "sleep 1", "container": DOCKER}

Write = Callable[..., dict[str, Any]]


@pytest.fixture
def marathon(stack: TerraformStack, host: DockerHost, masters: MesosMasterSet) -> Marathon:
    return Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")


@pytest.fixture
def apps(stack: TerraformStack, marathon: Marathon) -> MarathonApps:
    return MarathonApps(stack, "apps", marathon=marathon)


@pytest.fixture
def write(stack: TerraformStack) -> Write:
    """Writes a definition in the form of a release."""

    def write(app: Any, release: str = "1.11.24") -> dict[str, Any]:
        parsed: Release = parse_release(release)
        return written(stack, app, parsed)

    return write


class MemoryStore:
    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}

    def load(self, kind: str) -> dict[str, Any]:
        return dict(self.entries.get(kind, {}))

    def save(self, kind: str, key: str, value: Any) -> None:
        self.entries.setdefault(kind, {})[key] = value

    def remove(self, kind: str, key: str) -> None:
        self.entries.get(kind, {}).pop(key, None)


class LiveMarathon:
    """The stand-in's API on a free port. Its tasks run at once.

    But those of apps named `fail…` fail, and those of apps named `short…` fail when they have run.
    """

    def __init__(self, credentials: str = "") -> None:
        flags = parse(["--master=m:5050", "--http_address=127.0.0.1", "--http_port=0", "--hostname=127.0.0.1"], {})
        flags.http_credentials = credentials
        self.state = State(MemoryStore())
        self.server = Server(flags, lambda: flags.address)
        flags.http_port = self.server.server_address[1]
        self.address, self.server.api = flags.address, Api(self.state, dict)
        self._ended = threading.Event()
        for work in (lambda: self.server.serve_forever(0.01), self._work):
            threading.Thread(target=work, daemon=True).start()

    def end(self) -> None:
        self._ended.set()
        self.server.shutdown()
        self.server.server_close()

    def update(self, key: str, **fields: Any) -> None:
        """Changes an app by hand."""
        self.state.update(key, fields, force=True)

    def _work(self) -> None:
        while not self._ended.wait(0.02):
            with self.state.lock:
                for key, app, plan in list(self.state.plans()):
                    for task in plan.kill:
                        self.state.remove(task)
                    for _ in range(plan.start if app and not self._has_ended(key) else 0):
                        self._start(key, app or {})
                self.state.settle()
                for task in [task for task in self.state.tasks.values() if "short" in task.app]:
                    self.state.remove(task)
                    self.state.failed(task, "TASK_FAILED", "has run")

    def _has_ended(self, key: str) -> bool:
        return "short" in key and key in self.state.failures

    def _start(self, key: str, app: dict[str, Any]) -> None:
        version = app["versionInfo"]["lastConfigChangeAt"]
        task = Task(new_task_id(key), key, version, "agent", "h1", [31000], "TASK_RUNNING", time.time(), time.time())
        if "fail" in key:
            self.state.failed(task, "TASK_FAILED", 'no such image: "a}b"')
        else:
            self.state.save(task)


@pytest.fixture
def live() -> Iterator[LiveMarathon]:
    marathon = LiveMarathon()
    yield marathon
    marathon.end()


def start(
    files: Sequence[str], arguments: Sequence[str], way: Mapping[str, str] | None = None, **variables: str
) -> subprocess.Popen[str]:
    """Start a script of the app's folder as Terraform does; by default on this machine."""
    settings = {"AUTHORIZATION": "", **variables}
    exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
    environment = {
        **os.environ,
        "DESTINATION": "",
        "OPTIONS": "",
        "SETTINGS": f"export {exports}\nset -- {shlex.join(arguments)}",
        "SCRIPT_THERE": scripts.joined(SHORT_SLEEP, ASK, *(HERE / name for name in files)),
        **(way or {}),
    }
    words = ["bash", "-c", scripts.text_of(HERE / "run.sh")]
    return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)


def run(
    files: Sequence[str], arguments: Sequence[str], way: Mapping[str, str] | None = None, **variables: str
) -> tuple[int, str]:
    """Run a script of the app's folder; returns its exit code and what it printed."""
    process = start(files, arguments, way, **variables)
    _, output = process.communicate(timeout=60)
    return process.returncode, output


def text(definition: Any) -> str:
    return json.dumps(definition, ensure_ascii=False)
