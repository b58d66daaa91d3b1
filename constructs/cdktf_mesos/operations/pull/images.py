"""The images that a program needs on a host."""

from __future__ import annotations

import json
import threading

from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.expressions import evaluate
from cdktf_mesos.operations.project import Project


class Images:
    """Finds the images of hosts, from several threads. Stacks with the same expressions for them are evaluated once.

    Args:
        project: the project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def of(self, host: Host) -> list[str]:
        """The images that the program needs on a host, each once.

        Raises:
            RuntimeError: a version is known only after a deploy.
        """
        found: dict[str, None] = {}
        for stack in self._project.stacks:
            blocks = stack.resources("docker_image").items() if stack.name in host.stacks else ()
            names = sorted({each["name"] for name, each in blocks if stack.host(f"docker_image.{name}") == host.name})
            state = self._project.states.get(stack.name, ())
            key = json.dumps([names, stack.document.get("variable"), list(state)])
            with self._lock:
                if key not in self._known:
                    self._known[key] = evaluate(self._project.terraform, stack, state, names)
            found.update(dict.fromkeys(self._known[key]))
        return list(found)
