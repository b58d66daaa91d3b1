"""Containers that still run although their tasks have ended for Mesos.

They are left if an executor ends without its task's container, as after a restart of an engine with live-restore
(docs/maintenance.md), or if an agent has lost its checkpoints and got a new id. Agents that share an engine do not
remove them, because they may be another agent's (Mesos docs, agent flags: docker_kill_orphans).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.operations.engine import Client
from cdktf_mesos.operations.status.self_report import run_script

# The sandbox of an executor, which the containers of its tasks mount. Its work directory is that of survival.work_dir.
_SANDBOX = re.compile(r"/(?P<agent>[^/]+)/work(-[0-9]+)?/slaves/[^/]+/frameworks/[^/]+/executors/[^/]+/runs/[^/]+$")
_SCRIPT = Path(__file__).with_suffix(".sh")


def find_orphans(client: Client, agents: Iterable[str]) -> dict[str, list[str]]:
    """The names of such containers, by the containers of their agents. Agents that have none are left out.

    Args:
        client: the client of the engine.
        agents: the agents' containers, which run.
    """
    of_runs: dict[str, dict[str, set[str]]] = {agent: {} for agent in agents}
    # The names of all containers of tasks begin so (Mesos, src/slave/containerizer/docker.cpp, DOCKER_NAME_PREFIX).
    for container in client.containers(filters={"name": "mesos-"}) if of_runs else ():
        for mount in container["Mounts"]:
            found = _SANDBOX.search(mount.get("Source", ""))
            if found and found["agent"] in of_runs:
                # An executor's container has its sandbox at two places.
                of_runs[found["agent"]].setdefault(found.string, set()).add(container["Names"][0].lstrip("/"))
    orphans = {}
    for agent, runs in of_runs.items():
        answer = run_script(client, [agent], scripts.text_of(_SCRIPT), list(runs)) if runs else None
        ended = answer[1].splitlines() if answer else ()
        if names := sorted(name for run in ended for name in runs[run]):
            orphans[agent] = names
    return orphans
