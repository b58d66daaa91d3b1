"""What the tests of faults share: a deploy that runs in the background, and the check that nothing gets lost."""

from __future__ import annotations

import json
import re
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
from sandbox.project import Project
from sandbox.static import containers, live, run_tasks, tasks
from sandbox.watch import Writer

# Seconds until a deploy is killed. Each wait after a fault is far shorter, but there may be several.
BOUND = 400


@dataclass(frozen=True)
class Site:
    """A deployed cluster and its hosts."""

    project: Project
    control: Sequence[Host]
    agents: Sequence[Host]

    @property
    def hosts(self) -> list[Host]:
        """All its hosts, in the order of a roll."""
        return [*self.control, *self.agents]

    def serving(self) -> LiveCluster:
        """Wait until the cluster serves and runs the app; returns the cluster."""
        return run_tasks(live(self.project, self.control), self.agents)

    def change(self) -> None:
        """Pin another Mesos release than the one that runs, so that the next deploy replaces all masters and agents."""
        self.project.change(mesos_version="1.10.0" if self._running() == "1.11.0" else "1.11.0")

    def change_back(self) -> None:
        """Pin the release that the leading master runs, so that the next deploy replaces as little as possible."""
        self.project.change(mesos_version=self._running())

    def _running(self) -> str:
        cluster = live(self.project, self.control)
        return eventually(lambda: str(cluster.state()["version"]), "leading master", 120)

    def member(self, role: str) -> str:
        """The name of a role's containers."""
        return f"{self.project.name}-{role}"

    def containers(self) -> dict[tuple[str, str], str]:
        """The ids of the members' containers on all hosts that are on, by host and container name."""
        return containers(self.project, [host for host in self.hosts if host.is_on])

    def deploy(self) -> Outcome:
        """Deploy all stacks; does not raise if that fails."""
        begin = time.monotonic()
        code, output = self.project.cdktf("deploy", "*", "--auto-approve", timeout=BOUND)
        return Outcome(code, output[output.find("Error:") :] if code else output, time.monotonic() - begin)

    def deploy_again(self) -> Outcome:
        """Deploy after a fault. A container that Terraform does not know is removed, as docs/upgrades.md says.

        There is one if the machine lost its power, or its engine ended, after it had made a container and before
        Terraform had its id.
        """
        outcome = self.deploy()
        if outcome.code and "is already in use by container" in outcome.text:
            unknown = re.search(r"with docker_container[.]\S+ [(]([\w-]+)/([\w-]+)[)]", outcome.text)
            assert unknown, outcome.text
            Host(unknown[1]).run("docker", "rm", "--force", unknown[2])
            outcome = self.deploy()
        return outcome

    @contextmanager
    def deploying(self) -> Iterator[Deploy]:
        """A deploy that runs in the background while the block runs."""
        with ThreadPoolExecutor(1) as pool:
            before = self.containers()
            deploy = Deploy(self, before, pool)
            yield deploy

    def preview(self, seconds: int) -> dict[str, str]:
        """The stacks that the preview cannot plan, and why. Each of its commands may take `seconds`."""
        # The exit code is 1 when a stack cannot be planned. Ignore it: the document has the errors.
        done = self.project.operate("preview", "--json", "--timeout", str(seconds), check=False)
        # Without a document, this shows why.
        assert done.stdout, done.stderr
        stacks: list[dict[str, Any]] = json.loads(done.stdout)["stacks"]
        return {stack["name"]: stack["error"] for stack in stacks if stack["error"]}

    def end_faults(self) -> None:
        """End all faults, and wait until every machine can be deployed to."""
        for host in self.hosts:
            host.end_faults()


@dataclass(frozen=True)
class Outcome:
    """The result of a deploy: its exit code, its time in seconds, and its errors, or if it succeeded all its output."""

    code: int
    text: str
    seconds: float


class Deploy:
    """A running deploy.

    Args:
        site: the cluster to deploy.
        before: the ids of the members' containers before the deploy.
        pool: the executor that it runs in.
    """

    def __init__(self, site: Site, before: dict[tuple[str, str], str], pool: ThreadPoolExecutor) -> None:
        self._before = before
        self._future = pool.submit(site.deploy)

    def wait_for_turn(self, host: Host, name: str) -> None:
        """Wait until the deploy has removed the old container with this name on this host.

        Raises:
            AssertionError: the deploy ended before that.
        """

        def gone() -> bool:
            assert not self._future.done(), f"the deploy ended before the turn of {host.name}: {self._future.result()}"
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
        """Wait until the deploy has ended; returns its result."""
        return self._future.result()


@contextmanager
def nothing_lost(site: Site, *, spared: Sequence[Host] | None = None) -> Iterator[None]:
    """Check after the block that the cluster serves, no acknowledged write is lost, and tasks are the same as before.

    Args:
        site: the cluster.
        spared: the agents' hosts whose tasks must be the same; by default all.
    """
    agents = site.agents if spared is None else spared
    before = tasks(agents)
    with Writer(site.serving().zookeeper_connect_string, f"/faults-{time.monotonic_ns()}") as writer:
        yield
        site.serving()
    assert len(writer.acknowledged) > 10
    assert writer.lost() == set()
    assert {name: found for name, found in tasks(agents).items() if name in before} == before


def replaced_or_gone(before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    """The containers, by host and name, that are gone or replaced. All containers of a host that is off count."""
    return {where for where in before if after.get(where) != before[where]}
