"""A cluster that was synthesised in a directory, and engines for its machines."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import add_cluster
from tests.unit.operations.engines import SSH, Engine, serving
from tests.unit.stacks.test_static import cluster

HOSTS = {"c1": "10.0.0.11", "c2": "10.0.0.12", "c3": "10.0.0.13", "a1": "10.0.0.21", "a2": "10.0.0.22"}
MESOS, ZOOKEEPER, MARATHON = "1.11.0", "3.9.4", "v1.11.24"
SERVES = "listens=yes\nserves=yes\n"


def state(directory: Path, name: str, **versions: str) -> None:
    """Write the state of a stack: its containers with these versions, by the roles in their names."""
    stack = json.loads((directory / f"cdktf.out/stacks/{name}/cdk.tf.json").read_text())
    resources = [
        _resource(resource, versions[role])
        for resource, block in stack["resource"]["docker_container"].items()
        for role in versions
        if block["name"].removeprefix("prod-").startswith(role)
    ]
    (directory / f"terraform.{name}.tfstate").write_text(json.dumps({"resources": resources}))


def _resource(name: str, version: str) -> dict[str, Any]:
    labels = [{"label": "cdktf-mesos.version", "value": version}]
    return {"type": "docker_container", "name": name, "instances": [{"attributes": {"labels": labels}}]}


def summary(*agents: dict[str, Any]) -> str:
    """What the leading master knows of the agents."""
    document = {"slaves": list(agents)}
    return (
        f"\nanswer /master/state-summary\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n{json.dumps(document)}"
        '\nanswer /maintenance/status\nHTTP/1.1 200 OK\r\n\r\n{"draining_machines":[]}'
    )


def agent(name: str, **more: Any) -> dict[str, Any]:
    """An agent as the master knows it."""
    found = {"id": f"S-{name}", "pid": f"slave(1)@{HOSTS[name]}:5051", "active": True, "version": MESOS}
    return {**found, "TASK_RUNNING": 2, **more}


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of three and two machines, synthesised once."""
    directory = tmp_path_factory.mktemp("synthesised")
    before = Path.cwd()
    os.chdir(directory)
    try:
        app = App(outdir=str(directory / "cdktf.out"))
        add_cluster(app, cluster())
        app.synth()
    finally:
        os.chdir(before)
    return directory


@pytest.fixture
def project(synthesised: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with that program, all of it deployed, and an ssh that leads to the engines."""
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')
    for path in synthesised.glob("cdktf.out/**/*.json"):
        own = tmp_path / path.relative_to(synthesised)
        own.parent.mkdir(parents=True, exist_ok=True)
        # The CDK puts states where its Node was started.
        text = re.sub(r'"[^"]*/(terraform[.][^"/]+[.]tfstate)"', rf'"{tmp_path}/\1"', path.read_text())
        # Quicker than ssh, which some tests put back.
        own.write_text(text.replace("ssh://ops@", f"unix://{tmp_path}/"))
    for name in HOSTS:
        if name.startswith("c"):
            state(tmp_path, f"prod-1-control-{name}-members", zookeeper=ZOOKEEPER, master=MESOS)
            state(tmp_path, f"prod-3-marathon-{name}-members", marathon=MARATHON)
        else:
            state(tmp_path, f"prod-2-agent-{name}-members", agent=MESOS)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ssh").write_text(SSH)
    (tmp_path / "bin/ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("ENGINES", str(tmp_path))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def over_ssh(project: Path) -> None:
    """Engines are reached by ssh."""
    for path in project.glob("cdktf.out/stacks/*/cdk.tf.json"):
        path.write_text(path.read_text().replace(f"unix://{project}/", "ssh://ops@"))


@pytest.fixture
def engines(project: Path) -> Iterator[dict[str, Engine]]:
    """The machines' engines, with all members healthy."""
    found = {name: Engine() for name in HOSTS}
    for name, engine in found.items():
        if name.startswith("a"):
            engine.member("prod-agent-1", "agent", MESOS, f"{SERVES}release={MESOS}\nstanding=registered\n")
            continue
        leads = "yes" if name == "c2" else "no"
        zookeeper, master = ("leader", "leading") if name == "c2" else ("follower", "standby")
        printed = {
            "zookeeper": (ZOOKEEPER, f"{SERVES}release=3.9.4\nstanding={zookeeper}\nleads={leads}\n"),
            "master": (MESOS, f"{SERVES}release={MESOS}\nstanding={master}\nleads={leads}\n"),
            "marathon": (MARATHON, f"{SERVES}release=1.11.24\nstanding=standby\nleads={leads}\n"),
        }
        for role, (version, text) in printed.items():
            engine.member(f"prod-{role}", role, version, text)
    found["c2"].printed["prod-master"] += summary(agent("a1"), agent("a2", TASK_RUNNING=0))
    with ExitStack() as stack:
        for name, engine in found.items():
            stack.enter_context(serving(engine, project / HOSTS[name]))
        yield found
