"""Containers of tasks that have ended for their agent, as `cdktf-mesos status` names them."""

from __future__ import annotations

import json
import re

from sandbox.project import Project


def named_by_status(project: Project) -> set[str]:
    """The containers of tasks and executors that the problems in the status name."""
    problems = json.loads(project.operate("status", "--json", "--timeout", "120", check=False).stdout)["problems"]
    return set(re.findall(r"mesos-[0-9a-f-]{36}(?:[.]executor)?", "\n".join(problems)))
