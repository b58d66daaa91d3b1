"""Real ZooKeeper servers as plain processes on this machine's loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.operations.backup.manifest import DATA, LOGS
from cdktf_mesos.operations.backup.source import SCRIPT, Position, read_position
from cdktf_mesos.operations.restore.install import SCRIPT as SCRIPT_OF_RESTORE
from cdktf_mesos.operations.restore.install import Content
from cdktf_mesos.role.probe import ASK
from sandbox.process import wait_until

_SETTINGS = """tickTime=500
initLimit=20
syncLimit=10
admin.enableServer=false
4lw.commands.whitelist=srvr,mntr,ruok,conf
"""


class Server:
    """A server, which can be copied from as one in a container can.

    Args:
        jars: the directory with its release's jars.
        directory: for its configuration, data and logs.
        number: its id.
        ensemble: the addresses of all servers, in the order of their ids.
        settings: further lines of zoo.cfg.
    """

    def __init__(
        self, jars: Path, directory: Path, number: int, ensemble: Sequence[str], settings: Sequence[str] = ()
    ) -> None:
        self.number = str(number)
        self.address, self.data, self.logs = ensemble[number - 1], directory / "data", directory / "log"
        self._jars, self._directory = jars, directory
        for path in (self.data, self.logs):
            path.mkdir(parents=True, exist_ok=True)
        (self.data / "myid").write_text(f"{number}\n")
        servers = [f"server.{i}={a}:2888:3888;{a}:2181" for i, a in enumerate(ensemble, start=1)]
        lines = [f"dataDir={self.data}", f"dataLogDir={self.logs}", *servers, *settings]
        (directory / "zoo.cfg").write_text(_SETTINGS + "\n".join(lines) + "\n")

    @contextmanager
    def running(self) -> Iterator[None]:
        """The server for the length of a block."""
        words = ["java", "-Xmx256m", "-cp", f"{self._jars}/*", "org.apache.zookeeper.server.quorum.QuorumPeerMain"]
        with (self._directory / "messages").open("ab") as messages:
            process = subprocess.Popen([*words, str(self._directory / "zoo.cfg")], stdout=messages, stderr=messages)
        try:
            yield
        finally:
            process.kill()
            process.wait()

    def position(self) -> Position:
        words = ["bash", "-c", SCRIPT, "server", self.address, "2181", str(self.data), str(self.logs)]
        return read_position(subprocess.run(words, capture_output=True, text=True, check=False).stdout)

    def fetch(self, path: str, target: Path) -> tuple[int, int]:
        """Copy a file as an engine does: its size is found first, and so many bytes are read."""
        size = Path(path).stat().st_size
        with Path(path).open("rb") as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
            copy.truncate(size)
        return 0, 0


@contextmanager
def serving(servers: Sequence[Server], seconds: float = 120) -> Iterator[None]:
    """An ensemble for the length of a block, once all its servers serve."""
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server.running())
        modes: list[str] = []

        def all_serve() -> bool:
            modes[:] = [server.position().mode for server in servers]
            return all(modes)

        wait_until(all_serve, lambda: f"not all servers serve: {modes}", seconds)
        yield


def install(step: str, server: Server, content: Content) -> tuple[int, str]:
    """Run the script with which `cdktf-mesos restore` gives a server its data; returns exit code and output."""
    if step == "install":
        for place, target in ((DATA, server.data), (LOGS, server.logs)):
            shutil.copytree(content.directory / place, target / ".restored")
    arguments = [step, server.address, "2181", server.number, str(server.data), str(server.logs)]
    words = scripts.words("restore", ASK, SCRIPT_OF_RESTORE, arguments=arguments)
    done = subprocess.run(words, env={**os.environ, "SUMS": content.sums}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout
