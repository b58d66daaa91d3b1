"""What a maintenance has done so far, in a file: so that the next call goes on if this one is interrupted."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cdktf_mesos.operations.lock.holder import Held
from cdktf_mesos.whole_file import write_whole

FILE = ".cdktf-mesos-maintain.json"
"""The file's name, next to cdktf.json."""


@dataclass
class Step:
    """What was done with a machine.

    Args:
        agents: the ids of its agents before, by address.
        drained: the addresses of the agents that it has drained, or was about to. Those that were drained before are
            not in it.
        boot: the id of its boot before.
        safe: whether its engine may stop.
        ran: whether the command began.
        code: the exit code of the command.
    """

    agents: dict[str, str] = field(default_factory=dict)
    drained: list[str] = field(default_factory=list)
    boot: str = ""
    safe: bool = False
    ran: bool = False
    code: int = 0


@dataclass
class Progress:
    """The maintenance of some machines.

    Args:
        path: the file.
        lock: the label of the lock that it holds.
        steps: the machines that are not done yet, by name.
        done: the machines that are.
    """

    path: Path
    lock: str = ""
    steps: dict[str, Step] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    @property
    def under_way(self) -> list[str]:
        """The machines for which something was done that has not come to its end."""
        return [name for name, step in self.steps.items() if step.safe or step.drained or step.ran]

    @property
    def is_pending(self) -> bool:
        """Whether something was done to a machine that is not undone yet."""
        return bool(self.under_way)

    @classmethod
    def read(cls, directory: Path) -> Progress:
        """The progress that an interrupted call has left, or a new one.

        Raises:
            RuntimeError: the file is damaged.
        """
        path = directory / FILE
        try:
            found = json.loads(path.read_text())
            steps = {name: Step(**each) for name, each in found["steps"].items()}
            return cls(path, found["lock"], steps, found["done"])
        except FileNotFoundError:
            return cls(path)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RuntimeError(f"{path} is damaged: remove it, then cdktf-mesos lock --remove") from None

    def write(self) -> None:
        """Write it down."""
        steps = {name: asdict(each) for name, each in self.steps.items()}
        write_whole(self.path, json.dumps({"lock": self.lock, "steps": steps, "done": self.done}))

    def remove(self) -> None:
        """Forget it: all is done."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Keep other calls from this directory out meanwhile: they would take this one's progress and lock for theirs.

    The kernel ends it with the process, so that the next call can go on after one that was killed.

    Raises:
        Held: another call runs in this directory.
        RuntimeError: there is no cdktf.json, or it cannot be locked.
    """
    path = directory / "cdktf.json"
    try:
        # A network file system locks only files that are open for writing (flock(2)).
        project = path.open("r+" if os.access(path, os.W_OK) else "r")
    except OSError as problem:
        raise RuntimeError(f"{path}: {problem.strerror}: run where cdktf is run") from None
    with project:
        try:
            fcntl.flock(project, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(f"another maintain runs in {directory}: wait until it ends") from None
        except OSError as problem:
            raise RuntimeError(f"{path} cannot be locked: {problem.strerror}") from None
        yield
