"""What the tests of machines' faults share: a deploy that runs meanwhile, and what must not get lost."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
import requests

from sandbox.hosts import Host
from sandbox.live import LiveCluster, eventually
from sandbox.process import run
from sandbox.project import ROOT, Project, environment
from sandbox.static import containers, live, run_tasks, tasks
from sandbox.watch import Writer

# Seconds until a deploy that meets a fault is killed: each of its waits is shorter by far, but there are several.
BOUND = 400


@dataclass(frozen=True)
class Site:
    """A deployed cluster with its machines."""

    project: Project
    control: Sequence[Host]
    agents: Sequence[Host]

    @property
    def hosts(self) -> list[Host]:
        """All its machines, in the order of a roll."""
        return [*self.control, *self.agents]

    def serving(self) -> LiveCluster:
        """The cluster, once it serves and runs the app."""
        return run_tasks(live(self.project, self.control), self.agents)

    def change(self) -> None:
        """Pin the other of two releases of Mesos, so that the next deploy replaces all masters and agents."""
        self.project.change(mesos_version="1.10.0" if self._running() == "1.11.0" else "1.11.0")

    def change_back(self) -> None:
        """Pin the release that the leading master runs, so that the next deploy replaces as little as can be."""
        self.project.change(mesos_version=self._running())

    def _running(self) -> str:
        cluster = live(self.project, self.control)
        return eventually(lambda: str(cluster.state()["version"]), "leading master", 120)

    def member(self, role: str) -> str:
        """The name of a role's containers."""
        return f"{self.project.name}-{role}"

    def containers(self) -> dict[tuple[str, str], str]:
        """The ids of the members' containers on all machines that are on, by machine and name."""
        return containers(self.project, [host for host in self.hosts if host.is_on])

    def deploy(self) -> Outcome:
        """Deploy all, whatever comes of it."""
        begin = time.monotonic()
        code, output = self.project.cdktf("deploy", "*", "--auto-approve", timeout=BOUND)
        return Outcome(code, output[output.find("Error:") :] if code else output, time.monotonic() - begin)

    @contextmanager
    def deploying(self) -> Iterator[Deploy]:
        """A deploy that runs while the block does."""
        with ThreadPoolExecutor(1) as pool:
            before = self.containers()
            deploy = Deploy(self, before, pool)
            yield deploy

    def preview(self, seconds: int) -> dict[str, str]:
        """The stacks that the preview cannot plan, and why, if each command of it may take so long."""
        words = (sys.executable, "-m", "cdktf_mesos.operations", "preview", "--json", "--timeout", str(seconds))
        own = {**environment(), "PYTHONPATH": str(ROOT)}
        # Its exit code is 1 when a stack cannot be planned; the document says all there is to say.
        text = run(*words, cwd=self.project.directory, env=own, timeout=300, check=False)
        stacks: list[dict[str, Any]] = json.loads(text)["stacks"]
        return {stack["name"]: stack["error"] for stack in stacks if stack["error"]}

    def end_faults(self) -> None:
        """End all faults, and wait until every machine can be deployed to."""
        for host in self.hosts:
            host.end_faults()


@dataclass(frozen=True)
class Outcome:
    """What came of a deploy: its exit code, its errors (all that it printed, if it succeeded), its time in seconds."""

    code: int
    text: str
    seconds: float


class Deploy:
    """A deploy that runs.

    Args:
        site: what is deployed.
        before: the members' containers before it.
        pool: what it runs in.
    """

    def __init__(self, site: Site, before: dict[tuple[str, str], str], pool: ThreadPoolExecutor) -> None:
        self._before = before
        self._future = pool.submit(site.deploy)

    def wait_for_turn(self, host: Host, name: str) -> None:
        """Wait until the container of that name on that machine is being replaced: the old one is gone.

        Raises:
            AssertionError: the deploy ended before.
        """

        def gone() -> bool:
            assert not self._future.done(), f"ended before the turn of {host.name}: {self._future.result()}"
            client = host.docker(timeout=5)
            try:
                return str(client.containers.get(name).id) != self._before[host.name, name]
            except docker.errors.NotFound:
                return True
            except (docker.errors.APIError, requests.RequestException):
                return False
            finally:
                client.close()

        eventually(gone, f"turn of {host.name}", BOUND)

    def outcome(self) -> Outcome:
        """What came of it, once it has ended."""
        return self._future.result()


@contextmanager
def nothing_lost(site: Site, *, spared: Sequence[Host] | None = None) -> Iterator[None]:
    """Hold it against what is there after the block: every acknowledged write, the tasks, a cluster that serves.

    Args:
        site: the cluster.
        spared: the agents' machines that keep their tasks; by default all.
    """
    agents = site.agents if spared is None else spared
    before = tasks(agents)
    with Writer(site.serving().zookeeper_connect_string, f"/faults-{time.monotonic_ns()}") as writer:
        yield
        site.serving()
    assert len(writer.acknowledged) > 10
    assert writer.lost() == set()
    assert {name: found for name, found in tasks(agents).items() if name in before} == before


def touched(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    """The containers, by machine and name, that are gone or another; a machine that is off has none."""
    return {where for where in before if after.get(where) != before[where]}
