"""The tests in docs/framework-tests.md are green and red as the page says, with a command that has no cluster."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.testing import cluster

pytest_plugins = "pytester"

PAGE = (Path(__file__).parents[3] / "docs/framework-tests.md").read_text()


def programs(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def with_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster with as many agents as `up` is told, and with the version of the last upgrade."""
    agents, version = 1, ""

    def run(*words: str) -> str:
        nonlocal agents, version
        options = dict(pairwise(words))
        if words[0] in ("up", "upgrade"):
            version = options["--mesos"]
        agents = int(options.get("--agents", agents))
        addresses = {"zk": "zk://h:1/mesos", "master": "http://h:2", "agents": [], "zookeeper": "h:1"}
        return json.dumps({"name": "one", "mesos": version, "marathon": None, "members": {}, **addresses})

    def state(_: cluster.MesosCluster) -> dict[str, Any]:
        return {"slaves": [{"id": f"S{number}", "active": True} for number in range(agents)], "version": version}

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(cluster, "_run", run)
    monkeypatch.setattr(cluster.MesosCluster, "state", state)


@pytest.mark.usefixtures("with_agents")
@pytest.mark.parametrize(("agents", "red"), [(1, 1), (2, 0)])
def test_the_first_tests_are_green_and_red_as_the_page_says(pytester: pytest.Pytester, agents: int, red: int) -> None:
    first, second = programs("python")
    compile(second, "page", "exec")
    pytester.makepyfile(test_upgrade=first)
    words = ("-p", "cdktf_mesos.testing.plugin", "--mesos-versions", "1.10.0", "--mesos-agents", str(agents))
    pytester.runpytest_inprocess(*words).assert_outcomes(passed=2 - red, failed=red)
