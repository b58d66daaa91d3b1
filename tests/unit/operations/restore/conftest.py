"""An archive, and engines whose machines have directories: the container that puts data there runs for real."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.operations.backup.archive import pack
from tests.unit.operations.backup.test_archive import FILES, MANIFEST
from tests.unit.operations.conftest import HOSTS
from tests.unit.operations.engines import Engine, frame, serving

DATA = "/var/lib/cdktf-mesos/prod/prod-zookeeper"


class Machine(Engine):
    """An engine of a machine.

    Args:
        directory: stands for `/` of the machine.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory
        self.listens = False

    @property
    def data(self) -> Path:
        """Where the ZooKeeper server of the machine has its snapshots."""
        return self.directory / DATA.lstrip("/") / "data"

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "PUT", ["containers", "check", "archive"]:
                self.calls.append(f"{method} {path}")
                with tarfile.open(fileobj=io.BytesIO(body)) as files:
                    files.extractall(self._places()[query["path"][0]], filter="data")
                return 200, None
            case "POST", ["containers", "check", "start"]:
                self.check = self._run()
            case "GET", ["containers", "check", "logs"]:
                return 200, frame(self.check[1])
        return super().answer(method, path, query, body)

    def _places(self) -> dict[str, Path]:
        binds = (each.split(":")[:2] for each in self.created[-1]["HostConfig"]["Binds"])
        places = {inside: self.directory / outside.lstrip("/") for outside, inside in binds}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        return places

    def _run(self) -> tuple[int, str]:
        body, places = self.created[-1], self._places()
        words = [str(places.get(word, word)) for word in body["Entrypoint"]]
        if not self.listens:
            # Nothing listens on port 1 of this machine.
            words = [re.sub(r"^(10\.0\.0\.[0-9]+)$", "127.0.0.1", word).replace("2181", "1") for word in words]
        environment = dict(each.split("=", 1) for each in body["Env"])
        done = subprocess.run(
            words, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the test project's cluster."""
    place = tmp_path_factory.mktemp("archive")
    for name, text in FILES.items():
        (place / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "content" / name).write_bytes(text)
    pack(MANIFEST, place / "content", {}, place / "a.tar.gz")
    return place / "a.tar.gz"


@pytest.fixture
def machines(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Machine]]:
    """The machines of the test project, on which nothing runs."""
    root = tmp_path_factory.mktemp("machines")
    found = {name: Machine(root / name) for name in HOSTS}
    with ExitStack() as stack:
        for name, engine in found.items():
            stack.enter_context(serving(engine, project / HOSTS[name]))
        yield found
