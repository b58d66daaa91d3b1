"""Clusters in a directory of their own, and an engine that has what a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.throwaway.cluster import HOME_LABEL, LABEL, PORTS_LABEL, Cluster
from cdktf_mesos.throwaway.store import home_label
from tests.unit.operations.engines import Engine, serving

NewCluster = Callable[..., Cluster]


class DockerEngine(Engine):
    """An engine whose containers can be started, stopped and removed."""

    def have(self, name: str, *members: str, home: str | None = None, blocks: str = "20000 20100") -> None:
        """Have members of a cluster, and for an agent also the container of a task."""
        for member in members:
            role = member.partition("-")[0]
            labels = {LABEL: name, HOME_LABEL: home or home_label(), PORTS_LABEL: blocks, "cdktf-mesos.role": role}
            self.run(f"{name}-{member}", labels=labels)
            self.containers[f"{name}-{member}"]["Image"] = "sha256:1"
            self.containers[f"{name}-{member}"]["State"]["Paused"] = False
        if "agent-1" in members:
            self.run(
                f"mesos-task-of-{name}", directories=[f"/var/lib/cdktf-mesos/throwaway/{name}/{name}-agent-1/work"]
            )

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        """The status and the content for a request."""
        match method, path.strip("/").split("/"):
            case "POST", ["containers", "create"] if name := query.get("name", [""])[0]:
                self.created.append(body)
                code, output = self.check
                self.run(name, labels=body["Labels"], state="exited", exit_code=code, output=output)
                self.containers[name]["Image"] = body["Image"]
                return 201, {"Id": name, "Warnings": []}
            case "POST", ["containers", name, "wait"] if name != "check":
                return 200, {"StatusCode": self.containers[name]["State"]["ExitCode"]}
            case "DELETE", ["containers", name] if name in self.containers and name != "check":
                self.calls.append(f"{method} {path}")
                del self.containers[name]
                return 204, None
            case "POST", ["containers", name, "kill" | "pause" | "unpause" | "start"] if name != "check":
                self.calls.append(f"{method} {path}")
                return (204, None) if name in self.containers else (404, {"message": f"No such container: {name}"})
        return super().answer(method, path, query, body)


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep clusters and the cache in the test's directory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DockerEngine]:
    """An engine at the socket that the clusters of `new` have. It has the image of the agents."""
    engine = DockerEngine()
    engine.images.add("mesosphere/mesos-slave:1.11.0")
    with serving(engine, tmp_path / "engine"):
        yield engine


@pytest.fixture
def new(tmp_path: Path) -> NewCluster:
    """Makes a cluster; the arguments are those of `Cluster` that differ from the usual."""

    def new(name: str = "one", **more: Any) -> Cluster:
        usual: dict[str, Any] = {
            "engine": f"unix://{tmp_path}/engine",
            "certificates": None,
            "address": "127.0.0.1",
            "mesos": "1.11.0",
            "agents_mesos": "1.11.0",
            "zookeeper": "3.9.4",
            "marathon": None,
            "agents": 1,
            "cpus": 2,
            "mem": 2048,
            "blocks": (20000, 20100),
        }
        return Cluster(name=name, **{**usual, **more})

    return new
