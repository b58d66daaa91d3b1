"""An agent's capabilities are the least that works: without any one of them something breaks."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import survival
from sandbox.framework import Framework
from sandbox.hosts import Host
from sandbox.live import LiveCluster
from sandbox.process import wait_until
from sandbox.project import ROOT, Project
from sandbox.static import tasks
from tests.e2e.conftest import PINS

pytestmark = pytest.mark.full

TASKS = 2

PROGRAM = """
import runpy
import sys

from cdktf_mesos import survival

survival.CAPABILITIES = {capabilities!r}
sys.path.insert(0, {root!r})
runpy.run_path({root!r} + "/main.py", run_name="__main__")
"""


class Lacking(Project):
    """The application, with other capabilities for its agents."""

    capabilities: tuple[str, ...] = survival.CAPABILITIES

    def change(self, **cluster: Any) -> None:
        super().change(**cluster)
        program = self.directory / "program.py"
        program.write_text(PROGRAM.format(capabilities=self.capabilities, root=str(ROOT)))
        path = self.directory / "cdktf.json"
        document = json.loads(path.read_text())
        document["app"] = f"{shlex.quote(sys.executable)} {shlex.quote(str(program))}"
        path.write_text(json.dumps(document))


def broken(project: Project, host: Host) -> str | None:
    """What does not work of an agent, in the order in which a user would notice."""
    code, _ = project.cdktf("deploy", "*", "--auto-approve")
    if code:
        return "it does not serve"
    cluster = LiveCluster(project.outputs())
    cluster.wait_until_serving(agents=1)
    with Framework([cluster.master], TASKS) as framework:
        try:
            wait_until(framework.all_run, lambda: "no", 45)
        except TimeoutError:
            return "its Docker tasks do not run"
        before = tasks([host])
        project.change(mesos_agent_version="1.11.0")
        code, _ = project.cdktf("deploy", "*", "--auto-approve")
        if code or tasks([host]) != before or not framework.all_run():
            return "its tasks do not outlive it"
    return None


@pytest.mark.parametrize(
    ("capability", "without"),
    [
        (None, None),
        *((each, "something") for each in survival.CAPABILITIES),
    ],
)
def test_without_any_one_something_breaks(
    machines: list[Host], tmp_path: Path, capability: str | None, without: str | None
) -> None:
    host = machines[1]

    class WithoutIt(Lacking):
        capabilities = tuple(each for each in survival.CAPABILITIES if each != capability)

    project = WithoutIt(
        tmp_path,
        name="least",
        engine=host.engine,
        address=host.address,
        wait_seconds=45,
        **{**PINS, "mesos_agent_version": "1.10.0"},
    )
    try:
        found = broken(project, host)
    finally:
        project.destroy()
        host.run("rm", "-rf", "/var/lib/cdktf-mesos/least")
    print(capability, found)
    assert found == without
