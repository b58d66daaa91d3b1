"""A framework for tests: a task with a persistent volume, which is started again on the agent that has the volume."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.framework import Framework, Json
from sandbox.live import eventually

VOLUME, MIB = "kept", 32.0

# The volume is below the task's sandbox, which the agent mounts into the container (Mesos docs, "Persistent Volumes").
_WORD = "/mnt/mesos/sandbox/data/word"


class VolumeFramework(Framework):
    """Runs one Docker task at a time. The first writes a word into a new volume; later ones fail unless they read it.

    Args:
        masters: the masters' URLs, such as `http://10.0.0.1:5050`.
    """

    role = "volumes"

    def __init__(self, masters: Sequence[str]) -> None:
        super().__init__(masters, 1)
        self._wanted, self._agent = 1, ""
        self._gone = False

    def running(self) -> list[str]:
        """The names of the running tasks."""
        return [task for task, state in self.states().items() if state == "TASK_RUNNING"]

    def restart(self) -> None:
        """End the task, and start another one on the same volume."""
        (task,) = self.running()
        self._wanted += 1
        self._call("KILL", kill={"task_id": {"value": task}, "agent_id": {"value": self._agent}})
        self._call("REVIVE")

    def destroy(self) -> None:
        """End the task, then destroy the volume."""
        for task in self.running():
            self._call("KILL", kill={"task_id": {"value": task}, "agent_id": {"value": self._agent}})
        self._wanted = 0
        self._call("REVIVE")
        eventually(lambda: self._gone, "removal of the volume")

    def _answer(self, offer: Json) -> None:
        disks = [each for each in offer["resources"] if each["name"] == "disk"]
        volumes = [each for each in disks if "persistence" in each.get("disk", {})]
        reserved = {**self._disk(), "reservation": {}, "role": self.role}
        volume = {
            **reserved,
            "disk": {"persistence": {"id": VOLUME}, "volume": {"container_path": "data", "mode": "RW"}},
        }
        operations: list[Json] = []
        if not self._wanted and volumes:
            operations += [{"type": "DESTROY", "destroy": {"volumes": [volume]}}]
            operations += [{"type": "UNRESERVE", "unreserve": {"resources": [reserved]}}]
            self._gone = True
        elif len(self.launched) < self._wanted and (volumes or not self.launched):
            if not volumes:
                operations += [{"type": "RESERVE", "reserve": {"resources": [reserved]}}]
                operations += [{"type": "CREATE", "create": {"volumes": [volume]}}]
            name = f"volume-{len(self.launched)}"
            self.launched.append(name)
            self._agent = offer["agent_id"]["value"]
            task = self._task(name, offer)
            task["resources"].append(volume)
            act = f"echo kept > {_WORD}" if not volumes else f"grep kept {_WORD}"
            task["command"] = {"value": f"{act} && exec sleep 100000"}
            operations += [{"type": "LAUNCH", "launch": {"task_infos": [task]}}]
        ids = {"offer_ids": [offer["id"]], "filters": {"refuse_seconds": 1.0}}
        if operations:
            self._call("ACCEPT", accept={**ids, "operations": operations})
        else:
            self._call("DECLINE", decline=ids)

    def _disk(self) -> Json:
        return {
            "name": "disk",
            "type": "SCALAR",
            "scalar": {"value": MIB},
            "allocation_info": {"role": self.role},
        }
