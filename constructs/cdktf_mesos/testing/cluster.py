"""A cluster as a test sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from cdktf_mesos.throwaway import live, store
from cdktf_mesos.throwaway.held import held

T = TypeVar("T")


class MesosCluster:
    """A cluster as a test sees it. The command `cdktf-mesos` does what may need Node, so none stays with the tests.

    Args:
        known: what `cdktf-mesos info --json` prints.
    """

    def __init__(self, known: dict[str, Any]) -> None:
        self.name: str = known["name"]
        """Its name, for the command."""
        self.mesos: str = known["mesos"]
        """The version of Mesos."""
        self.zk: str = known["zk"]
        """The URL by which frameworks find the master: `zk://…/mesos`."""
        self.master: str = known["master"]
        """The URL of the master."""
        self.agents: list[str] = known["agents"]
        """The URLs of the agents."""
        self.zookeeper: str = known["zookeeper"]
        """The address of ZooKeeper."""
        self.marathon: str | None = known["marathon"]
        """The URL of Marathon; None without Marathon."""
        self.members: list[str] = list(known["members"])
        """The names of the members: `zookeeper`, `master`, `agent-1` and so on."""

    def state(self, member: str = "master") -> dict[str, Any]:
        """What the master, or an agent, knows."""
        return live.state(store.get(self.name), member)

    def tasks(self) -> list[dict[str, str]]:
        """The tasks of all frameworks, also those that have ended: framework, id, name, state and agent of each."""
        return live.tasks(store.get(self.name))

    def logs(self, member: str) -> str:
        """What a member has logged."""
        return _run("logs", member, "--name", self.name)

    def upgrade(self, version: str) -> None:
        """Replace the master and the agents by those of another version, under the running tasks."""
        _run("upgrade", "--mesos", version, "--name", self.name)
        self.mesos = version

    def kill(self, member: str) -> None:
        """Kill a member. It stays down until `resume`."""
        _run("kill", member, "--name", self.name)

    def pause(self, member: str) -> None:
        """Freeze a member until `resume`."""
        _run("pause", member, "--name", self.name)

    def partition(self, member: str) -> None:
        """Cut a member off until `resume`: its processes go on, and nothing reaches it or comes from it."""
        _run("partition", member, "--name", self.name)

    def resume(self, member: str) -> None:
        """Undo `kill`, `pause` or `partition` of a member."""
        _run("resume", member, "--name", self.name)

    def wait_for(self, condition: Callable[[], T | None], seconds: float = 60) -> T:
        """Call a function until it returns something true, and return that.

        Args:
            condition: the function. If a member that it asks does not answer, it is called again.
            seconds: how long to try.

        Raises:
            TimeoutError: it returned nothing true in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                if found := condition():
                    return found
                last = f"it returned {found!r}"
            except live.NoAnswerError as problem:
                last = str(problem)
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds:g} s; {last}")
            time.sleep(0.2)


@contextmanager
def running_cluster(name: str, words: Sequence[str]) -> Iterator[MesosCluster]:
    """A cluster that belongs to this process, for the length of the block.

    Args:
        name: the cluster's name.
        words: options of `cdktf-mesos up`.

    Raises:
        RuntimeError: another process has a cluster of that name; it does not start.
    """
    with held(store.owner(name)):
        try:
            yield MesosCluster(json.loads(_run("up", "--owned", "--json", "--name", name, *words)))
        finally:
            # Nothing is there if it was refused before anything was started.
            known = store.read(name)
            if known and known.owned:
                _run("down", "--name", name)


def _run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cdktf_mesos.operations", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    # Such as what was removed of a run that was killed.
    sys.stderr.write(done.stderr)
    return done.stdout
